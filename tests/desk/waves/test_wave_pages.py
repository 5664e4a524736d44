"""The waves' pages: the list, a joint wave beside other plans of its orders, stopping, asking, files; who may."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    SHANGHAI,
    make_freight,
    make_order,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.joint import Jointly, begin_joint
from paidan.allocation.models import JointRun, Wave, WaveClock
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.turns import next_wave
from paidan.allocation.wave import run_wave
from paidan.network.scopes import limit_user
from paidan.orders.models import QueuedOrder
from paidan.rules.services import publish_rules

HOURLY = {"mode": "joint", "every_minutes": 60}


@pytest.fixture
def lead(db):  # noqa: ARG001 - it needs the database
    return sign_in_as(Role.LEAD)


@pytest.fixture
def seller(lead):  # noqa: ARG001
    """One cup in Beijing that two orders want; the second needs it more, and no cup at all for a third."""
    now = timezone.now()
    make_sku("A", name="Cup")
    bj, gz = make_warehouse("bj", name="Beijing", **BEIJING), make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    for place, price in ((bj, 1000), (gz, 1200)):
        make_team(f"t{place.code}", place)
        make_freight(place, "sf", first_minor=price)
    make_freight(gz, "sf", region="110000", first_minor=9000)
    make_stock(bj, "A", 1), make_stock(gz, "A", 1)
    rules = [{"id": "r", "name": "Fast", "then": {"strategies": ["fastest", "nearest"]}}]
    publish_rules({"rules": rules}, now=now)
    make_order(number="N1", region="310115", now=now, **SHANGHAI)
    make_order(number="N2", region="110105", now=now, **BEIJING)
    make_order(number="N3", region="310115", now=now, **SHANGHAI)
    return now


@pytest.fixture
def decided(seller):
    report = run_wave(now=seller, joint=Jointly(seconds=5.0, gap=0.0))
    return Wave.objects.get(pk=report.wave_id)


def page_of(who, wave, **query):
    return who.client.get(reverse("waves:one", args=[wave.pk]), query)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_joint_wave_stands_beside_the_rules_and_beside_nearest_first(lead, decided):
    page = page_of(lead, decided)
    assert [str(one) for one in page.context["columns"]] == ["nearest first", "the rules, order by order", "jointly"]
    rows = {row.label: row for row in page.context["results"]}
    assert rows["Freight"].cells[-1] == "¥22"
    assert (rows["Freight"].change, rows["Freight"].better) == ("−¥78", True)
    assert rows["Not served"].cells[-1] == "1"
    assert "No plan of these orders costs less: this is proven." in text_of(page)


def test_rules_that_are_nearest_first_need_no_column_of_their_own(lead, seller):
    publish_rules([{"id": "r", "then": {"strategies": ["nearest"]}}], now=seller)
    wave = Wave.objects.get(pk=run_wave(now=seller, joint=Jointly(seconds=5.0)).wave_id)
    assert [str(one) for one in page_of(lead, wave).context["columns"]] == ["nearest first", "jointly"]


def test_what_was_scarce_has_a_price_in_words(lead, decided):
    page = page_of(lead, decided)
    assert decided.joint.prices
    assert any(re.search(r"One more “Cup” in (Beijing|Guangzhou) would have saved ¥", one.words)
               for one in page.context["prices"])  # fmt: skip


def test_of_many_prices_ten_are_shown_and_all_where_asked(lead, decided):
    JointRun.objects.filter(pk=decided.pk).update(prices=[[0, 1, 0, 900 - at] for at in range(30)])
    assert len(page_of(lead, decided).context["prices"]) == 10
    assert len(page_of(lead, decided, prices="all").context["prices"]) == 30
    rows = list(
        csv.reader(
            io.StringIO(
                lead.client.get(reverse("waves:prices", args=[decided.pk, "csv"])).getvalue().decode("utf-8-sig")
            )
        )
    )
    assert len(rows) == 31


def test_orders_that_went_elsewhere_are_listed_and_filtered_by_where_from(lead, decided):
    page = page_of(lead, decided)
    flows = {(str(flow["from"]), str(flow["to"])): flow for flow in page.context["flows"]}
    assert ("Beijing", "Guangzhou") in flows
    assert ("unallocated", "Beijing") in flows
    flow = flows["Beijing", "Guangzhou"]
    chosen = page_of(lead, decided, **{"from": flow["before_id"], "to": flow["after_id"]})
    assert len(chosen.context["moves"]) == 1
    lines = lead.client.get(reverse("waves:moves", args=[decided.pk, "csv"])).getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert {row["jointly"] for row in rows} == {"Beijing", "Guangzhou", "unallocated"}


def test_the_page_is_a_read(lead, decided, django_assert_max_num_queries):
    lead.client.get(reverse("waves:one", args=[decided.pk]))
    with django_assert_max_num_queries(25):
        page_of(lead, decided)


def test_a_wave_that_decides_one_by_one_has_a_page_too(lead, seller):
    wave = Wave.objects.get(pk=run_wave(now=seller).wave_id)
    page = page_of(lead, wave)
    assert "Orders decided one by one" in text_of(page)
    assert "What became of the orders" in text_of(page)


def test_the_list_tells_joint_waves_from_others_and_what_they_saved(lead, seller):
    make_order(number="by-itself", now=seller)
    run_wave(now=seller, limit=1)
    run_wave(now=seller, joint=Jointly(seconds=5.0))
    everything = lead.client.get(reverse("waves:list"))
    assert len(everything.context["rows"]) == 2
    [row] = lead.client.get(reverse("waves:list"), {"mode": "joint"}).context["rows"]
    assert row["joint"]
    assert row["saved"] is not None


def test_a_running_wave_shows_how_far_it_is_and_is_stopped_by_a_person(lead, seller):
    wave = Wave.objects.create(worker="w", started_at=seller, mode=WaveMode.JOINT)
    begin_joint(wave, 3, Jointly())
    JointRun.objects.filter(pk=wave.pk).update(chart=[[0.1, 1200, None], [0.5, 1100, 1000]])
    assert "at most 10.00% above the best possible" in text_of(page_of(lead, wave))
    answer = lead.client.post(reverse("waves:stop", args=[wave.pk]), follow=True)
    assert "The search ends within a moment" in text_of(answer)
    assert JointRun.objects.get(pk=wave.pk).stop_asked_by == lead.user
    again = lead.client.post(reverse("waves:stop", args=[wave.pk]), follow=True)
    assert "It had ended already" in text_of(again)


def test_a_wave_that_broke_off_says_that_nothing_is_lost(lead, seller):
    wave = Wave.objects.create(worker="w", started_at=seller, mode=WaveMode.JOINT, state=WaveState.FAILED)
    assert "This wave broke off" in text_of(page_of(lead, wave))


def test_a_wave_whose_worker_was_killed_is_not_said_to_run_for_ever(lead, seller):
    wave = Wave.objects.create(worker="w", started_at=seller - timedelta(hours=1), mode=WaveMode.JOINT)
    begin_joint(wave, 3, Jointly())
    publish_rules({"rules": [], "waves": HOURLY}, now=seller)
    assert "This wave broke off" in text_of(page_of(lead, wave))
    assert next_wave(seller).running is None
    QueuedOrder.objects.update(wave_id=wave.pk, leased_until=timezone.now() + timedelta(minutes=5))
    assert "This wave broke off" not in text_of(page_of(lead, wave))
    assert next_wave(seller).running == wave


def test_a_joint_wave_is_asked_for_where_rules_decide_jointly(lead, seller):
    refused = lead.client.post(reverse("waves:now"), follow=True)
    assert "one by one" in text_of(refused)
    assert not WaveClock.objects.exists()
    publish_rules({"rules": [], "waves": HOURLY}, now=seller)
    lead.client.post(reverse("waves:now"))
    assert WaveClock.objects.get().asked_by == lead.user


def test_the_dashboard_and_a_waiting_order_say_when_the_next_joint_wave_is(lead, seller):
    publish_rules({"rules": [], "waves": HOURLY}, now=seller)
    today = text_of(lead.client.get(reverse("desk:dashboard")))
    assert re.search(r"Next joint wave (today|tomorrow) \d\d:00\. 3 orders wait", today)
    order = make_order(number="N4", now=seller)
    said = text_of(lead.client.get(reverse("desk:order", args=[order.pk])))
    assert "It waits to be decided together with others." in said
    assert "Next joint wave" in said


def test_an_order_leads_to_its_wave(lead, decided):
    order = decided.moves.first().order
    page = lead.client.get(reverse("desk:order", args=[order.pk]))
    assert reverse("waves:one", args=[decided.pk]) in page.content.decode()


def test_those_limited_to_a_shop_do_not_see_waves_and_who_only_looks_stops_none(decided):
    limited = sign_in_as(Role.CLERK)
    limit_user(limited.user, shops=[make_shop()])
    assert limited.client.get(reverse("waves:list")).status_code == 404
    assert page_of(limited, decided).status_code == 404
    viewer = sign_in_as(Role.VIEWER)
    assert page_of(viewer, decided).status_code == 200
    assert viewer.client.post(reverse("waves:stop", args=[decided.pk])).status_code == 403
    assert viewer.client.post(reverse("waves:now")).status_code == 403


def test_older_waves_are_a_page_further(lead, seller, monkeypatch):
    monkeypatch.setattr("paidan.desk.newest.SHOWN", 2)
    keys = [Wave.objects.create(worker="w", started_at=seller).pk for _ in range(3)]
    first = lead.client.get(reverse("waves:list")).context
    assert ([row["one"].pk for row in first["rows"]], first["older"]) == ([keys[2], keys[1]], keys[1])
    last = lead.client.get(reverse("waves:list"), {"before": first["older"]}).context
    assert ([row["one"].pk for row in last["rows"]], last["older"]) == ([keys[0]], None)
    assert lead.client.get(reverse("waves:list"), {"before": "9" * 30}).status_code == 200
