"""Freight as a grid, as a file, and as the price of a parcel."""

import io

import pytest
from django.urls import reverse
from tests.builders import make_freight, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import FreightRate

pytestmark = pytest.mark.django_db


@pytest.fixture
def gz():
    return make_warehouse("gz", name="Guangzhou")


@pytest.fixture
def lead():
    return sign_in_as(Role.LEAD).client


def shown(client, warehouse, carrier="sf"):
    """The grid as a browser would send it back."""
    context = client.get(reverse("desk:settings-rates", args=[warehouse.pk, carrier])).context
    lines = context["lines"]
    found = {"seen": context["seen"]}
    for form in [lines.management_form, *lines]:
        for field in form:
            if field.value() is not None and field.value() is not False:
                found[field.html_name] = field.value()
    return found


def save(client, warehouse, given, carrier="sf"):
    return client.post(reverse("desk:settings-rates-edit", args=[warehouse.pk, carrier]), given)


def test_an_unchanged_grid_changes_nothing(lead, gz):
    make_freight(gz, region="440000", first_minor=1250)
    make_freight(gz)
    assert save(lead, gz, shown(lead, gz)).status_code == 302
    assert not ChangeLogEntry.objects.exists()
    assert FreightRate.objects.count() == 2


def test_lines_are_changed_added_and_removed_at_once(lead, gz):
    make_freight(gz)
    make_freight(gz, region="440000")
    given = shown(lead, gz)
    given |= {"rate-0-first_price": "9.90", "rate-1-DELETE": "on"}
    given |= {"rate-2-region": "浙江", "rate-2-first_price": "8", "rate-2-transit_h": "24"}
    save(lead, gz, given)
    found = {rate.region: rate for rate in FreightRate.objects.all()}
    assert set(found) == {0, 330000}
    assert (found[0].first_minor, found[330000].first_minor, found[330000].transit_s) == (990, 800, 86_400)
    entry = ChangeLogEntry.objects.get()
    assert (entry.action, set(entry.before), set(entry.after)) == (
        "freight.changed",
        {"", "440000"},
        {"", "330000", "carrier"},
    )


def test_what_is_wrong_is_said_at_its_cell_and_nothing_is_saved(lead, gz):
    make_freight(gz, region="440000")
    given = shown(lead, gz)
    given |= {"rate-0-first_price": "-1", "rate-1-region": "火星", "rate-1-first_price": "8"}
    answer = save(lead, gz, given)
    assert answer.status_code == 422
    assert [set(errors) for errors in answer.context["lines"].errors[:2]] == [{"first_price"}, {"region"}]
    twice = shown(lead, gz) | {"rate-1-region": "广东省", "rate-1-first_price": "8"}
    assert "stands in two lines" in save(lead, gz, twice).content.decode()
    assert FreightRate.objects.get().first_minor == 1200


def test_two_people_do_not_undo_each_other(lead, gz):
    rate = make_freight(gz)
    given = shown(lead, gz)
    FreightRate.objects.filter(pk=rate.pk).update(first_minor=700)
    answer = save(lead, gz, given | {"rate-0-first_price": "9"})
    assert "changed these rates meanwhile" in answer.content.decode()
    assert FreightRate.objects.get().first_minor == 700


def test_the_price_of_a_parcel_is_by_the_most_specific_line(lead, gz):
    make_freight(gz, first_minor=1200, next_minor=500)
    make_freight(gz, region="440000", first_minor=600, next_minor=100)
    make_freight(make_warehouse("bj"), carrier="yto", first_minor=650, next_minor=0)
    page = lead.get(reverse("desk:settings-freight"), {"kg": "2", "to": "广州市天河区"})
    assert [(one.warehouse.code, one.minor, one.line) for one in page.context["offers"]] == [
        ("bj", 650, "everywhere"),
        ("gz", 700, "广东省"),
    ]
    assert "No such region" in lead.get(reverse("desk:settings-freight"), {"kg": "2", "to": "x"}).content.decode()


def test_a_table_taken_out_comes_in_again_unchanged(lead, gz):
    make_freight(gz, region="440100", first_minor=1234, transit_s=90_000)
    url = reverse("desk:settings-rates-csv", args=[gz.pk, "sf"])
    written = b"".join(lead.get(url).streaming_content)
    file = io.BytesIO(written.replace(b"12.34", b"13.00"))
    file.name = "freight.csv"
    lead.post(reverse("desk:settings-freight-file"), {"file": file})
    rate = FreightRate.objects.get()
    assert (rate.region, rate.first_minor, rate.first_g, rate.transit_s) == (440100, 1300, 1000, 90_000)
    assert ChangeLogEntry.objects.get().action == "freight.imported"


def test_a_new_table_begins_with_its_two_names(lead, gz):
    answer = lead.post(reverse("desk:settings-freight-new"), {"warehouse": gz.pk, "carrier": "sf"})
    assert answer["Location"] == reverse("desk:settings-rates-edit", args=[gz.pk, "sf"])
    assert lead.get(answer["Location"]).status_code == 200
    answer = lead.post(reverse("desk:settings-freight-new"), {"warehouse": gz.pk, "carrier": "a/b"})
    assert "carrier" in answer.context["form"].errors


def test_freight_of_others_is_not_there_and_viewers_only_look(gz):
    make_freight(gz)
    stranger = sign_in_as(Role.LEAD, warehouses=[make_warehouse("bj")]).client
    viewer, member = sign_in_as(Role.VIEWER).client, sign_in_as(Role.TEAM).client
    for name in ("settings-rates", "settings-rates-edit", "settings-rates-csv"):
        url = reverse(f"desk:{name}", args=[gz.pk, "sf"])
        assert stranger.get(url).status_code == 404
        assert member.get(url).status_code == 403
        assert viewer.get(url).status_code == (200 if name == "settings-rates" else 403)
    assert not stranger.get(reverse("desk:settings-freight")).context["tables"]
    assert stranger.post(reverse("desk:settings-freight-file")).status_code == 404
