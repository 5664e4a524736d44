"""Facts summed into cells: for every view, one row of measures per day and pair of values that occurs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from paidan.allocation.states import COUNTED, DECIDED, STARTED, AllocationState, Origin
from paidan.kit.copy import POSTGRES_EPOCH_S
from paidan.orders.states import OrderState

from .dimensions import OF_ALLOCATIONS, OF_ORDERS, Dimension, views_among
from .facts import OPEN_STATES, Columns, Facts
from .spans import BUCKETS, buckets_of

SPANS = ("to_allocated", "to_accepted", "to_shipped", "whole")
ORDER_MEASURES = (
    *("received_n", "pending_n", "stuck_n", "held_n", "allocated_n", "fulfilled_n", "cancelled_n", "merged_n"),
    *("troubled_n", "amount_minor"),
)
ALLOCATION_MEASURES = (
    *("auto_n", "hand_n", "waiting_n", "progress_n", "shipped_n", "gone_n", "out_n", "in_n", "split_n", "problems_n"),
    *("measured_n", "due_n", "on_time_n", "overdue_n", "orders_n", "split_orders_n", "orders_w_n", "orders_t_n"),
    *("orders_r_n", "distance_m", "freight_minor", *(f"{span}_s" for span in SPANS)),
)
MEASURES = (*ORDER_MEASURES, *ALLOCATION_MEASURES)
Booleans = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]
Table = dict[str, npt.NDArray[Any]]
"""Columns `day`, `view`, `a`, `b`, every measure, and the counts (n, BUCKETS) of every span."""


def order_measures(orders: Columns) -> dict[str, I64]:
    """What each order adds to the measures of orders, as the order desk's tabs count it."""
    state, held = orders["state"], orders["held"]

    def in_state(*states: OrderState) -> I64:
        return (np.isin(state, [int(one) for one in states]) & ~held).astype(np.int64)

    return {
        "received_n": np.ones(len(state), np.int64),
        "pending_n": in_state(OrderState.PENDING),
        "stuck_n": in_state(*OPEN_STATES),
        "held_n": held.astype(np.int64),
        "allocated_n": in_state(OrderState.ALLOCATED),
        "fulfilled_n": (state == OrderState.FULFILLED).astype(np.int64),
        "cancelled_n": in_state(OrderState.CANCELLED),
        "merged_n": in_state(OrderState.MERGED),
        "troubled_n": orders["troubled"].astype(np.int64),
        "amount_minor": orders["amount"].astype(np.int64),
    }


def allocation_measures(found: Columns, now: datetime) -> tuple[dict[str, I64], dict[str, I64]]:
    """What each allocation adds to the measures, and its spans in seconds (−1 = none)."""
    state = found["state"]
    counted = np.isin(state, [int(one) for one in COUNTED])
    shipped = state == AllocationState.SHIPPED
    first = counted & _first(counted, found["order"])
    split = counted & (found["each"] > 1)
    moment = int((now.timestamp() - POSTGRES_EPOCH_S) * 1_000_000)
    overdue = counted & ~shipped & found["has_due"] & (found["due"] < moment)
    due = (shipped & found["has_due"]) | overdue
    measured = counted & (found["distance"] >= 0)
    spans = _spans(found, counted, shipped)
    given: dict[str, Any] = {
        "auto_n": counted & np.isin(found["origin"], [int(one) for one in DECIDED]),
        "hand_n": counted & (found["origin"] == Origin.BY_HAND),
        "waiting_n": state == AllocationState.ASSIGNED,
        "progress_n": np.isin(state, [int(one) for one in STARTED]),
        "shipped_n": shipped,
        "gone_n": state == AllocationState.CANCELLED,
        "out_n": state == AllocationState.REASSIGNED,
        "in_n": found["replaces"],
        "split_n": split,
        "problems_n": found["problems"],
        "measured_n": measured,
        "due_n": due,
        "on_time_n": shipped & found["has_due"] & (found["state_at"] <= found["due"]),
        "overdue_n": overdue,
        "orders_n": first,
        "split_orders_n": first & split,
        "orders_w_n": counted & _first(counted, found["order"], found["warehouse"]),
        "orders_t_n": counted & _first(counted, found["order"], found["team"]),
        "orders_r_n": counted & _first(counted, found["order"], found["rule"]),
        "distance_m": np.where(measured, found["distance"], 0),
        "freight_minor": np.where(counted, found["freight"], 0),
        **{f"{name}_s": np.maximum(span, 0) for name, span in spans.items()},
    }
    return {name: np.asarray(values).astype(np.int64) for name, values in given.items()}, spans


def _spans(found: Columns, counted: Booleans, shipped: Booleans) -> dict[str, I64]:
    accepted = counted & (found["accepted"] >= 0) & (found["state"] != AllocationState.ASSIGNED)

    def between(begin: str, end: str, which: Booleans) -> I64:
        seconds = np.maximum(found[end].astype(np.int64) - found[begin].astype(np.int64), 0) // 1_000_000
        return np.where(which, seconds, -1)

    return {
        "to_allocated": between("came", "created", counted),
        "to_accepted": between("created", "accepted", accepted),
        "to_shipped": between("accepted", "state_at", shipped & accepted),
        "whole": between("came", "state_at", shipped),
    }


