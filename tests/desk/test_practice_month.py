"""Three days of the practice month, lived through the ordinary services, and what the demo makes of the promotion."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count
from rich.console import Console

from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import LIVE, AllocationState
from paidan.allocation.wave import run_waves
from paidan.cli import demo
from paidan.desk.imports import import_file
from paidan.desk.practice import month
from paidan.desk.practice.orders import CHINA, PER_DAY, PROMOTION_TIMES, SHOWN_NUMBER
from paidan.desk.practice.rules import rule_set
from paidan.engine.codes import Reason
from paidan.network.models import FreightRate, Shop, Team, Warehouse
from paidan.orders.models import Event, Order
from paidan.orders.states import EventKind, OrderState

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=CHINA)
MIDNIGHT = NOON.replace(hour=0)
DAYS = 3


pytestmark = pytest.mark.usefixtures("_lived")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice")


@pytest.fixture(scope="module")
def _month(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[None]:  # noqa: ARG001
    """One life for all tests here, for it takes seconds; taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        month.load_network(folder, NOON, DAYS)
        month.play(folder, NOON, lambda _done, _total: None, DAYS)
        run_waves(now=NOON)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _lived(_month: None, db: None) -> None:
    """A test may look at the month and change it; the next one sees it as it was."""


def test_every_invariant_holds_after_the_month():
    assert list(all_violations()) == []


def test_the_network_is_all_there():
    counts = [model.objects.count() for model in (Shop, Warehouse, Team, FreightRate)]
    assert counts == [4, 6, 12, 6 * 2 * 31]


def test_all_orders_came_in_and_none_from_the_future():
    today = Order.objects.filter(paid_at__gte=MIDNIGHT)
    assert today.count() == PROMOTION_TIMES * PER_DAY
    assert Order.objects.count() - today.count() == pytest.approx(DAYS * PER_DAY, rel=0.1)
    assert not Order.objects.filter(received_at__gt=NOON).exists()
    assert not Event.objects.filter(at__gt=NOON).exists()


def test_orders_come_in_after_they_are_paid_and_are_allocated_after_they_came():
    for order in Order.objects.filter(state=OrderState.FULFILLED)[:200]:
        moments = list(Event.objects.filter(order=order).order_by("id").values_list("at", flat=True))
        assert order.paid_at <= order.received_at == moments[0]
        assert moments == sorted(moments)


def test_yesterdays_orders_are_mostly_on_their_way_and_todays_mostly_allocated():
    before = Order.objects.filter(paid_at__lt=MIDNIGHT - timedelta(days=1))
    today = Order.objects.filter(paid_at__gte=MIDNIGHT)
    assert before.filter(state=OrderState.FULFILLED).count() > 0.6 * before.count()
    assert 0.8 * today.count() < today.filter(state=OrderState.ALLOCATED).count() < 0.98 * today.count()


def test_every_reason_an_order_can_be_stuck_for_is_met():
    met = set(Order.objects.filter(state=OrderState.UNALLOCATED).values_list("reason", flat=True))
    assert met == {Reason.STOCK_SHORT, Reason.ADDRESS_UNRESOLVED, Reason.UNKNOWN_SKU, Reason.HELD}


def test_every_rule_but_the_one_that_holds_allocates_something():
    used = set(Allocation.objects.values_list("rule__code", flat=True).distinct())
    listed = {rule["id"] for rule in rule_set()["rules"]}
    assert used >= listed - {"ask-first"}


def test_every_team_has_something_to_do_and_some_have_all_they_can():
    assert Allocation.objects.values("team").distinct().count() == 12
    busy = Allocation.objects.filter(state__in=LIVE, work_day=NOON.date()).values("team__capacity", "team")
    full = [row for row in busy.annotate(load=Count("id")) if row["load"] >= row["team__capacity"]]
    assert 1 <= len(full) <= 6


def test_teams_differ_in_speed():
    spans: dict[str, list[float]] = {}
    shipped = Allocation.objects.filter(state=AllocationState.SHIPPED)
    for team, start, end in shipped.values_list("team__code", "created_at", "state_at"):
        spans.setdefault(team, []).append((end - start).total_seconds())
    means = [sum(times) / len(times) for times in spans.values() if len(times) > 5]
    assert max(means) > 1.3 * min(means)


def test_people_left_their_traces():
    kinds = set(Event.objects.values_list("kind", flat=True).distinct())
    wanted = {EventKind.HELD, EventKind.RELEASED, EventKind.CANCELLED, EventKind.REASSIGNED, EventKind.HANDED_BACK}
    assert kinds >= wanted
    assert Event.objects.filter(by__username="clerk").exists()


def test_the_order_the_demo_shows_goes_to_beijing_to_the_shops_own_team():
    allocation = Allocation.objects.get(order__number=SHOWN_NUMBER)
    assert allocation.warehouse.code == "bj"
    assert allocation.team is not None
    assert allocation.team.code == "bj-jd"
    assert allocation.rule is not None
    assert allocation.rule.code == "jd-own-team"
    assert allocation.distance_m / 1000 == pytest.approx(1067, abs=10)


@pytest.mark.parametrize(
    "kind", ["sku", "bundle", "shop", "shop_sku", "warehouse", "team", "freight", "calendar", "promotion"]
)
def test_importing_a_file_of_the_network_again_changes_nothing(folder, kind):
    report = import_file(kind, folder / f"{kind}.csv", now=NOON)
    assert report.rows > 0
    assert (report.created, report.changed, report.rejects.rows) == (0, 0, 0)


def test_the_data_folder_has_orders_and_stock_as_files(folder):
    rows = 0
    for path in (folder / "order").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += len({(row["shop"], row["number"]) for row in csv.DictReader(file)})
    assert rows == Order.objects.count()
    assert len(list((folder / "stock").glob("*.csv"))) == 2


def test_the_demo_prints_its_tables_and_ends_well(monkeypatch, capsys):
    console = Console(file=StringIO(), width=160)
    monkeypatch.setattr(demo, "clock", lambda: NOON)
    assert demo.run_demo(console, serve=False) == 0
    printed = console.file.getvalue() + capsys.readouterr().out
    assert "北京京东组" in printed
    assert "stock short" in printed
    assert "doctor: 0 violations" in printed
    assert "1,067 km" in printed
