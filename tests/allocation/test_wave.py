"""A wave: what it writes, and what it does when the world changes between its reading and its writing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.allocation import wave as wave_module
from paidan.allocation.holds import release_orders
from paidan.allocation.models import Allocation, Decision, TeamDay, WarehouseDay, Wave
from paidan.allocation.states import AllocationState, WaveState
from paidan.allocation.wave import run_wave, run_waves
from paidan.engine.codes import Reason
from paidan.engine.plan import Plan
from paidan.engine.problem import Problem
from paidan.orders.models import Event, Hold, Order, QueuedOrder
from paidan.orders.states import EventKind, OrderState
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.stock.models import Stock

pytestmark = pytest.mark.django_db


def make_rule(then: dict[str, object] | None = None, when: dict[str, object] | None = None, priority: int = 1) -> Rule:
    version, _ = RuleSetVersion.objects.get_or_create(
        number=1, defaults={"state": VersionState.PUBLISHED, "created_at": NOW}
    )
    action = {"strategies": ["nearest"], **(then or {})}
    return Rule.objects.create(version=version, code=f"r{priority}", priority=priority, when=when or {}, then=action)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something happen after a wave has read and before it writes."""

    def arrange(happen: Callable[[], object]) -> None:
        decide = wave_module.allocate

        def decide_late(problem: Problem) -> Plan:
            plan = decide(problem)
            happen()
            return plan

        monkeypatch.setattr(wave_module, "allocate", decide_late)

    return arrange


def test_a_shanghai_order_goes_to_beijing_and_to_the_shops_own_team() -> None:
    guangzhou, beijing = make_warehouse("gz", **GUANGZHOU), make_warehouse("bj", **BEIJING)
    shop = make_shop("s1")
    make_team("bj-any", beijing)
    own = make_team("bj-s1", beijing, [shop])
    make_stock(guangzhou), make_stock(beijing)
    make_rule({"team": "shop"})
    order = make_order(shop=shop, region="310115")
    report = run_wave(now=NOW)
    allocation = Allocation.objects.get(order=order)
    assert (allocation.warehouse, allocation.team) == (beijing, own)
    assert abs(allocation.distance_m - 1_067_000) <= 25_000  # from Pudong's own coordinates
    assert report.outcomes.allocated == 1


def test_a_wave_reserves_counts_and_records() -> None:
    gz = make_warehouse("gz", **GUANGZHOU)
    team = make_team("t", gz)
    make_stock(gz, on_hand=10)
    rule = make_rule()
    order = make_order({"A": 3})
    report = run_wave(now=NOW, worker="me")
    order.refresh_from_db()
    allocation = order.allocations.get()
    assert order.state == OrderState.ALLOCATED
    assert (allocation.state, allocation.rule, allocation.wave_id) == (AllocationState.ASSIGNED, rule, report.wave_id)
    assert [(part.sku.code, part.qty) for part in allocation.parts.all()] == [("A", 3)]
    assert Stock.objects.get().reserved_qty == 3
    assert WarehouseDay.objects.get().load_n == TeamDay.objects.get().load_n == 1
    assert allocation.team == team
    assert not QueuedOrder.objects.exists()
    assert Event.objects.get(kind=EventKind.ASSIGNED).allocation_id == allocation.id
    wave = Wave.objects.get()
    assert (wave.worker, wave.state, wave.warehouse_ids) == ("me", WaveState.DONE, [gz.id])
    assert wave.statistics["allocated"] == 1


def test_what_cannot_be_served_says_why_on_order_line_and_candidate() -> None:
    gz, bj = make_warehouse("gz", **GUANGZHOU), make_warehouse("bj", is_open=False, **BEIJING)
    make_stock(gz, on_hand=2), make_stock(bj)
    make_rule()
    order = make_order({"A": 3})
    run_wave(now=NOW)
    order.refresh_from_db()
    assert (order.state, order.reason) == (OrderState.UNALLOCATED, Reason.STOCK_SHORT)
    assert order.lines.get().reason == 0  # as the order says
    decision = Decision.objects.get()
    assert list(decision.reason_w) == [Reason.STOCK_SHORT, Reason.PAUSED]
    assert int.from_bytes(decision.short_w[:2], "little") == 1
    assert not QueuedOrder.objects.exists()


