"""The doctor: every check sees the damage it is for, and nothing where there is none."""

import pytest
from django.db import connection
from tests.builders import NOW, make_bundle, make_order, make_sku, make_stock, make_team, make_warehouse

from paidan.allocation import checks, replay
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders, cancel_pieces
from paidan.allocation.counts import adjust_stock, count_stock
from paidan.allocation.doctor import all_violations
from paidan.allocation.holds import hold_orders
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.orders import checks as orders_checks
from paidan.orders.models import OrderLine
from paidan.stock import checks as stock_checks

pytestmark = pytest.mark.django_db

# The rows a world below has, by name: what the damages refer to.
DAMAGE = {
    "quantity_negative": (
        "ALTER TABLE stock_stock DROP CONSTRAINT stock_quantities_not_negative;"
        "UPDATE stock_stock SET safety_qty = -1 WHERE warehouse_id = {gz}"
    ),
    "on_hand_without_movement": "UPDATE stock_stock SET on_hand_qty = on_hand_qty + 1 WHERE warehouse_id = {gz}",
    "movements_do_not_add_up": "UPDATE stock_stockmovement SET delta_qty = delta_qty + 1 WHERE id = {last_movement}",
    "dangling_movement_sku": "UPDATE stock_stockmovement SET sku_id = 987654 WHERE id = {last_movement}",
    "dangling_movement_warehouse": "UPDATE stock_stockmovement SET warehouse_id = 987654 WHERE id = {last_movement}",
    "pending_not_queued": "DELETE FROM orders_queuedorder WHERE order_id = {pending}",
    "queued_though_held": "INSERT INTO orders_queuedorder (order_id, priority) VALUES ({held}, 0)",
    "queued_though_finished": "INSERT INTO orders_queuedorder (order_id, priority) VALUES ({allocated}, 0)",
    "half_a_lease": "UPDATE orders_queuedorder SET leased_until = now() WHERE order_id = {pending}",
    "merged_into_nothing": "UPDATE orders_order SET state = 7 WHERE id = {held}",
    "merged_pieces_lost": "UPDATE orders_order SET state = 7, merged_into_id = {allocated} WHERE id = {held}",
    "cancelled_more_than_asked": (
        "ALTER TABLE orders_orderline DROP CONSTRAINT orders_line_pieces;"
        "UPDATE orders_orderline SET cancelled_qty = qty + 1 WHERE order_id = {pending}"
    ),
    "dangling_line_order": (
        "ALTER TABLE orders_orderline DROP CONSTRAINT {line_order_key};"
        "UPDATE orders_orderline SET order_id = 987654 WHERE order_id = {pending}"
    ),
    "dangling_line_sku": "UPDATE orders_orderline SET sku_id = 987654 WHERE order_id = {pending}",
    "dangling_line_bundle": "UPDATE orders_orderline SET bundle_id = 987654 WHERE order_id = {pending}",
    "dangling_event_order": "UPDATE orders_event SET order_id = 987654 WHERE order_id = {pending}",
    "reserved_is_not_live": "UPDATE stock_stock SET reserved_qty = reserved_qty - 1 WHERE warehouse_id = {gz}",
    "oversold": "UPDATE stock_stock SET on_hand_qty = reserved_qty - 1 WHERE warehouse_id = {gz}",
    "shortage_is_over": (
        "INSERT INTO orders_orderexception (kind, sku_id, warehouse_id, note, resolution, opened_at)"
        " VALUES (1, {sku}, {gz}, '', '', now())"
    ),
    "pieces_do_not_add_up": "UPDATE orders_orderline SET qty = 1 WHERE order_id = {allocated}",
    "state_is_not_of_pieces": "UPDATE orders_order SET state = 5 WHERE id = {allocated}",
    "unallocated_without_reason": "UPDATE orders_order SET state = 2 WHERE id = {pending}",
    "warehouse_load": "UPDATE allocation_warehouseday SET load_n = load_n + 1 WHERE warehouse_id = {gz}",
    "team_load": "DELETE FROM allocation_teamday",
    "frozen_without_cause": "UPDATE allocation_allocation SET frozen = true WHERE id = {live}",
    "intercept_of_nothing": "UPDATE orders_orderexception SET allocation_id = {live} WHERE kind = 2",
    "hand_back_of_nothing": "UPDATE orders_orderexception SET kind = 8 WHERE kind = 2",
    "empty_allocation": "DELETE FROM allocation_allocationline WHERE allocation_id = {live}",
    "line_of_another": "UPDATE allocation_allocationline SET sku_id = {other_sku} WHERE allocation_id = {live}",
    "reassigned_to_nothing": "UPDATE allocation_allocation SET replaces_id = NULL WHERE id = {moved}",
    "replaces_what_was_not_reassigned": "UPDATE allocation_allocation SET replaces_id = {live} WHERE id = {moved}",
    "lease_of_no_wave": "UPDATE orders_queuedorder SET wave_id = 99, leased_until = now() WHERE order_id = {pending}",
    "dangling_allocation_order": "UPDATE allocation_allocation SET order_id = 987654 WHERE id = {live}",
    "dangling_allocation_warehouse": "UPDATE allocation_allocation SET warehouse_id = 987654 WHERE id = {live}",
    "dangling_allocation_team": "UPDATE allocation_allocation SET team_id = 987654 WHERE id = {live}",
    "dangling_allocation_rule": "UPDATE allocation_allocation SET rule_id = 987654 WHERE id = {live}",
    "dangling_allocation_wave": "UPDATE allocation_allocation SET wave_id = 987654 WHERE id = {live}",
    "dangling_part_allocation": (
        "UPDATE allocation_allocationline SET allocation_id = 987654 WHERE allocation_id = {live}"
    ),
    "dangling_part_line": "UPDATE allocation_allocationline SET line_id = 987654 WHERE allocation_id = {live}",
    "dangling_part_sku": "UPDATE allocation_allocationline SET sku_id = 987654 WHERE allocation_id = {live}",
    "dangling_decision_order": (
        "INSERT INTO allocation_decision (order_id, wave_id, outcome, reason, rank_w, reason_w, short_w)"
        " VALUES (987654, 987654, 0, 0, '', '', '')"
    ),
    "dangling_decision_wave": (
        "INSERT INTO allocation_decision (order_id, wave_id, outcome, reason, rank_w, reason_w, short_w)"
        " VALUES ({pending}, 987654, 0, 0, '', '', '')"
    ),
    "dangling_decision_rule": (
        "INSERT INTO allocation_decision (order_id, wave_id, rule_id, outcome, reason, rank_w, reason_w, short_w)"
        " VALUES ({pending}, 987654, 987654, 0, 0, '', '', '')"
    ),
    "dangling_movement_allocation": "UPDATE stock_stockmovement SET allocation_id = 987654 WHERE kind = 3",
    "dangling_event_allocation": "UPDATE orders_event SET allocation_id = 987654 WHERE allocation_id = {live}",
    "dangling_exception_allocation": "UPDATE orders_orderexception SET allocation_id = 987654 WHERE kind = 2",
    "allocation_is_not_its_events": "UPDATE allocation_allocation SET state = 2 WHERE id = {live}",
    "illegal_step": "UPDATE orders_event SET state = 4 WHERE kind = 5 AND allocation_id = {shipped}",
    "order_is_not_its_events": "UPDATE orders_event SET state = 3 WHERE order_id = {pending}",
    "cancelled_without_event": "UPDATE orders_orderline SET cancelled_qty = 0 WHERE cancelled_qty > 0",
}


