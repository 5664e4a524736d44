"""The figures of a replay: cost, distance, splits, lateness, what stayed open, load per day, who moved where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paidan.engine.codes import Outcome
from paidan.engine.problem import I32, I64, Bools

from .history import distinct, positions, tally
from .replay import Replayed


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the orders of a period, each by the last try that allocated something of it."""

    orders: int
    served: int  # orders of which at least one piece is allocated
    parcels: int
    split: int  # orders in more than one parcel
    late: int  # parcels that arrive after their ship-by
    freight_minor: int
    distance_m: int  # of the parcels whose distance is known
    measured: int  # parcels whose distance is known
    unserved: dict[int, int]  # engine reason → orders nothing is allocated of
    load_w: dict[tuple[int, int], int]  # (warehouse id, day since 1970) → parcels
    load_t: dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Moves:
    """Orders that another set of warehouses serves. Axis o: those orders; 0 = nobody.

    Of an order in several parcels: the first parcel that goes elsewhere, and where to.
    """

    order_o: I64
    before_o: I32
    after_o: I32
    freight_minor_o: I64  # after − before
    distance_m_o: I64

    def by_flow(self) -> list[tuple[int, int, int]]:
        """(from, to, orders), most first."""
        flows = [(a, b, n) for a, b, n in tally(self.before_o, self.after_o)]
        return sorted(flows, key=lambda flow: (-flow[2], flow[:2]))


@dataclass(frozen=True, slots=True)
class Parcels:
    """The allocations of each order's last wave that allocated something: earlier ones were given back.

    Axes: o orders that have any, ascending; a their allocations as decided, those of o are ptr[o]:ptr[o + 1].
    """

    order_o: I64
    ptr: I64
    row_a: I64  # rows of the replay


def parcels_of(replayed: Replayed) -> Parcels:
    """Group a replay's final allocations by order."""
    order_o = distinct(replayed.order_a)
    at_a = positions(replayed.order_a, order_o)
    last_o = np.zeros(len(order_o), np.int64)
    last_o[at_a] = replayed.wave_a  # the last of an order's rows is what stays written
    final = np.flatnonzero(replayed.wave_a == last_o[at_a])
    row_a = final[np.argsort(at_a[final], kind="stable")].astype(np.int64)
    counts = np.bincount(at_a[final], minlength=len(order_o))
    return Parcels(order_o, np.concatenate(([0], np.cumsum(counts))).astype(np.int64), row_a)


def figures(replayed: Replayed, parcels: Parcels) -> Figures:
    """Sum a replay up."""
    rows = parcels.row_a
    known = replayed.distance_m_a[rows] >= 0
    return Figures(
        orders=len(distinct(replayed.order_n)),
        served=len(parcels.order_o),
        parcels=len(rows),
        split=int((np.diff(parcels.ptr) > 1).sum()),
        late=int((replayed.late_s_a[rows] > 0).sum()),
        freight_minor=int(replayed.freight_minor_a[rows].sum()),
        distance_m=int(replayed.distance_m_a[rows][known].sum()),
        measured=int(known.sum()),
        unserved=_unserved(replayed, parcels.order_o),
        load_w=_per_day(replayed.warehouse_a[rows], replayed.day_a[rows]),
        load_t=_per_day(replayed.team_a[rows], replayed.day_a[rows]),
    )


def moves(before: Replayed, after: Replayed, was: Parcels, would: Parcels) -> Moves:
    """The orders whose warehouses differ between two replays of one period, given with their parcels."""
    keys = distinct(np.concatenate([was.order_o, would.order_o]))
    at, to = positions(keys, was.order_o), positions(keys, would.order_o)
    place_a, place_b = before.warehouse_a[was.row_a], after.warehouse_a[would.row_a]
    first_a, first_b = _first(place_a, was, at), _first(place_b, would, to)
    changed = first_a != first_b
    several = np.flatnonzero((_count(was, at) > 1) | (_count(would, to) > 1))
    for key in several.tolist():
        pair = _turn(_places(place_a, was, int(at[key])), _places(place_b, would, int(to[key])))
        changed[key] = pair is not None
        first_a[key], first_b[key] = pair or (0, 0)
    cost_a, way_a = _sums(before, was)
    cost_b, way_b = _sums(after, would)
    return Moves(
        order_o=keys[changed],
        before_o=first_a[changed],
        after_o=first_b[changed],
        freight_minor_o=(cost_b[to] - cost_a[at])[changed],
        distance_m_o=(way_b[to] - way_a[at])[changed],
    )


def _first(place_a: I32, parcels: Parcels, at: I32) -> I32:
    """The warehouse of the first parcel of the orders at these positions, 0 where there is none (position −1)."""
    first: I32 = np.append(place_a[parcels.ptr[:-1]], 0).astype(np.int32)
    return first[at]


def _count(parcels: Parcels, at: I32) -> I64:
    counts: I64 = np.append(np.diff(parcels.ptr), 0)
    return counts[at]


def _places(place_a: I32, parcels: Parcels, at: int) -> list[int]:
    places: list[int] = place_a[parcels.ptr[at] : parcels.ptr[at + 1]].tolist() if at >= 0 else []
    return places


def _turn(was: list[int], would: list[int]) -> tuple[int, int] | None:
    """From where to where an order in several parcels moves: the first that leaves, the first that comes."""
    gone, come = Counter(was), Counter(would)
    leaves = [place for place in was if gone[place] > come[place]]
    comes = [place for place in would if come[place] > gone[place]]
    if not leaves and not comes:
        return None
    return (leaves or was or [0])[0], (comes or would or [0])[0]


def _sums(replayed: Replayed, parcels: Parcels) -> tuple[I64, I64]:
    """Freight and metres per order; the last, for position −1, is 0."""
    sums = []
    for column in (replayed.freight_minor_a, np.maximum(replayed.distance_m_a, 0)):
        total: npt.NDArray[np.int64] = np.concatenate(([0], np.cumsum(column[parcels.row_a], dtype=np.int64)))
        sums.append(np.append(np.diff(total[parcels.ptr]), 0))
    return sums[0], sums[1]


def _unserved(replayed: Replayed, served_o: I64) -> dict[int, int]:
    """Reasons of the last tries of orders that nothing is allocated of."""
    open_n: Bools = (replayed.outcome_n != Outcome.ALLOCATED) & (positions(replayed.order_n, served_o) < 0)
    order, reason = replayed.order_n[open_n][::-1], replayed.reason_n[open_n][::-1]
    _orders, last = np.unique(order, return_index=True)
    reasons, counts = np.unique(reason[last], return_counts=True)
    return dict(Counter(dict(zip(reasons.tolist(), counts.tolist(), strict=True))).most_common())


def _per_day(members: I32, days: I32) -> dict[tuple[int, int], int]:
    return {(member, day): n for member, day, n in tally(members, days) if member}
