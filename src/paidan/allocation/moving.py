"""One plan beside another of the same orders: their figures, and the orders that go elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from psycopg import Connection

from paidan.engine.codes import Outcome
from paidan.engine.objective import figures
from paidan.engine.plan import Plan
from paidan.engine.problem import F64, I32, I64, Problem
from paidan.kit.copy import copy_in

from .snapshot import Snapshot

_MOVES = {
    "wave_id": "i8",
    "order_id": "i8",
    "before_id": "i4",
    "after_id": "i4",
    "freight_minor": "i8",
    "distance_m": "i8",
    "worth_minor": "i8",
}


@dataclass(frozen=True, slots=True)
class Moves:
    """Orders that another set of warehouses serves, ids; warehouse 0 = nobody. Sums are after − before.

    Of an order in several parcels: the first warehouse it leaves, and the first that comes in its place. `worth` is
    what the pieces and slots it leaves are worth by the plan's prices, less those it takes.
    """

    order_o: I64
    before_o: I32
    after_o: I32
    freight_minor_o: I64
    distance_m_o: I64
    worth_minor_o: I64


def plan_figures(problem: Problem, plan: Plan) -> dict[str, Any]:
    """What a plan comes to, as JSON can hold it; `objective_minor` as the problem format sums it up."""
    known = plan.distance_m_a >= 0
    parcels_o = np.bincount(plan.order_a, minlength=len(plan.outcome_o))
    return {
        "orders": len(plan.outcome_o),
        "served": int((plan.outcome_o == Outcome.ALLOCATED).sum()),
        "unserved": int((plan.outcome_o != Outcome.ALLOCATED).sum()),
        "parcels": len(plan.order_a),
        "split": int((parcels_o > 1).sum()),
        "late": int((plan.late_s_a > 0).sum()),
        "freight_minor": int(plan.freight_minor_a.sum()),
        "distance_m": int(plan.distance_m_a[known].sum()),
        "measured": int(known.sum()),
        "objective_minor": figures(problem, plan).objective,
    }


def moves_between(snapshot: Snapshot, before: Plan, after: Plan) -> Moves:
    """The orders whose set of warehouses differs from one plan to the other."""
    count_w = len(snapshot.network.warehouses)
    was, would = _places(before, count_w), _places(after, count_w)
    moved = np.unique(np.setxor1d(was, would) // count_w) if count_w else np.zeros(0, np.int64)
    warehouse_ids = np.array([*(one.id for one in snapshot.network.warehouses), 0], np.int32)
    freight_o, distance_o = (
        (_summed(after, name) - _summed(before, name))[moved] for name in ("freight_minor_a", "distance_m_a")
    )
    worth_o = _worth(snapshot.problem, before, after) - _worth(snapshot.problem, after, after)
    return Moves(
        order_o=snapshot.id_o[moved],
        before_o=warehouse_ids[_first(was, would, moved, count_w)],
        after_o=warehouse_ids[_first(would, was, moved, count_w)],
        freight_minor_o=freight_o,
        distance_m_o=distance_o,
        worth_minor_o=np.round(worth_o[moved]).astype(np.int64),
    )


def _places(plan: Plan, count_w: int) -> I64:
    """Which warehouses serve which order: order x warehouses + warehouse, each once, ascending."""
    places: I64 = np.unique(plan.order_a.astype(np.int64) * count_w + plan.warehouse_a)
    return places


def _first(mine: I64, others: I64, orders: I64, count_w: int) -> I64:
    """The first warehouse of each order that only this plan has, else its first, else −1."""
    found = np.full(len(orders), -1, np.int64)
    for places in (mine, np.setdiff1d(mine, others)):
        keys, at = np.unique(places // count_w, return_index=True)
        here = np.isin(orders, keys)
        found[here] = places[at[np.searchsorted(keys, orders[here])]] % count_w
    return found


def _summed(plan: Plan, name: str) -> I64:
    """A column of the allocations summed by order; what is unknown (−1) counts nothing."""
    sums = np.bincount(plan.order_a, np.maximum(getattr(plan, name), 0), len(plan.outcome_o))
    return sums.astype(np.int64)


def _worth(problem: Problem, plan: Plan, priced: Plan) -> F64:
    """What each order's pieces and slots are worth by the prices of another plan, float64 (orders,)."""
    stock_sw = np.zeros(problem.available_sw.shape)
    slot_w, slot_t = np.zeros(len(problem.warehouses.id_w)), np.zeros(len(problem.teams.id_t) + 1)
    for one in priced.joint.prices if priced.joint else ():
        if one.sku >= 0:
            stock_sw[one.sku, one.warehouse] = one.minor
        elif one.warehouse >= 0:
            slot_w[one.warehouse] = one.minor
        else:
            slot_t[one.team] = one.minor
    order_p, warehouse_p = plan.order_a[plan.allocation_p], plan.warehouse_a[plan.allocation_p]
    of_pieces = stock_sw[problem.orders.sku_l[plan.line_p], warehouse_p] * plan.qty_p
    of_slots = slot_w[plan.warehouse_a] + slot_t[plan.team_a]  # the last, for −1, is 0
    count = len(plan.outcome_o)
    of_order = np.bincount(order_p, of_pieces, count) + np.bincount(plan.order_a, of_slots, count)
    return of_order.astype(np.float64)


def write_moves(raw: Connection[Any], wave_id: int, moves: Moves) -> None:
    """Keep the moved orders of a wave."""
    rows = len(moves.order_o)
    if not rows:
        return
    columns: dict[str, Any] = {
        "wave_id": np.full(rows, wave_id, np.int64),
        "order_id": moves.order_o,
        "before_id": moves.before_o,
        "after_id": moves.after_o,
        "freight_minor": moves.freight_minor_o,
        "distance_m": moves.distance_m_o,
        "worth_minor": moves.worth_minor_o,
    }
    copy_in(raw, "allocation_wavemove", _MOVES, columns)
