"""Machine code for cover inequalities: found where the shares of the orders break them, and priced by line and node."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry, inner

LARGEST_QTY = 8
"""Pieces of a line up to which lines of so many and more make covers."""
HEAVIEST = 63
"""Pieces the smaller lines of a cover weigh at most together."""
LIKELY = 0.3
"""Share from which on a smaller line may be in a cover."""
MOST_SMALL = 64
"""Smaller lines looked at in one place: the likeliest."""


@entry
def price_lines(first: int, end: int, sku_l: Any, qty_l: Any, price_sn: Any, price_ln: Any) -> None:
    """What each line's pieces cost at each node."""
    for line in range(first, end):
        s, q = sku_l[line], qty_l[line]
        for n in range(price_sn.shape[1]):
            price_ln[line, n] = q * price_sn[s, n]


@entry
def charge_covers(ptr_k: Any, member_m: Any, node_k: Any, price_k: Any, price_ln: Any) -> None:
    """Add the prices of the covers to what their lines cost."""
    for k in range(len(node_k)):
        if price_k[k] > 0:
            for m in range(ptr_k[k], ptr_k[k + 1]):
                price_ln[member_m[m], node_k[k]] += price_k[k]


@entry
def clear_lines(orders: Any, ptr_o: Any, share_ln: Any) -> None:
    """Forget the shares of these orders' lines."""
    for o in orders:
        for line in range(ptr_o[o], ptr_o[o + 1]):
            share_ln[line, :] = 0.0


@entry
def use_of_shares(first: int, end: int, ptr_s: Any, by_sku: Any, qty_l: Any, share_ln: Any, use_sn: Any) -> None:
    """The pieces of SKUs ``first:end`` taken at each node when the lines go there in these shares."""
    for s in range(first, end):
        for n in range(use_sn.shape[1]):
            use_sn[s, n] = 0.0
        for m in range(ptr_s[s], ptr_s[s + 1]):
            line = by_sku[m]
            q = np.float32(qty_l[line])
            for n in range(use_sn.shape[1]):
                use_sn[s, n] += q * share_ln[line, n]


@entry
def use_of_covers(ptr_k: Any, member_m: Any, node_k: Any, share_ln: Any, use_k: Any) -> None:
    """Σ of the shares of each cover's lines at its node."""
    for k in range(len(node_k)):
        total = np.float32(0.0)
        for m in range(ptr_k[k], ptr_k[k + 1]):
            total += share_ln[member_m[m], node_k[k]]
        use_k[k] = total


@inner
def likeliest(lines: Any, count: int, n: int, share_ln: Any) -> None:
    """Sort the first `count` lines by their share at n, highest first (few, and insertion is enough)."""
    for k in range(1, count):
        line, at = lines[k], k
        while at > 0 and share_ln[lines[at - 1], n] < share_ln[line, n]:
            lines[at] = lines[at - 1]
            at -= 1
        lines[at] = line


@inner
def lightest_sets(
    small: Any, count: int, n: int, most: int, qty_l: Any, share_ln: Any, lost_w: Any, in_iw: Any
) -> None:
    """For each weight up to `most` the set of smaller lines of just that weight which lacks least of being whole:
    ``lost_w[w]`` = min Σ (1 − share), and ``in_iw[i, w]`` whether line i was put in to get it."""
    lost_w[: most + 1] = np.inf
    lost_w[0] = 0.0
    for i in range(count):
        q, lacks = qty_l[small[i]], 1.0 - share_ln[small[i], n]
        for w in range(most, -1, -1):
            in_iw[i, w] = w >= q and lost_w[w - q] + lacks < lost_w[w]
            if in_iw[i, w]:
                lost_w[w] = lost_w[w - q] + lacks


@entry
def find_covers(
    first: int, end: int, ptr_s: Any, by_sku: Any, qty_l: Any, stock_sn: Any, price_sn: Any, share_ln: Any,
    least: float, found_k: Any, member_m: Any,
) -> tuple[int, int]:  # fmt: skip
    """Covers of SKUs ``first:end`` that the shares break by more than `least`, as many as there is room for.

    With b pieces at a place and t ≤ b, take lines S of fewer than t pieces, w pieces together, and as many of t and
    more as make b be exceeded, m = ⌈(b + 1 − w) / t⌉: Σ over S and over all lines of t and more ≤ |S| + m − 1. The S
    that is broken most is found for every t. ``found_k[k]`` = SKU, node, limit, t, end of its lines in `member_m`.
    Returns how many covers and members.
    """
    covers, members = 0, 0
    small = np.empty(MOST_SMALL, np.int64)
    lost_w = np.empty(HEAVIEST + 1)
    in_iw = np.empty((MOST_SMALL, HEAVIEST + 1), np.bool_)
    for s in range(first, end):
        most_qty = 0
        for m in range(ptr_s[s], ptr_s[s + 1]):
            most_qty = max(most_qty, qty_l[by_sku[m]])
        if most_qty < 2:
            continue
        for n in range(stock_sn.shape[1] - 1):
            b = stock_sn[s, n]
            if b < 2 or price_sn[s, n] <= 0:
                continue
            for t in range(2, min(most_qty, LARGEST_QTY, b) + 1):
                large, larger, count = 0.0, 0, 0
                for m in range(ptr_s[s], ptr_s[s + 1]):
                    line = by_sku[m]
                    share = share_ln[line, n]
                    if qty_l[line] >= t:
                        large += share
                        larger += share > 0
                    elif share >= LIKELY and count < MOST_SMALL:
                        small[count] = line
                        count += 1
                if large <= least or larger == 0:
                    continue
                likeliest(small, count, n, share_ln)
                most = min(b, HEAVIEST)
                lightest_sets(small, count, n, most, qty_l, share_ln, lost_w, in_iw)
                best, broken = 0, least
                for w in range(most + 1):
                    excess = large - lost_w[w] - ((b - w) // t)
                    if excess > broken + 1e-9:
                        best, broken = w, excess
                if broken <= least:
                    continue
                start, w, i = members, best, count - 1
                if members + count + (ptr_s[s + 1] - ptr_s[s]) > len(member_m) or covers >= len(found_k):
                    return covers, members
                while w > 0 and i >= 0:
                    if in_iw[i, w]:
                        member_m[members] = small[i]
                        members += 1
                        w -= qty_l[small[i]]
                    i -= 1
                limit = members - start + (b - best) // t
                for m in range(ptr_s[s], ptr_s[s + 1]):
                    if qty_l[by_sku[m]] >= t:
                        member_m[members] = by_sku[m]
                        members += 1
                found_k[covers, 0], found_k[covers, 1], found_k[covers, 2] = s, n, limit
                more = (b + 1 - best) // t - (b - best) // t
                found_k[covers, 3], found_k[covers, 4] = more, members
                covers += 1
    return covers, members


@entry
def charge_parcels(
    ptr_k: Any, member_m: Any, node_k: Any, price_k: Any, order_l: Any, ptr_o: Any, row_o: Any, cost_rn: Any
) -> None:
    """Add the prices of the covers to the costs of the parcels that hold their lines."""
    for k in range(len(node_k)):
        if price_k[k] <= 0:
            continue
        for m in range(ptr_k[k], ptr_k[k + 1]):
            o = order_l[member_m[m]]
            rows, bit = row_o[o + 1] - row_o[o], member_m[m] - ptr_o[o]
            for row in range(rows):
                if rows == 1 or (row + 1) >> bit & 1:
                    cost_rn[row_o[o] + row, node_k[k]] += price_k[k]