def test_a_line_has_a_reason_of_its_own_where_it_differs_from_the_orders() -> None:
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz, "A", on_hand=0)
    make_rule({"split": "by_line", "shortage": "partial"})
    order = make_order([("A", 1), ("odd", 1)], unmapped=["odd"])
    run_wave(now=NOW)
    order.refresh_from_db()
    assert order.reason == Reason.STOCK_SHORT
    assert [line.reason for line in order.lines.order_by("position")] == [0, Reason.UNKNOWN_SKU]


def test_trying_again_in_vain_keeps_one_decision_and_succeeding_clears_the_reasons() -> None:
    gz = make_warehouse("gz", **GUANGZHOU)
    stock = make_stock(gz, on_hand=0)
    make_rule()
    order = make_order()
    for _ in range(2):
        run_wave(now=NOW)
        QueuedOrder.objects.create(order=order)
    assert Decision.objects.count() == 1
    Stock.objects.filter(pk=stock.pk).update(on_hand_qty=5)
    run_wave(now=NOW)
    order.refresh_from_db()
    assert (order.state, order.reason, order.lines.get().reason) == (OrderState.ALLOCATED, 0, 0)


def test_a_rule_that_holds_opens_a_hold() -> None:
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz, on_hand=0)
    make_rule({"otherwise": "hold"})
    order = make_order()
    run_wave(now=NOW)
    assert Hold.objects.get(released_at=None).order == order
    assert not QueuedOrder.objects.exists()


def test_what_somebody_released_is_not_held_again_by_its_rule() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=0)
    make_rule({"otherwise": "hold"})
    order = make_order()
    run_wave(now=NOW)
    release_orders([order.id], now=NOW)
    run_wave(now=NOW)
    order.refresh_from_db()
    assert (order.state, order.reason) == (OrderState.UNALLOCATED, Reason.STOCK_SHORT)
    assert not Hold.objects.filter(released_at=None).exists()


def test_an_order_cancelled_while_the_wave_decides_is_not_allocated(meanwhile: Callable[..., None]) -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    make_rule()
    order = make_order()
    meanwhile(lambda: QueuedOrder.objects.filter(order=order).delete())
    report = run_wave(now=NOW)
    assert report.outcomes.lost == 1
    assert not Allocation.objects.exists()
    assert Stock.objects.get().reserved_qty == 0


def test_an_order_changed_while_the_wave_decides_goes_back_to_the_queue(meanwhile: Callable[..., None]) -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    make_rule()
    order = make_order()
    meanwhile(lambda: Order.objects.filter(id=order.id).update(version=2))
    run_wave(now=NOW)
    assert not Allocation.objects.exists()
    assert QueuedOrder.objects.get().wave_id is None


def test_when_stock_went_meanwhile_the_later_order_loses_and_the_earlier_keeps(meanwhile: Callable[..., None]) -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=2)
    make_rule()
    urgent = make_order(priority=1)
    make_order()
    meanwhile(lambda: Stock.objects.update(on_hand_qty=1))
    report = run_wave(now=NOW)
    assert Allocation.objects.get().order == urgent
    assert report.outcomes.lost == 1
    assert Stock.objects.get().reserved_qty == 1


def test_when_the_warehouse_filled_up_meanwhile_the_later_order_loses(meanwhile: Callable[..., None]) -> None:
    gz = make_warehouse("gz", capacity=2, **GUANGZHOU)
    make_stock(gz)
    make_rule()
    make_order(priority=1), make_order()
    meanwhile(lambda: WarehouseDay.objects.create(warehouse=gz, day=NOW.date(), load_n=1))
    report = run_wave(now=NOW)
    assert (report.outcomes.allocated, report.outcomes.lost) == (1, 1)
    assert WarehouseDay.objects.get().load_n == 2
    assert Stock.objects.get().reserved_qty == 1


