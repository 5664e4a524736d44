"""The scarcity prices a replayed wave looks at: those it had then, none, or others that somebody solves for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from paidan.allocation.ahead.force import pieces_of, slots_of
from paidan.allocation.models import Wave
from paidan.engine.problem import I32, I64, Prices, Teams, Warehouses
from paidan.network.columns import Network


@dataclass(frozen=True, slots=True)
class Moment:
    """What a replay knows when a wave begins. The axes are those of the replay."""

    wave: Wave
    now: datetime
    network: Network
    warehouses: Warehouses
    teams: Teams
    free_sw: I64


Foresight = Callable[[Moment], Prices | None]
"""Answers the prices of a moment; None: nobody looks ahead."""


def nothing(_moment: Moment) -> Prices | None:
    """Nobody looks ahead."""
    return None


class Recorded:
    """The prices each wave used; read once, so that playing asks the database nothing."""

    def __init__(self, waves: Iterable[Wave], sku_ids: I32, warehouse_ids: I32) -> None:
        self.shape = (len(sku_ids), len(warehouse_ids))
        sku_row = {int(key): row for row, key in enumerate(sku_ids)}
        row_of = {int(key): row for row, key in enumerate(warehouse_ids)}
        keys = {wave.parameters["prices"] for wave in waves if "prices" in wave.parameters}
        self.pieces = {
            key: [
                (sku_row[sku], row_of[warehouse], price.minor)
                for (sku, warehouse), price in pieces_of(key, list(sku_row)).items()
                if warehouse in row_of
            ]
            for key in keys
        }
        self.slots = {key: [(row_of[w], n) for w, n in slots_of(key).items() if w in row_of] for key in keys}
        self.last: tuple[int, Prices] | None = None

    def __call__(self, moment: Moment) -> Prices | None:
        key = moment.wave.parameters.get("prices")
        if key not in self.pieces:
            return None
        if self.last is None or self.last[0] != key:
            prices = Prices(np.zeros(self.shape, np.int64), np.zeros(self.shape[1], np.int64))
            for sku, warehouse, minor in self.pieces[key]:
                prices.price_sw[sku, warehouse] = minor
            for warehouse, minor in self.slots[key]:
                prices.slot_w[warehouse] = minor
            self.last = (key, prices)
        return self.last[1]
