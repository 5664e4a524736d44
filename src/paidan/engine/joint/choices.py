"""The joint problem in its barest form: orders, their choices, and what every choice uses of what is scarce.

Axes: o orders, c choices, u uses, r resources. The choices of order o are ``ptr_o[o]:ptr_o[o + 1]``, what choice c uses
is ``use_ptr_c[c]:use_ptr_c[c + 1]``. Leaving an order unserved is a choice that is always there and not listed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..problem import F64, I32, I64, Bools


class Choices(NamedTuple):
    """Minimise Σ cost of one choice per order while Σ amounts ≤ limit for every resource."""

    ptr_o: I64
    cost_c: F64
    use_ptr_c: I64
    resource_u: I32
    amount_u: I32
    unserved_o: F64
    limit_r: F64


UNSERVED = -1
"""The choice of an order that is left unserved."""


def cost_of(choices: Choices, chosen_o: I64) -> float:
    """What an assignment costs: Σ cost of the chosen, `unserved_o` for an order without."""
    served = chosen_o >= 0
    return float(choices.cost_c[chosen_o[served]].sum() + choices.unserved_o[~served].sum())


def used_by(choices: Choices, chosen_o: I64) -> I64:
    """What an assignment uses of every resource, int64 (resources,)."""
    chosen = chosen_o[chosen_o >= 0]
    counts = choices.use_ptr_c[chosen + 1] - choices.use_ptr_c[chosen]
    first = np.repeat(choices.use_ptr_c[chosen] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    uses = first + np.arange(int(counts.sum()))
    amounts = np.bincount(choices.resource_u[uses], choices.amount_u[uses], len(choices.limit_r))
    return amounts.astype(np.int64)


def is_feasible(choices: Choices, chosen_o: I64) -> bool:
    """Whether every order's choice is its own and no resource is used beyond its limit."""
    served = np.flatnonzero(chosen_o >= 0)
    own = (chosen_o[served] >= choices.ptr_o[served]) & (chosen_o[served] < choices.ptr_o[served + 1])
    return bool(own.all() and (used_by(choices, chosen_o) <= choices.limit_r).all())


def spliced(choices: Choices, other: Choices, other_o: Bools) -> Choices:
    """The choices of one set of orders from `other`, all else from `choices`."""
    parts = []
    for of, mine_o in ((choices, ~other_o), (other, other_o)):
        order_c = np.repeat(np.arange(len(other_o)), np.diff(of.ptr_o))
        columns = np.flatnonzero(mine_o[order_c])
        parts.append((order_c[columns], of.cost_c[columns], of.use_ptr_c[columns], np.diff(of.use_ptr_c)[columns]))
    order_c, cost_c, first_c, uses_c = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    first_c[len(parts[0][0]) :] += len(choices.resource_u)
    by = np.argsort(order_c, kind="stable")
    uses_c = uses_c[by]
    use_ptr_c = np.concatenate([[0], np.cumsum(uses_c)]).astype(np.int64)
    at = np.repeat(first_c[by] - use_ptr_c[:-1], uses_c) + np.arange(int(uses_c.sum()))
    return choices._replace(
        ptr_o=np.searchsorted(order_c[by], np.arange(len(other_o) + 1)).astype(np.int64),
        cost_c=cost_c[by],
        use_ptr_c=use_ptr_c,
        resource_u=np.concatenate([choices.resource_u, other.resource_u])[at],
        amount_u=np.concatenate([choices.amount_u, other.amount_u])[at],
    )
