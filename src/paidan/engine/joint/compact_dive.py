"""The dive over a compact problem: the most decided orders are fixed first, and the rest is priced anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..problem import I32
from .compact import Compact
from .compact_kernel import take_ways
from .compact_prices import CompactMarket, Prices, Step, preferred
from .dive import Pace


def compact_dive(compact: Compact, prices: Prices, step: Step, top: float, pace: Pace, pool: ThreadPoolExecutor) -> I32:
    """The node of every line. Every order ends decided, for "unserved" always fits."""
    left_sn, room_n = compact.stock_sn.copy(), compact.slots_n.copy()
    at_l = np.zeros(len(compact.sku_l), np.int32)
    market = CompactMarket(compact, prices, pool)
    remaining = np.arange(len(compact.ptr_o) - 1, dtype=np.int32)
    smallest = max(pace.smallest, len(remaining) // 1_000)
    while len(remaining):
        for _ in range(pace.sweeps):
            market.sweep(remaining, left_sn, room_n, step, top, tight=True)
        way, lead = preferred(compact, remaining, market.prices, left_sn, room_n, pool)
        count = min(len(remaining), max(smallest, int(pace.share * len(remaining))))
        taken = np.argpartition(-lead, count - 1)[:count]
        taken = taken[np.argsort(-lead[taken], kind="stable")]
        later = np.ones(len(remaining), np.bool_)
        later[taken] = False
        kept = np.empty(count, np.int32)
        refused = take_ways(remaining[taken], way[taken], compact, left_sn, room_n, at_l, kept)
        remaining = np.concatenate([remaining[later], kept[:refused]])
    return at_l
