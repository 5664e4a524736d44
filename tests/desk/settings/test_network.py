"""Settings of the network: what a form saves, refuses, says beforehand and logs, and who may."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.builders import (
    GUANGZHOU,
    make_order,
    make_promotion,
    make_shop,
    make_stock,
    make_team,
    make_user,
    make_warehouse,
)
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.by_hand import assign_by_hand
from paidan.engine.codes import Reason
from paidan.network.models import Promotion, Shop, Team, Warehouse
from paidan.orders.models import Order, QueuedOrder
from paidan.orders.states import OrderState

pytestmark = pytest.mark.django_db
KINDS = ("shop", "warehouse", "team", "promotion")


def filled(client, url):
    """What a browser would send back of the form as it is shown."""
    form = client.get(url).context["form"]
    found = {}
    for field in form:
        value = field.value()
        if value is None or value is False:
            continue
        found[field.html_name] = "on" if value is True else value
    for name, value in found.items():
        widget = form[name].field.widget
        if hasattr(widget, "format_value") and not isinstance(value, list):
            found[name] = widget.format_value(value) or ""
            found[name] = found[name][0] if isinstance(found[name], list) else found[name]
    return found


def edit(client, kind, row, **changes):
    url = reverse(f"desk:settings-{kind}-edit", args=[row.pk])
    given = {**filled(client, url), **changes}
    return client.post(url, {name: value for name, value in given.items() if value is not None})


def last_change():
    return ChangeLogEntry.objects.latest("id")


def stuck_order(**fields):
    order = make_order(queued=False, **fields)
    Order.objects.filter(id=order.id).update(state=OrderState.UNALLOCATED, reason=Reason.NOT_COVERED)
    return order


def rows():
    gz = make_warehouse("gz", name="Guangzhou", capacity=100, **GUANGZHOU)
    return {
        "shop": make_shop("jd", name="JD"),
        "warehouse": gz,
        "team": make_team("t1", gz),
        "promotion": make_promotion(),
    }


def test_what_was_not_changed_is_neither_written_nor_logged():
    client = sign_in_as(Role.LEAD).client
    for kind, row in rows().items():
        assert edit(client, kind, row).status_code == 302, kind
    assert not ChangeLogEntry.objects.exists()


def test_a_shop_is_added_with_its_team_and_logged():
    team = make_team("t1", make_warehouse())
    lead = sign_in_as(Role.LEAD)
    given = {"code": "dy", "name": "抖音旗舰店", "platform": "douyin", "active": "on", "ship_within_h": "24"}
    answer = lead.client.post(reverse("desk:settings-shop-new"), {**given, "teams": [team.pk]})
    assert answer["Location"] == reverse("desk:settings-shops")
    shop = Shop.objects.get(code="dy")
    assert (shop.ship_within_h, list(shop.teams.all())) == (24, [team])
    entry = last_change()
    assert (entry.action, entry.by, entry.before) == ("shop.created", lead.user, None)
    assert entry.after["teams"] == ["t1"]


def test_a_code_that_is_taken_and_a_promise_of_nothing_are_said_at_their_fields():
    make_shop("jd")
    answer = sign_in_as(Role.LEAD).client.post(reverse("desk:settings-shop-new"), {"code": "jd", "ship_within_h": "0"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"code", "ship_within_h"}


def test_a_code_once_given_stays():
    shop = make_shop("jd")
    edit(sign_in_as(Role.LEAD).client, "shop", shop, code="other", name="New")
    shop.refresh_from_db()
    assert (shop.code, shop.name) == ("jd", "New")


def test_closing_a_warehouse_with_work_says_so_first():
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz)
    assign_by_hand(make_order().id, warehouse=gz, now=timezone.now())
    client = sign_in_as(Role.LEAD).client
    answer = edit(client, "warehouse", gz, is_open=None)
    assert answer.status_code == 422
    assert "keeps 1 waiting allocation and 0 in progress" in answer.content.decode()
    assert Warehouse.objects.get().is_open
    assert edit(client, "warehouse", gz, is_open=None, confirmed="1").status_code == 302
    assert not Warehouse.objects.get().is_open
    assert (last_change().action, last_change().after) == ("warehouse.changed", {"is_open": False})


def test_less_capacity_than_a_day_has_says_so_first():
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz)
    assign_by_hand(make_order().id, warehouse=gz, now=timezone.now())
    answer = edit(sign_in_as(Role.LEAD).client, "warehouse", gz, capacity="1")
    assert "It is full on" in answer.content.decode()


def test_a_wider_coverage_lets_what_waited_be_tried_again():
    gz = make_warehouse("gz", covers=["330000"], **GUANGZHOU)
    order = stuck_order()
    client = sign_in_as(Role.LEAD).client
    edit(client, "warehouse", gz, name="Only a name")
    assert not QueuedOrder.objects.exists()
    edit(client, "warehouse", gz, covers="330000,440000", excludes="440106")
    gz.refresh_from_db()
    assert (gz.covers, gz.excludes) == (["330000", "440000"], ["440106"])
    assert QueuedOrder.objects.get().order_id == order.id


def test_a_warehouse_says_what_is_wrong_with_its_place_and_coverage():
    client = sign_in_as(Role.LEAD).client
    gz = make_warehouse("gz", **GUANGZHOU)
    answer = edit(client, "warehouse", gz, lng="", region="鼓楼区", timezone="Mars/Base", covers="")
    errors = answer.context["form"].errors
    assert set(errors) == {"lng", "region", "timezone", "__all__"}
    assert "It covers no region." in errors["__all__"][0]


def test_a_warehouse_keeps_its_hours_in_seconds_and_its_region_as_a_number():
    gz = make_warehouse("gz", **GUANGZHOU)
    client = sign_in_as(Role.LEAD).client
    edit(client, "warehouse", gz, region="广州市白云区", handling_h="1.5", cutoff="16:30", weekdays_off=["6"])
    gz.refresh_from_db()
    assert (gz.region, gz.handling_s, f"{gz.cutoff:%H:%M}", gz.weekdays_off) == (440111, 5400, "16:30", [6])


def test_the_tree_opens_ticks_and_finds_without_saving():
    client = sign_in_as(Role.LEAD).client
    url, empty = reverse("desk:settings-coverage"), {"covers": "", "excludes": ""}
    opened = client.post(url, {**empty, "open": "440000"})
    assert [node.name for node in opened.context["nodes"] if node.depth == 1][:1] == ["广州市"]
    ticked = client.post(url, {**empty, "toggle": "440100"})
    assert ticked.context["covers"] == "440100"
    assert {node.name for node in ticked.context["nodes"] if node.tick == "mixed"} == {"广东省"}
    found = client.post(url, {**empty, "q": "天河"})
    assert "广东省广州市天河区" in [node.name for node in found.context["nodes"]]
    assert client.post(url, {**empty, "toggle": "nonsense"}).status_code == 422
    assert client.post(url, {"covers": "*", "toggle": "*"}).context["covers"] == ""


def test_a_place_is_found_by_its_name():
    client = sign_in_as(Role.LEAD).client
    form = client.get(reverse("desk:settings-place"), {"address": "广东省广州市白云区机场路 1 号"}).context["form"]
    assert form["region"].value() == "广东省广州市白云区"
    assert 23 < float(form["lat"].value()) < 24
    assert not client.get(reverse("desk:settings-place"), {"region": "火星"}).context["found"]


def test_a_day_off_is_put_in_and_taken_out_again():
    gz = make_warehouse("gz", **GUANGZHOU)
    order = stuck_order()
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    client, url = sign_in_as(Role.LEAD).client, reverse("desk:settings-day", args=[gz.pk])
    client.post(url, {"day": day})
    assert [(one.day.isoformat(), one.working) for one in gz.days.all()] == [(day, False)]
    assert last_change().after == {"day": day, "working": False}
    client.post(url, {"day": day})
    assert not gz.days.exists()
    assert QueuedOrder.objects.filter(order=order).exists()
    assert client.post(url, {"day": "1999-01-01"}).status_code == 422


def test_a_team_needs_a_warehouse_or_shops_and_keeps_those_out_of_sight():
    mine, hidden = make_shop("mine"), make_shop("hidden")
    team = make_team("t1", None, [mine, hidden])
    client = sign_in_as(Role.LEAD, shops=[mine]).client
    answer = edit(client, "team", team, skills="VIP，gift wrap", shops=[mine.pk], members=[make_user("wang").pk])
    assert answer.status_code == 302
    team.refresh_from_db()
    assert team.skills == ["VIP", "gift wrap"]
    assert set(team.shops.all()) == {mine, hidden}
    assert [one.username for one in team.members.all()] == ["wang"]
    new = {"code": "t9", "ratio": "0", "active": "on"}
    answer = sign_in_as(Role.LEAD).client.post(reverse("desk:settings-team-new"), new)
    assert "warehouse" in answer.context["form"].errors


def test_closing_a_team_with_work_says_so_first():
    gz = make_warehouse("gz", **GUANGZHOU)
    team = make_team("t1", gz)
    make_stock(gz)
    assign_by_hand(make_order().id, warehouse=gz, now=timezone.now())
    answer = edit(sign_in_as(Role.LEAD).client, "team", team, active=None)
    assert "keeps 1 allocation that it has not shipped" in answer.content.decode()
    assert Team.objects.get().active


def test_a_promotion_ends_after_it_starts():
    client, url = sign_in_as(Role.LEAD).client, reverse("desk:settings-promotion-new")
    given = {"code": "1111", "name": "双11", "starts_at": "2026-11-11T00:00", "ends_at": "2026-11-10T00:00"}
    assert "ends_at" in client.post(url, given).context["form"].errors
    assert client.post(url, {**given, "ends_at": "2026-11-12T00:00"}).status_code == 302
    assert Promotion.objects.get().starts_at.isoformat() == "2026-11-10T16:00:00+00:00"


def test_four_people_and_what_they_may():
    found = rows()
    elsewhere = make_warehouse("bj")
    lead, viewer, member = sign_in_as(Role.LEAD).client, sign_in_as(Role.VIEWER).client, sign_in_as(Role.TEAM).client
    stranger = sign_in_as(Role.LEAD, warehouses=[elsewhere]).client
    for kind in KINDS:
        see, change = (reverse(f"desk:settings-{kind}{end}", args=[found[kind].pk]) for end in ("", "-edit"))
        new, every = reverse(f"desk:settings-{kind}-new"), reverse(f"desk:settings-{kind}s")
        assert [lead.get(url).status_code for url in (see, change, new, every)] == [200] * 4
        assert [viewer.get(url).status_code for url in (see, change, new, every)] == [200, 403, 403, 200]
        assert [member.get(url).status_code for url in (see, change, new, every)] == [403] * 4
        assert viewer.post(change).status_code == 403
        assert stranger.get(new).status_code == 404
        assert "disabled" in viewer.get(see).content.decode()
    gz = found["warehouse"]
    for name in ("desk:settings-warehouse", "desk:settings-warehouse-edit"):
        assert stranger.get(reverse(name, args=[gz.pk])).status_code == 404
    assert stranger.post(reverse("desk:settings-day", args=[gz.pk])).status_code == 404
    assert stranger.get(reverse("desk:settings-team", args=[found["team"].pk])).status_code == 404


def test_the_index_counts_and_leads_there():
    rows()
    Shop.objects.create(code="old", active=False)
    groups = sign_in_as(Role.LEAD).client.get(reverse("desk:settings")).context["groups"]
    entries = {str(one["entry"].label): one for one in groups[0][1]}
    assert (entries["Shops"]["number"], entries["Shops"]["note"]) == ("2", "1 closed")
    assert entries["Warehouses"]["url"] == reverse("desk:settings-warehouses")
    network = ["Shops", "Warehouses", "Teams", "Freight", "Ratios and capacities", "Nightly rebalance", "Order check"]
    assert list(entries) == [*network, "Promotions"]


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_ask_the_same_number_of_questions_for_any_number_of_rows(kind):
    def add(first, last):
        for n in range(first, last):
            place, shop = make_warehouse(f"w{n}", covers=["440000"]), make_shop(f"s{n}")
            make_team(f"t{n}", place, [shop]).members.add(make_user(f"u{n}"))
            make_promotion(f"p{n}")

    client, url = sign_in_as(Role.LEAD).client, reverse(f"desk:settings-{kind}s")
    add(0, 3)
    few = queries(client, url)
    add(3, 40)
    assert queries(client, url) == few
    assert queries(client, reverse("desk:settings")) <= 12
