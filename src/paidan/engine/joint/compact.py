"""The joint problem of orders that ship whole or are shared by two warehouses: a cost per parcel, no list of choices.

Axes: o orders, l lines, r parcels, s SKUs, n nodes: the warehouses and, last, "unserved", which holds everything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..problem import F32, F64, I32, I64

NEVER = np.float32(1e8)
"""The cost of a parcel that cannot be."""
DEAREST = float(1 << 24)
"""Up to this a whole number is exact in float32."""
ENDLESS = 1 << 28
"""What the node "unserved" holds of everything."""
MOST_LINES = 6
"""Lines of an order up to which its parcels, one per set of lines, are tabulated."""


class Compact(NamedTuple):
    """Minimise Σ cost of parcels (and `second_minor` for each second one) within stock and slots.

    The lines of order o are ``ptr_o[o]:ptr_o[o + 1]``. Of its parcels, row ``row_o[o] + m − 1`` ships the lines whose
    bits are set in m; the last row ships all. An order that ships whole has only that one. The last row's last column
    is what the order costs unserved.
    """

    ptr_o: I64
    sku_l: I32
    qty_l: I32
    row_o: I64  # (orders + 1,)
    cost_rn: F32
    stock_sn: I32
    slots_n: I64
    second_minor: float


def unserved_of(compact: Compact) -> F32:
    """What every order costs unserved, float32 (orders,)."""
    unserved_o: F32 = compact.cost_rn[compact.row_o[1:] - 1, -1]
    return unserved_o


def orders_of_lines(compact: Compact) -> I64:
    """The order of every line."""
    return np.repeat(np.arange(len(compact.ptr_o) - 1), np.diff(compact.ptr_o))


def parcels_of(compact: Compact, at_l: I32) -> tuple[I64, I64, I64]:
    """Order, row and node of every parcel when line l ships from ``at_l[l]``."""
    order_l = orders_of_lines(compact)
    bit_l = np.int64(1) << (np.arange(len(order_l)) - compact.ptr_o[:-1][order_l])
    nodes = compact.cost_rn.shape[1]
    key, parcel_l = np.unique(order_l * nodes + at_l, return_inverse=True)
    mask = np.bincount(parcel_l, bit_l, len(key)).astype(np.int64)
    order, node = key // nodes, key % nodes
    full = (np.int64(1) << np.diff(compact.ptr_o)[order]) - 1
    row = np.where(mask == full, compact.row_o[order + 1] - 1, compact.row_o[order] + mask - 1)
    return order, row, node


def cost_of(compact: Compact, at_l: I32) -> float:
    """What a plan costs; orders without lines cost nothing."""
    order, row, node = parcels_of(compact, at_l)
    seconds = len(order) - len(np.unique(order))
    return float(compact.cost_rn[row, node].sum(dtype=np.float64)) + compact.second_minor * seconds


def used_by(compact: Compact, at_l: I32) -> tuple[I64, I64]:
    """What a plan takes of the stock, int64 (SKUs, nodes), and of the slots."""
    skus, nodes = compact.stock_sn.shape
    use_s = np.bincount(compact.sku_l.astype(np.int64) * nodes + at_l, compact.qty_l, skus * nodes)
    _, _, node = parcels_of(compact, at_l)
    return use_s.astype(np.int64).reshape(skus, nodes), np.bincount(node, minlength=nodes)


def is_feasible(compact: Compact, at_l: I32) -> bool:
    """Whether nothing is used beyond its limit, whole orders are whole, and two warehouses at most share one."""
    use_sn, use_n = used_by(compact, at_l)
    order, row, node = parcels_of(compact, at_l)
    own = (row >= compact.row_o[order]) & (row < compact.row_o[order + 1]) & (compact.cost_rn[row, node] < NEVER)
    parcels = np.bincount(order, minlength=len(compact.ptr_o) - 1)
    rows_o = np.diff(compact.row_o)
    shared = (parcels <= 1) | ((parcels == 2) & (rows_o > 1))
    return bool(own.all() and shared.all() and (use_sn <= compact.stock_sn).all() and (use_n <= compact.slots_n).all())


def lagrangian(total: float, compact: Compact, price_sn: F64, slot_n: F64) -> float:
    """The bound prices prove, from Σ of the least priced costs of the orders (docs/joint-solver.md)."""
    stock = float((price_sn[:, :-1] * compact.stock_sn[:, :-1]).sum())
    return total - stock - float(slot_n[:-1] @ compact.slots_n[:-1])


def by_sku(compact: Compact) -> tuple[Compact, I64]:
    """The same problem with orders of the same SKUs next to each other, and the place every line had before.

    What belongs to a SKU is then in the cache when the next order asks for it.
    """
    lines_o = np.diff(compact.ptr_o)
    first_l = np.minimum(compact.ptr_o[:-1], max(0, len(compact.sku_l) - 1))
    order = np.lexsort((compact.sku_l[first_l], lines_o)) if len(compact.sku_l) else np.arange(len(lines_o))
    lines, rows = _spread(compact.ptr_o, order), _spread(compact.row_o, order)
    return (
        compact._replace(
            ptr_o=np.concatenate([[0], np.cumsum(lines_o[order])]).astype(np.int64),
            sku_l=compact.sku_l[lines],
            qty_l=compact.qty_l[lines],
            row_o=np.concatenate([[0], np.cumsum(np.diff(compact.row_o)[order])]).astype(np.int64),
            cost_rn=compact.cost_rn[rows],
        ),
        lines,
    )


def _spread(ptr: I64, order: I64) -> I64:
    """The members of the groups in this order."""
    counts = np.diff(ptr)[order]
    before = np.cumsum(counts) - counts
    return np.repeat(ptr[:-1][order] - before, counts) + np.arange(int(counts.sum()))
