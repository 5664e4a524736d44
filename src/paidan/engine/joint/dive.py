"""The dive: from prices to a feasible plan, fixing the most decided orders first and re-pricing for the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..problem import F64, I32, I64
from .choices import UNSERVED, Choices
from .prices import Market, swept
from .sweep_kernel import commit, preferences


@dataclass(frozen=True, slots=True)
class Pace:
    """How a dive proceeds: the share of the remaining orders fixed in a round, the sweeps before each, the last."""

    share: float = 0.10
    sweeps: int = 2
    smallest: int = 20


def dive(
    choices: Choices,
    orders: I32,
    price_r: F64,
    left_r: F64,
    chosen_o: I64,
    tau: float,
    pace: Pace,
    pool: ThreadPoolExecutor,
) -> None:
    """Decide `orders` within `left_r`; both `left_r` and `chosen_o` are written. Every order ends decided.

    O(rounds x choices of the remaining orders); with a share of a tenth the rounds look at ten times the orders in all.
    """
    market, remaining = Market(price_r), orders.astype(np.int32)
    while len(remaining):
        for _ in range(pace.sweeps):
            _, use_r = swept(choices, remaining, market.price_r, left_r, tau, pool)
            market.move(use_r, left_r, tau)
        best, margin = preferred(choices, remaining, market.price_r, left_r, pool)
        count = min(len(remaining), max(pace.smallest, int(pace.share * len(remaining))))
        taken = np.argpartition(-margin, count - 1)[:count] if count < len(remaining) else np.arange(count)
        taken = taken[np.argsort(-margin[taken], kind="stable")]
        late = np.ones(len(remaining), np.bool_)
        late[taken] = False
        kept = np.empty(count, np.int32)
        refused = commit(
            remaining[taken],
            best[taken],
            choices.use_ptr_c,
            choices.resource_u,
            choices.amount_u,
            left_r,
            chosen_o,
            kept,
        )
        remaining = np.concatenate([remaining[late], kept[:refused]])


def preferred(choices: Choices, orders: I32, price_r: F64, left_r: F64, pool: ThreadPoolExecutor) -> tuple[I64, F64]:
    """Each order's cheapest choice that fits at these prices, and its lead over the second."""
    best, lead = np.full(len(orders), UNSERVED, np.int64), np.zeros(len(orders))
    halves = np.array_split(np.arange(len(orders), dtype=np.int32), 2)

    def work(part: I32) -> float:
        at = slice(int(part[0]), int(part[-1]) + 1) if len(part) else slice(0, 0)
        c = choices
        preferences(
            orders[at], c.ptr_o, c.cost_c, c.use_ptr_c, c.resource_u, c.amount_u, c.unserved_o, price_r, left_r,
            best[at], lead[at],
        )  # fmt: skip
        return 0.0

    if len(orders) < 2_000:
        work(np.arange(len(orders), dtype=np.int32))
    else:
        list(pool.map(work, halves))
    return best, lead
