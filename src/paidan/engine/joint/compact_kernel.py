"""Machine code over compact problems: the soft-min sweep and the least priced cost behind the bound.

A way to serve an order is the number ``(m · nodes + a) · nodes + b``: the lines of mask m from node a, the others from
b; an order from one node has all its lines in m, and b = a.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry, fast_entry, fast_inner, inner
from .compact import MOST_LINES, NEVER

NONE = np.float32(NEVER)
IMPOSSIBLE = NEVER / 10
"""Priced costs beyond this belong to what cannot be."""
FAR = np.float32(7.0)
"""Temperatures by which a way is behind the best and no longer counts."""
SETTLED = np.float32(16.0)
"""Temperatures by which all ways are behind the best where an order need not be looked at in every sweep."""


@fast_inner
def price_parcels(
    c: Any, o: int, price_sn: Any, slot_n: Any, left_sn: Any, room_n: Any, tight: bool, priced_rn: Any, lines_rn: Any
) -> int:
    """Fill ``priced_rn[m − 1]`` (an order that ships whole: row 0) with the parcels' priced costs; rows filled.

    `tight`: what no longer fits `left_sn` and `room_n` cannot be.
    """
    nodes, first = len(slot_n), c.ptr_o[o]
    rows = c.row_o[o + 1] - c.row_o[o]
    lines = c.ptr_o[o + 1] - first
    if rows == 1:
        row = c.row_o[o]
        for n in range(nodes):
            priced_rn[0, n] = c.cost_rn[row, n] + slot_n[n]
        if tight:
            for n in range(nodes):
                if room_n[n] < 1:
                    priced_rn[0, n] = NONE
        for line in range(first, first + lines):
            s, q = c.sku_l[line], np.float32(c.qty_l[line])
            for n in range(nodes):
                priced_rn[0, n] += q * price_sn[s, n]
            if tight:
                for n in range(nodes):
                    if left_sn[s, n] < q:
                        priced_rn[0, n] = NONE
        return 1
    for k in range(lines):
        s, q = c.sku_l[first + k], np.float32(c.qty_l[first + k])
        row = (1 << k) - 1
        for n in range(nodes):
            lines_rn[row, n] = q * price_sn[s, n]
        if tight:
            for n in range(nodes):
                if left_sn[s, n] < q:
                    lines_rn[row, n] = NONE
    for m in range(1, rows + 1):
        rest, low = m & (m - 1), (m & -m) - 1
        if rest:
            for n in range(nodes):
                lines_rn[m - 1, n] = lines_rn[rest - 1, n] + lines_rn[low, n]
        row = c.row_o[o] + m - 1
        for n in range(nodes):
            priced_rn[m - 1, n] = lines_rn[m - 1, n] + c.cost_rn[row, n] + slot_n[n]
        if tight:
            for n in range(nodes):
                if room_n[n] < 1:
                    priced_rn[m - 1, n] = NONE
    return rows


@fast_inner
def least_of(row: Any) -> Any:
    """The least of a row."""
    least = row[0]
    for n in range(1, len(row)):
        least = min(least, row[n])
    return least


@fast_inner
def near(row: Any, most: Any) -> int:
    """How many of a row are less than `most`."""
    count = 0
    for n in range(len(row)):
        count += row[n] < most
    return count


@fast_inner
def weigh(priced: Any, least: Any, per_tau: Any, weights: Any, bits: Any) -> Any:
    """exp(−(priced − least) / tau) of a row, to three digits, and their sum. `bits` is the same memory as integers."""
    total = np.float32(0.0)
    for n in range(len(priced)):
        x = max((least - priced[n]) * per_tau, np.float32(-40.0)) + np.float32(127.0)
        whole = np.int32(x)
        bits[n] = whole << np.int32(23)
        priced[n] = x - np.float32(whole)
    for n in range(len(priced)):
        f = priced[n]
        f = np.float32(1.0) + f * (
            np.float32(0.695556856) + f * (np.float32(0.226173572) + f * np.float32(0.0781455737))
        )
        weights[n] *= f
    for n in range(len(priced)):
        total += weights[n]
    return total


@fast_entry
def soft_sweep(
    orders: Any, compact: Any, price_sn: Any, slot_n: Any, left_sn: Any, room_n: Any, tight: bool, tau: float,
    use_sn: Any, use_n: Any, settled_sn: Any, settled_n: Any, open_k: Any,
) -> int:  # fmt: skip
    """Add to `use_sn` and `use_n` what the orders would take if each took its ways with chance ∝ exp(−priced / tau).

    Where there is room in `open_k`, what settled orders take goes to `settled_sn` and `settled_n` instead, and the
    others are written to `open_k`; their number is returned. An order is settled if all ways but the best are behind it
    by `SETTLED` temperatures. O(parcels x nodes): the ways two nodes may share an order are summed up as a product of
    sums, Σ_a Σ_{b≠a} x_a y_b = Σ x · Σ y − Σ x_a y_a.
    """
    nodes, most = len(slot_n), 1 << MOST_LINES
    priced_rn, lines_rn = np.empty((most, nodes), np.float32), np.empty((most, nodes), np.float32)
    bits_rn = np.empty((most, nodes), np.int32)
    weights_rn = bits_rn.view(np.float32)
    priced_n, bits_n = np.empty(nodes, np.float32), np.empty(nodes, np.int32)
    weights_n = bits_n.view(np.float32)
    chance_n = np.empty((MOST_LINES, nodes), np.float32)
    least_r, sum_r = np.empty(most, np.float32), np.empty(most, np.float32)
    slots_n, fixed_n = np.zeros(nodes, np.float32), np.zeros(nodes, np.float32)
    per_tau = np.float32(1.4426950408889634 / tau)
    c, count, sorting, margin = compact, 0, len(open_k) > 0, SETTLED * np.float32(tau)
    for o in orders:
        first, lines = c.ptr_o[o], c.ptr_o[o + 1] - c.ptr_o[o]
        if c.row_o[o + 1] - c.row_o[o] == 1:  # by far the most: written out, on arrays of one dimension
            row = c.row_o[o]
            for n in range(nodes):
                priced_n[n] = c.cost_rn[row, n] + slot_n[n]
            if tight:
                for n in range(nodes):
                    priced_n[n] = NONE if room_n[n] < 1 else priced_n[n]
            for line in range(first, first + lines):
                s, q, wanted = c.sku_l[line], np.float32(c.qty_l[line]), c.qty_l[line]
                for n in range(nodes):
                    priced_n[n] += q * price_sn[s, n]
                if tight:
                    for n in range(nodes):
                        priced_n[n] = NONE if left_sn[s, n] < wanted else priced_n[n]
            least = priced_n[0]
            for n in range(1, nodes):
                least = min(least, priced_n[n])
            settled = sorting and near(priced_n, least + margin) == 1
            weight = np.float32(0.0)
            for n in range(nodes):
                x = max((least - priced_n[n]) * per_tau, np.float32(-40.0)) + np.float32(127.0)
                whole = np.int32(x)
                bits_n[n] = whole << np.int32(23)
                f = x - np.float32(whole)
                priced_n[n] = np.float32(1.0) + f * (
                    np.float32(0.695556856) + f * (np.float32(0.226173572) + f * np.float32(0.0781455737))
                )
            for n in range(nodes):
                priced_n[n] *= weights_n[n]
                weight += priced_n[n]
            share = np.float32(1.0) / weight
            into_sn, into_n = (settled_sn, fixed_n) if settled else (use_sn, slots_n)
            if sorting and not settled:
                open_k[count] = o
                count += 1
            for n in range(nodes):
                priced_n[n] *= share
                into_n[n] += priced_n[n]
            for line in range(first, first + lines):
                s, q = c.sku_l[line], np.float32(c.qty_l[line])
                for n in range(nodes):
                    into_sn[s, n] += q * priced_n[n]
            continue
        rows = price_parcels(c, o, price_sn, slot_n, left_sn, room_n, tight, priced_rn, lines_rn)
        least = least_of(priced_rn[rows - 1])
        for m in range(1, rows + 1):
            least_r[m - 1] = least_of(priced_rn[m - 1])
        for m in range(1, rows, 2):
            least = min(least, least_r[m - 1] + least_r[rows - m - 1] + np.float32(c.second_minor))
        settled = False
        if sorting:
            ways = near(priced_rn[rows - 1], least + margin)
            for m in range(1, rows, 2):
                most_here = least + margin - least_r[rows - m - 1] - np.float32(c.second_minor)
                if least_r[m - 1] < most_here:
                    most_there = least + margin - least_r[m - 1] - np.float32(c.second_minor)
                    ways += near(priced_rn[m - 1], most_here) * near(priced_rn[rows - m - 1], most_there)
            settled = ways == 1
        weight = np.float32(0.0)
        chance_n[:lines] = np.float32(0.0)
        if least_r[rows - 1] - least < FAR * tau:
            weight = weigh(priced_rn[rows - 1], least, per_tau, weights_rn[rows - 1], bits_rn[rows - 1])
            for n in range(nodes):
                slots_n_here = weights_rn[rows - 1, n]
                for k in range(lines):
                    chance_n[k, n] += slots_n_here
        else:
            weights_rn[rows - 1] = np.float32(0.0)
        for m in range(1, rows, 2):
            other = rows - m
            behind = least_r[m - 1] + least_r[other - 1] + np.float32(c.second_minor) - least
            if behind >= FAR * tau:
                sum_r[m - 1] = np.float32(0.0)
                continue
            here = weigh(priced_rn[m - 1], least_r[m - 1], per_tau, weights_rn[m - 1], bits_rn[m - 1])
            there = weigh(priced_rn[other - 1], least_r[other - 1], per_tau, weights_rn[other - 1], bits_rn[other - 1])
            factor = np.exp(-behind / np.float32(tau))
            sum_r[m - 1] = np.float32(1.0)
            for n in range(nodes):
                a, b = weights_rn[m - 1, n], weights_rn[other - 1, n]
                weights_rn[m - 1, n] = factor * a * max(there - b, np.float32(0.0))
                weights_rn[other - 1, n] = factor * b * max(here - a, np.float32(0.0))
                weight += weights_rn[m - 1, n]
            for k in range(lines):
                row = m - 1 if m >> k & 1 else other - 1
                for n in range(nodes):
                    chance_n[k, n] += weights_rn[row, n]
        share = np.float32(1.0) / weight
        into_sn, into_n = (settled_sn, fixed_n) if settled else (use_sn, slots_n)
        if sorting and not settled:
            open_k[count] = o
            count += 1
        for k in range(lines):
            s, q = c.sku_l[first + k], share * np.float32(c.qty_l[first + k])
            for n in range(nodes):
                into_sn[s, n] += q * chance_n[k, n]
        for n in range(nodes):
            into_n[n] += share * weights_rn[rows - 1, n]
        for m in range(1, rows, 2):
            if sum_r[m - 1] > np.float32(0.0):
                for n in range(nodes):
                    into_n[n] += share * (weights_rn[m - 1, n] + weights_rn[rows - m - 1, n])
    for n in range(nodes):
        use_n[n] += slots_n[n]
        settled_n[n] += fixed_n[n]
    return count


@inner
def two_least(row: Any) -> tuple[int, Any, Any]:
    """Where the least of a row is, the least, and the second."""
    at, least, second = 0, row[0], row[0] + NEVER
    for n in range(1, len(row)):
        if row[n] < least:
            at, least, second = n, row[n], least
        elif row[n] < second:
            second = row[n]
    return at, least, second


@inner
def best_way(priced_rn: Any, rows: int, full: int, second_minor: float) -> tuple[int, Any, Any]:
    """The way of least priced cost, that cost, and the cost of the next best."""
    nodes = priced_rn.shape[1]
    at, least, next_best = two_least(priced_rn[rows - 1])
    way = (full * nodes + at) * nodes + at
    for m in range(1, rows, 2):
        a, here, here_next = two_least(priced_rn[m - 1])
        b, there, there_next = two_least(priced_rn[rows - m - 1])
        cost = here + there + second_minor
        if cost >= next_best:
            continue
        second = min(here_next + there, here + there_next) + second_minor
        if a == b:  # the same node twice is no sharing
            if here_next + there <= here + there_next:
                a = where_is(priced_rn[m - 1], here_next, a)
            else:
                b = where_is(priced_rn[rows - m - 1], there_next, b)
            cost, second = second, next_best
        if cost < least:
            next_best = min(least, second)
            least, way = cost, (m * nodes + a) * nodes + b
        else:
            next_best = min(next_best, cost)
    return way, least, next_best


@inner
def where_is(row: Any, value: Any, but: int) -> int:
    """A node of the row with this value, another than `but`."""
    for n in range(len(row)):
        if n != but and row[n] == value:
            return n
    return but


@entry
def best_ways(
    orders: Any, compact: Any, price_sn: Any, slot_n: Any, left_sn: Any, room_n: Any, tight: bool, way: Any, lead: Any
) -> float:
    """The best way of each order at the prices and its lead over the next; Σ of their priced costs.

    In the precision of the prices; without `tight`, in double precision, Σ is what the bound is made of.
    """
    nodes, most = len(slot_n), 1 << MOST_LINES
    priced_rn, lines_rn = np.empty((most, nodes), price_sn.dtype), np.empty((most, nodes), price_sn.dtype)
    total = 0.0
    for k in range(len(orders)):
        o = orders[k]
        rows = price_parcels(compact, o, price_sn, slot_n, left_sn, room_n, tight, priced_rn, lines_rn)
        full = (1 << (compact.ptr_o[o + 1] - compact.ptr_o[o])) - 1
        way[k], least, after = best_way(priced_rn, rows, full, compact.second_minor)
        lead[k] = after - least
        total += least
    return total


@entry
def take_ways(orders: Any, way: Any, compact: Any, left_sn: Any, room_n: Any, at_l: Any, kept: Any) -> int:
    """Serve the orders their ways one after the other while they fit; the rest into `kept`, their number returned."""
    nodes, count = len(room_n), 0
    for k in range(len(orders)):
        o = orders[k]
        m, a, b = way[k] // (nodes * nodes), way[k] // nodes % nodes, way[k] % nodes
        first = compact.ptr_o[o]
        fits = room_n[a] >= 1 and (a == b or room_n[b] >= 1)
        for line in range(first, compact.ptr_o[o + 1]):
            n = a if m >> (line - first) & 1 else b
            fits &= left_sn[compact.sku_l[line], n] >= compact.qty_l[line]
        if not fits:
            kept[count] = o
            count += 1
            continue
        room_n[a] -= 1
        if a != b:
            room_n[b] -= 1
        for line in range(first, compact.ptr_o[o + 1]):
            at_l[line] = a if m >> (line - first) & 1 else b
            left_sn[compact.sku_l[line], at_l[line]] -= compact.qty_l[line]
    return count


@entry
def tally(compact: Any, at_l: Any, use_sn: Any, use_n: Any) -> float:
    """What a plan costs; `use_sn` and `use_n` get what it takes."""
    c, total = compact, 0.0
    for o in range(len(c.ptr_o) - 1):
        first, end = c.ptr_o[o], c.ptr_o[o + 1]
        if first == end:
            continue
        a, b, m = at_l[first], at_l[first], 0
        for line in range(first, end):
            use_sn[c.sku_l[line], at_l[line]] += c.qty_l[line]
            if at_l[line] == a:
                m |= 1 << (line - first)
            else:
                b = at_l[line]
        use_n[a] += 1
        if a == b:
            total += c.cost_rn[c.row_o[o + 1] - 1, a]
        else:
            use_n[b] += 1
            other = (1 << (end - first)) - 1 - m
            total += c.cost_rn[c.row_o[o] + m - 1, a] + c.cost_rn[c.row_o[o] + other - 1, b] + c.second_minor
    return total