def _first(counted: Booleans, *keys: npt.NDArray[Any]) -> Booleans:
    """Where each combination of keys occurs first among the counted (rows ascend by id)."""
    rows = np.flatnonzero(counted)
    order = np.lexsort((rows, *(key[rows] for key in reversed(keys))))
    ordered = [key[rows][order] for key in keys]
    new = np.ones(len(rows), np.bool_)
    if len(rows) > 1:
        new[1:] = np.any([key[1:] != key[:-1] for key in ordered], axis=0)
    found = np.zeros(len(counted), np.bool_)
    found[rows[order[new]]] = True
    return found


def cells_of(facts: Facts, now: datetime, views: Sequence[tuple[int, Dimension, Dimension]] | None = None) -> Table:
    """All cells of these facts, or those of the views asked for; overdue is as at `now`."""
    orders, allocations = facts.orders, _with_orders(facts)
    of_order = order_measures(orders)
    of_allocation, spans = allocation_measures(allocations, now)
    stuck = np.flatnonzero(orders["held"] | np.isin(orders["state"], [int(one) for one in OPEN_STATES]))
    only_stuck = {name: column[stuck] for name, column in orders.items()}
    of_stuck = {name: column[stuck] for name, column in of_order.items()}
    parts = []
    for view, a, b in views_among(OF_ORDERS) if views is None else views:
        if a in OF_ORDERS or a == Dimension.NONE:
            with_reason = Dimension.REASON in (a, b)
            if b in (*OF_ORDERS, Dimension.NONE):
                rows, measures = (only_stuck, of_stuck) if with_reason else (orders, of_order)
                parts.append(_summed(view, a, b, rows, measures, {}))
    for view, a, b in views_among(OF_ALLOCATIONS) if views is None else views:
        if Dimension.REASON not in (a, b):
            parts.append(_summed(view, a, b, allocations, of_allocation, spans))
    return _merged(parts)


def _with_orders(facts: Facts) -> Columns:
    at = facts.allocations["at"]
    return facts.allocations | {name: facts.orders[name][at] for name in ("shop", "region")}


def _summed(
    view: int, a: Dimension, b: Dimension, rows: Columns, measures: dict[str, I64], spans: dict[str, I64]
) -> Table:
    """One view: the rows grouped by day and the two dimensions, in one pass over the numbers each group gets."""
    count = len(rows["day"])
    zeros = np.zeros(count, np.int64)
    keys = [rows["day"], *(rows[one.name.lower()] if one else zeros for one in (a, b))]
    values, codes = zip(*(np.unique(key, return_inverse=True) for key in keys), strict=True)
    sizes = [max(len(one), 1) for one in values]
    code = (codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2]
    space = sizes[0] * sizes[1] * sizes[2]
    used = np.flatnonzero(np.bincount(code, minlength=space)) if count else np.zeros(0, np.int64)
    table: Table = {"view": np.full(len(used), view), "day": values[0][used // (sizes[1] * sizes[2])].astype(np.int64)}
    table["a"] = values[1][used // sizes[2] % sizes[1]].astype(np.int64)
    table["b"] = values[2][used % sizes[2]].astype(np.int64)
    for name, numbers in measures.items():
        # Sums of integers below 2^53 are exact in floats.
        table[name] = np.rint(np.bincount(code, numbers, space)[used]).astype(np.int64)
    place = np.zeros(space, np.int64)
    place[used] = np.arange(len(used))
    for name, seconds in spans.items():
        there = seconds >= 0
        at = place[code[there]] * BUCKETS + buckets_of(seconds[there])
        table[name] = np.bincount(at, minlength=len(used) * BUCKETS).reshape(len(used), BUCKETS)
    return table


def _merged(parts: list[Table]) -> Table:
    """The tables below each other; what one does not measure is zero; cells both have are one."""
    keys = [np.concatenate([part[name] for part in parts]) for name in ("view", "day", "a", "b")]
    together = np.stack(keys, axis=1) if len(keys[0]) else np.zeros((0, 4), np.int64)
    distinct, place = np.unique(together, axis=0, return_inverse=True)
    place = place.ravel()
    table: Table = {name: distinct[:, at] for at, name in enumerate(("view", "day", "a", "b"))}
    sizes = np.cumsum([0, *(len(part["view"]) for part in parts)])
    for name in (*MEASURES, *SPANS):
        table[name] = np.zeros((len(distinct), BUCKETS) if name in SPANS else len(distinct), np.int64)
        for at, part in enumerate(parts):
            if name in part:
                # A part has each key once, so plain adding loses nothing.
                table[name][place[sizes[at] : sizes[at + 1]]] += part[name]
    return table
