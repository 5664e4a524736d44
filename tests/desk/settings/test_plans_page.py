"""The grid of planned ratios and capacities: what it shows, what it keeps, what it refuses, and who may."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.builders import make_promotion, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import Plan
from paidan.network.plans import NO_LIMIT, NORMAL, automatic, planned

pytestmark = pytest.mark.django_db


def url():
    return reverse("desk:settings-plans")


def save(client, of="warehouse", value="ratio", **fields):
    """Post fields as {name: (shown, typed)}; names as member__time."""
    posted = {"of": of, "value": value}
    for name, (shown, typed) in fields.items():
        field = name.lstrip("m").replace("__", "/").replace("_", ":")
        posted |= {f"w-{field}": shown, f"c-{field}": typed}
    return client.post(reverse("desk:settings-plans-save"), posted)


@pytest.fixture
def lead():
    return sign_in_as(Role.LEAD).client


def test_it_shows_what_is_normal_for_every_warehouse_and_a_column_per_time(lead):
    gz = make_warehouse("gz", ratio=60, capacity=500)
    make_warehouse("bj", ratio=40)
    make_promotion("1111", timezone.now() + timedelta(days=3))
    make_promotion("past", timezone.now() - timedelta(days=30))
    context = lead.get(url()).context
    assert [time.key for time in context["times"]][:2] == [NORMAL, "weekday:0"]
    assert [time.label for time in context["times"]][8:] == ["1111"]
    assert [row.cells[0].shown for row in context["rows"]] == ["60", "40"]
    assert context["sums"][0] == 100
    capacity = lead.get(url(), {"value": "capacity"}).context
    assert [(str(row.member), row.live) for row in capacity["rows"]] == [(str(gz), "500"), ("bj", "∞")]


def test_only_what_was_changed_is_kept_and_what_is_due_counts_at_once(lead):
    gz, bj = make_warehouse("gz", ratio=60), make_warehouse("bj", ratio=40)
    every_day = {f"m{gz.pk}__weekday_{n}": ("", "80") for n in range(7)}
    answer = save(lead, **every_day, **{f"m{bj.pk}__normal": ("40", "40")})
    assert answer.status_code == 302
    gz.refresh_from_db()
    assert gz.ratio == 80
    assert list(planned("warehouse", "ratio")) == [gz.pk]
    row = lead.get(url()).context["rows"][0]
    assert (row.live, row.differs, row.cells[1].shown) == ("80", False, "80")
    type(gz).objects.filter(pk=gz.pk).update(ratio=5)
    assert lead.get(url()).context["rows"][0].differs


@pytest.mark.parametrize("typed", ["∞", "-"])
def test_a_dash_is_no_limit(lead, typed):
    t1 = make_team("t1", make_warehouse("gz"), capacity=9)
    save(lead, "team", "capacity", **{f"m{t1.pk}__weekday_1": ("", typed)})
    assert planned("team", "capacity")[t1.pk]["weekday:1"] == NO_LIMIT


@pytest.mark.parametrize("typed", ["many", "1.5", "-3", "９９", "9999999999"])
def test_what_is_no_number_is_said_at_its_field_and_nothing_is_kept(lead, typed):
    gz = make_warehouse("gz", ratio=60)
    answer = save(lead, **{f"m{gz.pk}__weekday_1": ("", typed), f"m{gz.pk}__weekday_2": ("", "7")})
    assert answer.status_code == 422
    cells = {cell.name: cell for cell in answer.context["rows"][0].cells}
    assert cells[f"{gz.pk}/weekday:1"].error
    assert cells[f"{gz.pk}/weekday:1"].typed == typed
    assert cells[f"{gz.pk}/weekday:2"].typed == "7"
    assert not Plan.objects.exists()


def test_an_empty_normal_value_is_refused(lead):
    gz = make_warehouse("gz", ratio=60)
    answer = save(lead, **{f"m{gz.pk}__normal": ("60", "")})
    assert answer.status_code == 422
    assert answer.context["rows"][0].cells[0].error


def test_what_was_never_shown_is_left_alone(lead):
    gz = make_warehouse("gz", ratio=60)
    save(lead, **{f"m{gz.pk}__weekday_9": ("", "7"), "m999__normal": ("", "7"), "mx__normal": ("", "7")})
    assert not Plan.objects.exists()


def test_a_viewer_sees_and_cannot_save_and_one_limited_to_elsewhere_sees_nothing():
    gz = make_warehouse("gz", ratio=60)
    viewer = sign_in_as(Role.VIEWER).client
    assert viewer.get(url()).context["may_change"] is False
    assert save(viewer, **{f"m{gz.pk}__weekday_1": ("", "7")}).status_code == 403
    other = make_warehouse("bj")
    limited = sign_in_as(Role.LEAD, warehouses=[other]).client
    assert [row.member for row in limited.get(url()).context["rows"]] == [other]
    save(limited, **{f"m{gz.pk}__weekday_1": ("", "7")})
    assert not Plan.objects.exists()


def test_a_box_lets_the_normal_value_follow_the_advice_and_takes_it_back(lead):
    gz = make_warehouse("gz", ratio=60)
    address = reverse("desk:settings-plans-save")
    lead.post(address, {"of": "warehouse", "value": "ratio", f"s-{gz.pk}": "1", f"a-{gz.pk}": "on"})
    assert automatic("warehouse", "ratio") == {gz.pk}
    assert automatic("warehouse", "capacity") == set()
    assert lead.get(url()).context["rows"][0].automatic
    lead.post(address, {"of": "warehouse", "value": "ratio", f"s-{gz.pk}": "1"})
    assert automatic("warehouse", "ratio") == set()
    assert [entry.after["automatic"] for entry in ChangeLogEntry.objects.order_by("id")] == [True, False]