def test_a_lease_that_is_held_is_left_alone_until_it_runs_out() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    make_rule()
    make_order()
    QueuedOrder.objects.update(wave_id=999, leased_until=NOW + timedelta(minutes=1))
    assert run_wave(now=NOW).wave_id is None
    assert run_wave(now=NOW + timedelta(minutes=2)).outcomes.allocated == 1


def test_a_wave_that_fails_lets_go_of_its_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    make_rule()
    make_order()

    def fail(_problem: Problem) -> Plan:
        raise RuntimeError("no answer")

    monkeypatch.setattr(wave_module, "allocate", fail)
    with pytest.raises(RuntimeError, match="no answer"):
        run_wave(now=NOW)
    assert QueuedOrder.objects.get().wave_id is None
    assert Wave.objects.get().state == WaveState.FAILED


def test_ratio_credits_go_on_in_the_next_wave_and_start_anew_when_a_ratio_changes() -> None:
    a, b = make_warehouse("a", ratio=1), make_warehouse("b", ratio=1)
    make_stock(a), make_stock(b)
    make_rule({"strategies": ["ratio"]})
    went = []
    for _ in range(4):
        order = make_order()
        run_wave(now=NOW)
        went.append(order.allocations.get().warehouse.code)
    assert went == ["a", "b", "a", "b"]
    make_order()
    run_wave(now=NOW)
    b.ratio = 2
    b.save()
    order = make_order()
    run_wave(now=NOW)
    assert order.allocations.get().warehouse == b
    assert WarehouseDay.objects.get(warehouse=a).credit == pytest.approx(1 / 3)


def test_tags_and_remarks_reach_the_rules() -> None:
    a, b, c = make_warehouse("a"), make_warehouse("b"), make_warehouse("c")
    for place in (a, b, c):
        make_stock(place)
    make_rule({"warehouses": ["a"]}, {"tag": ["vip"]}, 1)
    make_rule({"warehouses": ["b"]}, {"remark": ["加急"]}, 2)
    make_rule({"warehouses": ["c"]}, {}, 3)
    orders = [make_order(tags=["gift", "vip"]), make_order(buyer_remark="请加急发货"), make_order(tags=["gift"])]
    run_wave(now=NOW)
    assert [order.allocations.get().warehouse for order in orders] == [a, b, c]


def test_a_partial_order_is_topped_up_with_what_is_still_open() -> None:
    gz = make_warehouse("gz", **GUANGZHOU)
    stock = make_stock(gz, on_hand=2)
    make_rule({"split": "by_piece", "shortage": "partial"})
    order = make_order({"A": 5})
    run_wave(now=NOW)
    order.refresh_from_db()
    assert order.state == OrderState.PARTIAL
    Stock.objects.filter(pk=stock.pk).update(on_hand_qty=20)
    QueuedOrder.objects.create(order=order)
    run_wave(now=NOW)
    order.refresh_from_db()
    assert order.state == OrderState.ALLOCATED
    assert sorted(part.qty for allocation in order.allocations.all() for part in allocation.parts.all()) == [2, 3]


def test_waves_go_on_until_the_queue_is_empty() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=100)
    make_rule()
    for _ in range(7):
        make_order()
    assert sum(report.outcomes.allocated for report in run_waves(now=NOW)) == 7
    assert run_waves(now=NOW) == []


def test_a_new_sellers_orders_need_no_rule_to_go_to_the_nearest() -> None:
    guangzhou, beijing = make_warehouse("gz", **GUANGZHOU), make_warehouse("bj", **BEIJING)
    make_stock(guangzhou), make_stock(beijing)
    order = make_order(region="310115")
    run_wave(now=NOW)
    assert Allocation.objects.get(order=order).warehouse == beijing
    version = RuleSetVersion.objects.get()
    assert (version.state, version.published_by) == (VersionState.PUBLISHED, None)


def test_what_somebody_published_is_left_as_it_is() -> None:
    make_rule(when={"tag": ["vip"]})
    make_stock(make_warehouse("gz", **GUANGZHOU))
    order = make_order()
    run_wave(now=NOW)
    order.refresh_from_db()
    assert RuleSetVersion.objects.count() == 1
    assert order.state == OrderState.UNALLOCATED
