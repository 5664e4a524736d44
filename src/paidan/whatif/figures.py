"""The figures of a replay: cost, distance, splits, lateness, what stayed open, load per day, who moved where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from paidan.engine.codes import Outcome
from paidan.engine.problem import I32, I64, Bools

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
    """Orders that another set of warehouses serves. Axis o: those orders; 0 = nobody."""

    order_o: I64
    before_o: I32  # the warehouse of the first parcel
    after_o: I32
    freight_minor_o: I64  # after − before
    distance_m_o: I64

    def by_flow(self) -> list[tuple[int, int, int]]:
        """(from, to, orders), most first."""
        counted = Counter(zip(self.before_o.tolist(), self.after_o.tolist(), strict=True))
        return [(a, b, n) for (a, b), n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def final_a(replayed: Replayed) -> Bools:
    """The allocations of each order's last wave that allocated something: earlier ones were given back."""
    if not len(replayed.order_a):
        return np.zeros(0, np.bool_)
    by_order = np.lexsort((np.arange(len(replayed.order_a)), replayed.order_a))
    order = replayed.order_a[by_order]
    last = np.append(order[1:] != order[:-1], True)
    last_wave = dict(zip(order[last].tolist(), replayed.wave_a[by_order][last].tolist(), strict=True))
    found: Bools = replayed.wave_a == np.array([last_wave[key] for key in replayed.order_a.tolist()])
    return found


def figures(replayed: Replayed) -> Figures:
    """Sum a replay up."""
    final = final_a(replayed)
    order_a = replayed.order_a[final]
    _served, parcels_o = np.unique(order_a, return_counts=True)
    known = replayed.distance_m_a[final] >= 0
    return Figures(
        orders=len(np.unique(replayed.order_n)),
        served=len(parcels_o),
        parcels=int(final.sum()),
        split=int((parcels_o > 1).sum()),
        late=int((replayed.late_s_a[final] > 0).sum()),
        freight_minor=int(replayed.freight_minor_a[final].sum()),
        distance_m=int(replayed.distance_m_a[final][known].sum()),
        measured=int(known.sum()),
        unserved=_unserved(replayed, order_a),
        load_w=_per_day(replayed.warehouse_a[final], replayed.day_a[final]),
        load_t=_per_day(replayed.team_a[final], replayed.day_a[final]),
    )


def moves(before: Replayed, after: Replayed) -> Moves:
    """The orders whose warehouses differ between two replays of one period."""
    places = [_places(replayed) for replayed in (before, after)]
    keys = sorted(key for key in places[0].keys() | places[1].keys() if _differ(places[0].get(key), places[1].get(key)))
    nothing: tuple[tuple[int, ...], int, int] = ((0,), 0, 0)
    rows = [(places[0].get(key, nothing), places[1].get(key, nothing)) for key in keys]
    return Moves(
        order_o=np.array(keys, np.int64),
        before_o=np.array([a[0][0] for a, _b in rows], np.int32),
        after_o=np.array([b[0][0] for _a, b in rows], np.int32),
        freight_minor_o=np.array([b[1] - a[1] for a, b in rows], np.int64),
        distance_m_o=np.array([b[2] - a[2] for a, b in rows], np.int64),
    )


def _differ(a: tuple[tuple[int, ...], int, int] | None, b: tuple[tuple[int, ...], int, int] | None) -> bool:
    return (None if a is None else sorted(a[0])) != (None if b is None else sorted(b[0]))


def _places(replayed: Replayed) -> dict[int, tuple[tuple[int, ...], int, int]]:
    """Order → its warehouses, freight and metres."""
    final = np.flatnonzero(final_a(replayed))
    found: dict[int, tuple[tuple[int, ...], int, int]] = {}
    columns = (replayed.order_a, replayed.warehouse_a, replayed.freight_minor_a, np.maximum(replayed.distance_m_a, 0))
    for order, warehouse, freight, metres in zip(*(column[final].tolist() for column in columns), strict=True):
        places, so_far, way = found.get(order, ((), 0, 0))
        found[order] = ((*places, warehouse), so_far + freight, way + metres)
    return found


def _unserved(replayed: Replayed, served: I64) -> dict[int, int]:
    """Reasons of the last tries of orders that nothing is allocated of."""
    last = {
        order: reason
        for order, outcome, reason in zip(
            replayed.order_n.tolist(), replayed.outcome_n.tolist(), replayed.reason_n.tolist(), strict=True
        )
        if outcome != Outcome.ALLOCATED
    }
    for order in np.unique(served).tolist():
        last.pop(order, None)
    return dict(Counter(last.values()).most_common())


def _per_day(members: I32, days: I32) -> dict[tuple[int, int], int]:
    pairs = Counter(zip(members.tolist(), days.tolist(), strict=True))
    return {pair: n for pair, n in sorted(pairs.items()) if pair[0]}
