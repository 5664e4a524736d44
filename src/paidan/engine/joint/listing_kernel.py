"""Machine code that lists the choices of orders: a rule of the chain, and the sites lines or pieces ship from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..codes import Otherwise, Split
from ..jit import entry, inner
from ..match_kernel import NO_MATCH, next_match
from .sites_kernel import find_sites, parcel

NEXT, BY_PIECE = int(Otherwise.NEXT), int(Split.BY_PIECE)
PICKS, USES, CHOICES = 0, 1, 2
MOST_UNITS = 60


@entry
def list_choices(
    g: Any, index: Any, ptr: Any, sku_l: Any, qty_l: Any, known_s: Any, weight_s: Any, volume_s: Any, shop_o: Any,
    first_rule_o: Any, out_o: Any, rule_facts: Any, block_a: Any, block_h: Any, available_sw: Any, parcel_minor: int,
    most: int, first_order: int, end_order: int, counts: Any, ptr_o: Any, cost_c: Any, rule_c: Any, late_c: Any,
    use_ptr_c: Any, resource_u: Any, amount_u: Any, pick_ptr_c: Any, pick_line: Any, pick_qty: Any, pick_w: Any,
    pick_t: Any, cut_o: Any, in_time_ow: Any, reason_ow: Any, loosely: bool, fill: bool,
) -> None:  # fmt: skip
    """Count (or, with `fill`, also write) the choices, uses and picks of the orders; `counts` runs along.

    `rule_facts` is (rules, 4): action, split, the most parcels, and what becomes of an order it cannot serve. An order
    with more than `most` choices under a rule keeps those of its cheapest sites and is marked in `cut_o`.
    `loosely`: instead, the sites of its scarcest line alone, which every way to serve the order includes.
    """
    warehouses = available_sw.shape[1]
    teams = len(g.room_t)
    site_w, site_t = np.empty(warehouses + 64 * teams + 1, np.int32), np.empty(warehouses + 64 * teams + 1, np.int32)
    why_w, in_time_w = np.empty(warehouses, np.int8), np.empty(warehouses, np.bool_)
    pick, unit_line = np.zeros(MOST_UNITS + 1, np.int64), np.zeros(MOST_UNITS + 1, np.int64)
    unit_qty = np.zeros(MOST_UNITS + 1, np.int64)
    for order in range(first_order, end_order):
        rule, first_of_chain = first_rule_o[order], True
        weight, volume, known, pieces, lines = 0, 0, True, 0, 0
        for line in range(ptr[order], ptr[order + 1]):
            if qty_l[line] > 0:
                known &= known_s[sku_l[line]]
                weight += qty_l[line] * weight_s[sku_l[line]]
                volume += qty_l[line] * volume_s[sku_l[line]]
                pieces += qty_l[line]
                lines += 1
        while rule != NO_MATCH and known and pieces > 0 and not out_o[order]:
            action, split, parcels = rule_facts[rule, 0], rule_facts[rule, 1], rule_facts[rule, 2]
            block = block_a[action] if block_a[action] >= 0 else block_h[shop_o[order]]
            sites = find_sites(g, order, action, block, weight, volume, site_w, site_t, why_w, in_time_w)
            in_time = False
            for w in range(warehouses):
                in_time |= in_time_w[w]
                if fill and first_of_chain:
                    reason_ow[order, w] = why_w[w]
                if fill:
                    in_time_ow[order, w] |= in_time_w[w]
            first_of_chain = False
            if loosely:
                units, parcels = 1, 1
                line, enough = _scarcest(ptr, sku_l, qty_l, available_sw, order, site_w, sites)
                unit_line[0], unit_qty[0] = line, 1 if split == BY_PIECE else qty_l[line]
                if not enough:
                    sites = 0
            else:
                units = _units(split, ptr, qty_l, order, pieces, lines, unit_line, unit_qty)
                if split != 0 and units == 0:
                    cut_o[order] = True
                    units = _units(1, ptr, qty_l, order, pieces, min(lines, MOST_UNITS), unit_line, unit_qty)
                if split == BY_PIECE and pieces != units and units > 0:
                    cut_o[order] = True
                if units == 0:
                    break
                parcels = min(parcels, units)
                sites, cut = _fewer(g, order, sites, units, parcels, most, weight, volume, site_w, site_t)
                if cut:
                    cut_o[order] = True
            depth = 0
            pick[0] = -1
            while depth >= 0:
                pick[depth] += 1
                if pick[depth] >= sites:
                    depth -= 1
                    continue
                if _distinct(pick, depth, site_w) > parcels:
                    continue
                if depth + 1 < units:
                    depth += 1
                    same = unit_line[depth] == unit_line[depth - 1]
                    pick[depth] = pick[depth - 1] - 1 if same else -1
                    continue
                _one_choice(
                    g, order, rule, ptr, sku_l, qty_l, weight_s, volume_s, available_sw, parcel_minor, units, pick,
                    unit_line, unit_qty, site_w, site_t, in_time_w, in_time, counts, cost_c, rule_c, late_c, use_ptr_c,
                    resource_u, amount_u, pick_ptr_c, pick_line, pick_qty, pick_w, pick_t, fill,
                )  # fmt: skip
            if rule_facts[rule, 3] != NEXT:
                break
            rule = next_match(index, ptr, sku_l, order, rule + 1)
        if fill:
            ptr_o[order + 1] = counts[CHOICES]


@inner
def _scarcest(
    ptr: Any, sku_l: Any, qty_l: Any, available_sw: Any, order: int, site_w: Any, sites: int
) -> tuple[int, bool]:
    """The line of which the sites have least to spare together, and whether they have enough of every line."""
    scarcest, least, enough = ptr[order], np.int64(1 << 60), True
    for line in range(ptr[order], ptr[order + 1]):
        if qty_l[line] == 0:
            continue
        spare = -qty_l[line]
        for i in range(sites):
            if i == 0 or site_w[i] != site_w[i - 1]:
                spare += available_sw[sku_l[line], site_w[i]]
        enough &= spare >= 0
        if spare < least:
            scarcest, least = line, spare
    return scarcest, enough


@inner
def _units(split: int, ptr: Any, qty_l: Any, order: int, pieces: int, lines: int, unit_line: Any, unit_qty: Any) -> int:
    """What can ship apart: the order (line −1), its lines, or its pieces; how many, 0 where they are too many."""
    if split == 0:
        unit_line[0], unit_qty[0] = -1, 0
        return 1
    if (pieces if split == BY_PIECE else lines) > MOST_UNITS:
        return 0
    count = 0
    for line in range(ptr[order], ptr[order + 1]):
        times = qty_l[line] if split == BY_PIECE else min(1, qty_l[line])
        for _ in range(times):
            if count < MOST_UNITS:
                unit_line[count], unit_qty[count] = line, 1 if split == BY_PIECE else qty_l[line]
                count += 1
    return count


@inner
def _fewer(
    g: Any, order: int, sites: int, units: int, parcels: int, most: int, weight: int, volume: int, site_w: Any,
    site_t: Any,
) -> tuple[int, bool]:  # fmt: skip
    """Keep all sites, or the cheapest for the whole order that make at most `most` choices; whether some were left."""
    kept = sites
    while kept > 1 and _ways(kept, units, parcels) > most:
        kept -= 1
    if kept == sites:
        return sites, False
    for i in range(kept):
        best, least = i, parcel(g, order, site_w[i], weight, volume)[0]
        for j in range(i + 1, sites):
            price = parcel(g, order, site_w[j], weight, volume)[0]
            if price < least:
                best, least = j, price
        site_w[i], site_w[best] = site_w[best], site_w[i]
        site_t[i], site_t[best] = site_t[best], site_t[i]
    return kept, True


@inner
def _ways(sites: int, units: int, parcels: int) -> float:
    """At least as many as there are ways to give the units to at most `parcels` of the sites."""
    ways, sets = 0.0, 1.0
    for chosen in range(1, min(parcels, sites) + 1):
        sets = sets * (sites - chosen + 1) / chosen
        ways += sets * float(chosen) ** units
    return min(ways, float(sites) ** units)


@inner
def _distinct(pick: Any, depth: int, site_w: Any) -> int:
    """Sites among ``pick[:depth + 1]``; too many to be allowed where two teams of one warehouse are."""
    count = 0
    for i in range(depth + 1):
        new = True
        for j in range(i):
            if pick[j] == pick[i]:
                new = False
            elif site_w[pick[j]] == site_w[pick[i]]:
                return 1 << 30
        count += new
    return count


@inner
def _one_choice(
    g: Any, order: int, rule: int, ptr: Any, sku_l: Any, qty_l: Any, weight_s: Any, volume_s: Any, available_sw: Any,
    parcel_minor: int, units: int, pick: Any, unit_line: Any, unit_qty: Any, site_w: Any, site_t: Any, in_time_w: Any,
    in_time: bool, counts: Any, cost_c: Any, rule_c: Any, late_c: Any, use_ptr_c: Any, resource_u: Any, amount_u: Any,
    pick_ptr_c: Any, pick_line: Any, pick_qty: Any, pick_w: Any, pick_t: Any, fill: bool,
) -> None:  # fmt: skip
    """Add the choice that ships every unit from its picked site, if the stock of the beginning has it."""
    skus, warehouses = available_sw.shape
    lo, hi = ptr[order], ptr[order + 1]
    use, picked = counts[USES], counts[PICKS]
    first_use = use
    cost, parcels, late = 0, 0, False
    for i in range(units):
        site, opened = pick[i], False
        for j in range(i):
            opened |= pick[j] == site
        if opened:
            continue
        w, weight, volume = site_w[site], 0, 0
        for line in range(lo, hi):
            taken = qty_l[line] if unit_line[0] < 0 else 0
            if unit_line[0] >= 0:
                for j in range(i, units):
                    if pick[j] == site and unit_line[j] == line:
                        taken += unit_qty[j]
            if taken == 0:
                continue
            sku, before, again = sku_l[line], 0, np.int64(-1)
            weight += taken * weight_s[sku]
            volume += taken * volume_s[sku]
            for earlier in range(lo, line):  # another line of the same SKU draws on the same stock
                if sku_l[earlier] == sku:
                    before += qty_l[earlier] if unit_line[0] < 0 else 0
                    if unit_line[0] >= 0:
                        for j in range(i, units):
                            if pick[j] == site and unit_line[j] == earlier:
                                before += unit_qty[j]
            if available_sw[sku, w] < before + taken:
                return
            if fill:
                if before > 0:
                    for u in range(first_use, use):
                        if resource_u[u] == sku * warehouses + w:
                            again = u
                if again >= 0:
                    amount_u[again] += taken
                pick_line[picked], pick_qty[picked] = line, taken
                pick_w[picked], pick_t[picked] = w, site_t[site]
                if again < 0:
                    resource_u[use], amount_u[use] = sku * warehouses + w, taken
            picked += 1
            use += before == 0
        for resource in range(2 if site_t[site] >= 0 else 1):
            if fill:
                resource_u[use] = skus * warehouses + (w if resource == 0 else warehouses + site_t[site])
                amount_u[use] = 1
            use += 1
        price, late_s = parcel(g, order, w, weight, volume)
        cost += price + g.late_minor * (late_s // 3600) + (parcel_minor if parcels > 0 else 0)
        late |= in_time and not in_time_w[w]
        parcels += 1
    if fill:
        c = counts[CHOICES]
        cost_c[c], rule_c[c], late_c[c] = cost, rule, late
        use_ptr_c[c + 1], pick_ptr_c[c + 1] = use, picked
    counts[USES], counts[PICKS] = use, picked
    counts[CHOICES] += 1