@pytest.fixture
def world():
    """Orders in every situation the checks look at, made by the services alone."""
    gz, bj = make_warehouse("gz"), make_warehouse("bj")
    make_team("t1", gz)
    make_bundle("SET", {"A": 1})
    sku, other = make_sku("A"), make_sku("B")
    count_stock([sku.id, sku.id], [gz.id, bj.id], [100, 100], now=NOW)
    adjust_stock(sku_id=sku.id, warehouse_id=gz.id, delta=5, now=NOW)

    def assigned():
        order = make_order({"A": 3})
        return order.id, assign_by_hand(order.id, warehouse=gz, now=NOW)

    pending, held = make_order({"A": 4}), make_order({"A": 1})
    cancel_pieces(pending.id, {OrderLine.objects.get(order=pending).id: 1}, now=NOW)
    hold_orders([held.id], reason="fraud", now=NOW)
    allocated, live = assigned()
    _order, gone = assigned()
    [moved] = reassign_allocations([gone], warehouse=bj, now=NOW).created
    _order, shipped = assigned()
    begun, asked = assigned()
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step([shipped, asked], now=NOW)
    ship_allocations([Shipment(shipped)], now=NOW)
    cancel_orders([begun], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM stock_stockmovement")
        [last_movement] = cursor.fetchone()
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'orders_orderline'::regclass AND contype = 'f'"
            " AND confrelid = 'orders_order'::regclass"
        )
        [line_order_key] = cursor.fetchone()
    return {
        "gz": gz.id,
        "sku": sku.id,
        "other_sku": other.id,
        "pending": pending.id,
        "held": held.id,
        "allocated": allocated,
        "live": live,
        "moved": moved,
        "shipped": shipped,
        "last_movement": last_movement,
        "line_order_key": line_order_key,
    }


@pytest.mark.usefixtures("world")
def test_a_world_made_by_the_services_is_sound():
    assert list(all_violations()) == []


@pytest.mark.parametrize("code", DAMAGE)
def test_every_damage_is_seen_by_its_check(world, code):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DAMAGE[code].format(**world))
    assert code in {violation.code for violation in all_violations()}


def test_every_check_has_a_damage_that_proves_it():
    known = {*stock_checks.CHECKS, *orders_checks.CHECKS, *checks.CHECKS, *replay.CHECKS}
    assert known == set(DAMAGE)


def test_a_violation_says_where_and_what(world):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE allocation_warehouseday SET load_n = 9 WHERE warehouse_id = %s", [world["gz"]])
    [found] = [violation for violation in all_violations() if violation.code == "warehouse_load"]
    assert found.place == f"warehouse {world['gz']} on 2026-11-11"
    assert (found.expected, found.found) == (3, 9)


def test_the_steps_of_the_replay_are_those_of_the_design():
    closed = {AllocationState.CANCELLED, AllocationState.REASSIGNED, AllocationState.SHIPPED}
    assert closed.isdisjoint(state for state in replay.NEXT if state is not None)
    assert AllocationState.REASSIGNED not in replay.NEXT[AllocationState.PACKED]


def test_stock_without_any_movement_is_no_violation():
    make_stock(make_warehouse(), "A", 5)
    assert list(all_violations()) == []
