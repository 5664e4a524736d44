"""A slow allocator in plain objects, written from the specification alone, to hold the kernel against.

It knows nothing of bit vectors, tables or bounds: it tries every rule, every warehouse and every set of warehouses.
"""

from __future__ import annotations

import copy
import functools
import itertools
import math
from dataclasses import dataclass, field

from paidan.engine.codes import Otherwise, Outcome, Reason, Split, Strategy
from paidan.engine.problem import NEVER_DUE, Action, Condition, Problem

PIPELINE = [
    Reason.EXCLUDED,
    Reason.PAUSED,
    Reason.NOT_COVERED,
    Reason.TOO_FAR,
    Reason.WAREHOUSE_FULL,
    Reason.TOO_LATE,
    Reason.NO_TEAM,
    Reason.UNKNOWN_SKU,
    Reason.STOCK_SHORT,
    Reason.TEAM_FULL,
]


@dataclass
class Parcel:
    warehouse: int
    team: int
    rule: int
    pieces: dict[int, int] = field(default_factory=dict)
    distance: int = -1
    freight: int = 0
    late: int = 0
    row: int = -1


@dataclass
class Decision:
    outcome: Outcome = Outcome.UNALLOCATED
    reason: Reason = Reason.NONE
    rule: int = -1
    parcels: list[Parcel] = field(default_factory=list)
    line_reasons: dict[int, Reason] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)
    losses: dict[int, Reason] = field(default_factory=dict)
    short: dict[int, int] = field(default_factory=dict)


def chain(code: str) -> set[str]:
    code = {"HK": "810000", "MO": "820000", "TW": "710000"}.get(code, code)
    if not code.isdigit():
        return {code}
    return {"CN", code[:2] + "0000", code[:4] + "00", code}


def spelled(codes) -> set[str]:
    return {{"HK": "810000", "MO": "820000", "TW": "710000"}.get(c, c) for c in codes}


def depth(code: str | None) -> int:
    if code is None:
        return 0
    code = {"HK": "810000", "MO": "820000", "TW": "710000"}.get(code, code)
    if not code.isdigit():
        return 1
    return 2 if code.endswith("0000") else 3 if code.endswith("00") else 4


def claim(own: float, common: float) -> float:
    """A member's credit in the set of those who can serve, plus the common one within ±1 (docs/adr/0006)."""
    return own + min(max(common, -1.0), 1.0)


class Reference:
    def __init__(self, problem: Problem) -> None:
        self.p = problem
        self.count_w = len(problem.warehouses.id_w)
        self.available = problem.available_sw.copy()
        self.load_w = problem.warehouses.load_w.copy()
        self.load_t = problem.teams.load_t.copy()
        self.credit_w = problem.warehouses.credit_w.copy()
        self.credit_t = problem.teams.credit_t.copy()
        self.own_w: dict[frozenset[int], dict[int, float]] = {}
        self.own_t: dict[frozenset[int], dict[int, float]] = {}
        self.turn: dict[int, float] = {}
        self.open = problem.orders.qty_l.copy()

    # matching

    def lines(self, o: int) -> range:
        return range(int(self.p.orders.ptr[o]), int(self.p.orders.ptr[o + 1]))

    def word(self, index: int, words) -> set[str]:
        return set() if index < 0 else {words[index]}

    def facts(self, o: int) -> dict[str, set[str]]:
        orders, skus = self.p.orders, self.p.skus
        mine = [int(orders.sku_l[line]) for line in self.lines(o)]
        region = orders.region_o[o]
        return {
            "shop": self.word(orders.shop_o[o], orders.shops),
            "platform": self.word(orders.platform_o[o], orders.platforms),
            "payment": self.word(orders.payment_o[o], orders.payments),
            "delivery": self.word(orders.delivery_o[o], orders.deliveries),
            "region": set() if region < 0 else chain(orders.regions[region]),
            "sku": {skus.id_s[s] for s in mine},
            "category": {skus.category_s[s] for s in mine} - {""},
            "tag": set(orders.tagsets[orders.tagset_o[o]]).union(*(skus.tags_s[s] for s in mine)),
        }

    def amounts(self, o: int) -> dict[str, int]:
        orders, skus = self.p.orders, self.p.skus
        return {
            "amount_minor": int(orders.amount_minor_o[o]),
            "weight_g": sum(int(orders.qty_l[li] * skus.weight_g_s[orders.sku_l[li]]) for li in self.lines(o)),
            "lines": len(self.lines(o)),
            "pieces": sum(int(orders.qty_l[li]) for li in self.lines(o)),
        }

    def met(self, o: int, condition: Condition) -> dict[str, bool]:
        """Which of the conditions that are asked hold."""
        facts, found = self.facts(o), {}
        for name, mine in facts.items():
            asked = getattr(condition, name)
            if asked:
                found[name] = bool(mine & (spelled(asked) if name == "region" else set(asked)))
        if condition.remark:
            index = self.p.orders.remark_o[o]
            text = "" if index < 0 else self.p.orders.remarks[index].casefold()
            found["remark"] = any(word.casefold() in text for word in condition.remark)
        for name, value in self.amounts(o).items():
            low, high = getattr(condition, name)
            if (low, high) != (None, None):
                found[name] = (low is None or value >= low) and (high is None or value <= high)
        return found

    def matches(self, o: int) -> list[int]:
        return [
            r
            for r, rule in enumerate(self.p.rules)
            if all(self.met(o, rule.when).values()) and not any(self.met(o, rule.excepted).values())
        ]

    # geography, freight and time

    def distance(self, o: int, w: int) -> int:
        orders, house = self.p.orders, self.p.warehouses
        angles = [orders.lat_o[o], orders.lng_o[o], house.lat_w[w], house.lng_w[w]]
        if any(math.isnan(a) for a in angles):
            return -1
        a, b, c, d = map(math.radians, angles)
        h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
        return round(2 * 6_371_000 * math.asin(math.sqrt(h)))

    def region(self, o: int) -> set[str]:
        return self.facts(o)["region"]

    def price(self, row: int, weight: int, volume: int) -> int:
        f = self.p.freight
        per_kg = int(f.volumetric_cm3_per_kg_f[row])
        charged = max(weight, volume * 1000 / per_kg) if per_kg else weight
        further = charged - int(f.first_g_f[row])
        steps = math.ceil(further / int(f.next_g_f[row])) if further > 0 and f.next_g_f[row] > 0 else 0
        return int(f.first_minor_f[row]) + steps * int(f.next_minor_f[row])

    def carrier(self, o: int, w: int, weight: int, volume: int) -> int:
        f, here = self.p.freight, self.region(o)
        rows = [
            row
            for row in range(len(f.warehouse_f))
            if f.warehouse_f[row] == w and (f.region_f[row] is None or spelled([f.region_f[row]]) & here)
        ]
        if not rows:
            return -1
        deepest = max(depth(f.region_f[row]) for row in rows)
        rows = [row for row in rows if depth(f.region_f[row]) == deepest]
        return min(rows, key=lambda row: (self.price(row, weight, volume), f.transit_s_f[row], row))

    def arrival(self, w: int, row: int) -> int:
        return int(self.p.warehouses.ready_at_w[w]) + (int(self.p.freight.transit_s_f[row]) if row >= 0 else 0)

    def cost(self, o: int, w: int, row: int, weight: int, volume: int) -> int:
        if row >= 0:
            return self.price(row, weight, volume)
        metres = self.distance(o, w)
        return math.floor(metres * self.p.objective.km_minor / 1000 + 0.5) if metres >= 0 else 0

    def burden(self, pieces: dict[int, int]) -> tuple[int, int]:
        skus, sku_l = self.p.skus, self.p.orders.sku_l
        known = {li: q for li, q in pieces.items() if skus.known_s[sku_l[li]]}
        return (
            sum(q * int(skus.weight_g_s[sku_l[li]]) for li, q in known.items()),
            sum(q * int(skus.volume_cm3_s[sku_l[li]]) for li, q in known.items()),
        )

    # teams

    def eligible(self, o: int, action: Action, w: int) -> list[int] | Reason:
        """The teams that may serve from w; [] where none is needed; a reason where the warehouse cannot serve."""
        t, everyone = self.p.teams, range(len(self.p.teams.id_t))
        if action.team == "warehouse":
            return [i for i in everyone if t.warehouse_t[i] == w]
        if action.team.startswith("skill:"):
            mine = [i for i in everyone if t.warehouse_t[i] == w and action.team[6:] in t.skills_t[i]]
            return mine or Reason.NO_TEAM
        if action.team == "shop":
            shop = self.facts(o)["shop"]
            listed = [i for i in everyone if shop & set(t.shops_t[i])]
        else:
            listed = [i for i in everyone if t.id_t[i] == action.team]
        if not listed:
            return Reason.NO_TEAM
        return [i for i in listed if t.warehouse_t[i] in (w, -1)] or Reason.EXCLUDED

    def has_room(self, team: int) -> bool:
        capacity = self.p.teams.capacity_t[team]
        return capacity < 0 or self.load_t[team] < capacity

    def own(self, decision: Decision, o: int, action: Action, w: int) -> Parcel | None:
        teams = self.eligible(o, action, w)
        if isinstance(teams, Reason):
            return None
        for parcel in decision.parcels:
            if parcel.warehouse == w and (parcel.team in teams if teams else parcel.team == -1):
                return parcel
        return None

    def room(self, decision: Decision, o: int, action: Action, w: int) -> bool:
        teams = self.eligible(o, action, w)
        return self.own(decision, o, action, w) is not None or not teams or any(self.has_room(i) for i in teams)

    def open_parcel(
        self, decision: Decision, o: int, rule: int, action: Action, w: int, keep_shared: bool = False
    ) -> Parcel | None:
        again = self.own(decision, o, action, w)
        if again:
            return again
        teams = self.eligible(o, action, w)
        team = -1
        if teams:
            able = [i for i in teams if self.has_room(i)]
            if not able:
                return None
            homely = [i for i in able if self.p.teams.warehouse_t[i] >= 0]
            if keep_shared and homely:
                able = homely
            if len(able) > 1:
                total = sum(int(self.p.teams.ratio_t[i]) for i in able)
                own = self.own_t.setdefault(frozenset(able), dict.fromkeys(able, 0.0))
                for i in able:
                    earned = self.p.teams.ratio_t[i] / total if total else 1 / len(able)
                    self.credit_t[i] += earned
                    own[i] += earned
            team = able[0]
            for i in able[1:]:
                if claim(own[i], self.credit_t[i]) > claim(own[team], self.credit_t[team]) + 1e-9:
                    team = i
            if len(able) > 1:
                self.credit_t[team] -= 1
                own[team] -= 1
            self.load_t[team] += 1
        self.load_w[w] += 1
        parcel = Parcel(w, team, rule)
        decision.parcels.append(parcel)
        return parcel

    # one rule

    def filter(self, o: int, action: Action, decision: Decision, burden) -> tuple[list[int], dict[int, Reason]]:
        house, orders, losses = self.p.warehouses, self.p.orders, {}
        here, left, late = self.region(o), [], set()
        for w in range(self.count_w):
            code, teams = house.id_w[w], self.eligible(o, action, w)
            listed = action.warehouses is None or code in action.warehouses
            covers = house.covers_w[w]
            far = action.max_m is not None and self.distance(o, w) > action.max_m
            capacity = house.capacity_w[w]
            full = 0 <= capacity <= self.load_w[w] and not self.own(decision, o, action, w)
            if not listed or code in action.excluded or teams is Reason.EXCLUDED:
                losses[w] = Reason.EXCLUDED
            elif not house.open_w[w]:
                losses[w] = Reason.PAUSED
            elif (covers is not None and not spelled(covers) & here) or spelled(house.excludes_w[w]) & here:
                losses[w] = Reason.NOT_COVERED
            elif far:
                losses[w] = Reason.TOO_FAR
            elif full:
                losses[w] = Reason.WAREHOUSE_FULL
            else:
                left.append(w)
                if self.arrival(w, self.carrier(o, w, *burden)) > orders.ship_by_o[o]:
                    late.add(w)
        if len(late) < len(left):
            for w in late:
                losses[w] = Reason.TOO_LATE
        for w in left:
            if w not in losses and self.eligible(o, action, w) is Reason.NO_TEAM:
                losses[w] = Reason.NO_TEAM
        return [w for w in left if w not in losses], losses

    def key(self, o: int, action: Action, w: int, k: int, demand: dict[int, int], burden) -> float:
        strategy, house = action.strategies[k], self.p.warehouses
        if strategy in (Strategy.NEAREST, Strategy.CHEAPEST) and self.priced:
            return self.worth(o, w, strategy, demand, burden)
        if strategy is Strategy.NEAREST:
            metres = self.distance(o, w)
            return metres if metres >= 0 else math.inf
        if strategy is Strategy.CHEAPEST:
            row = self.carrier(o, w, *burden)
            unknown = row < 0 and self.distance(o, w) < 0
            return math.inf if unknown else self.cost(o, w, row, *burden)
        if strategy is Strategy.FASTEST:
            return self.arrival(w, self.carrier(o, w, *burden))
        if strategy is Strategy.RANKED:
            if action.warehouses is not None:
                return action.warehouses.index(house.id_w[w])
            return self.tie(w)[0] * 1000 + w
        if strategy is Strategy.MOST_STOCK:
            return -min(int(self.available[s, w]) - need for s, need in demand.items())
        if strategy is Strategy.LEAST_LOADED:
            capacity = house.capacity_w[w]
            return 0 if capacity < 0 else math.inf if capacity == 0 else self.load_w[w] / capacity
        if strategy is Strategy.RATIO:
            return -claim(self.turn.get(w, 0.0), self.credit_w[w])
        if k == 0 or action.split is Split.NEVER:
            return 0
        return self.lacking(w, demand)

    def any_price(self, action: Action, left: list[int], demand: dict[int, int]) -> bool:
        """Whether a rule that looks ahead sees a price on anything the order wants, at any candidate."""
        prices = self.p.prices
        if not action.look_ahead or prices is None:
            return False
        return any(prices.slot_w[w] or any(prices.price_sw[s, w] for s in demand) for w in left)

    def worth(self, o: int, w: int, strategy: Strategy, demand: dict[int, int], burden) -> tuple[float, int]:
        """Freight and what the slot and the pieces taken are worth to others; for nearest also the metres."""
        row, metres, prices = self.carrier(o, w, *burden), self.distance(o, w), self.p.prices
        if row < 0 and metres < 0:
            return math.inf, 0
        taken = sum(min(need, int(self.available[s, w])) * int(prices.price_sw[s, w]) for s, need in demand.items())
        far = metres if metres >= 0 else 10**9
        total = self.cost(o, w, row, *burden) + taken + int(prices.slot_w[w])
        return total, far if strategy is Strategy.NEAREST else 0

    def tie(self, w: int) -> tuple[int, int]:
        return int(self.p.warehouses.position_w[w]), w

    def lacking(self, w: int, demand: dict[int, int]) -> int:
        return sum(max(0, need - int(self.available[s, w])) for s, need in demand.items())

    def sort(self, action: Action, keys: dict[int, list[float]]) -> list[int]:
        def compare(a: int, b: int) -> int:
            for k, strategy in enumerate(action.strategies):
                x, y = keys[a][k], keys[b][k]
                if x == y or (strategy is Strategy.RATIO and abs(x - y) <= 1e-9):
                    continue
                return -1 if x < y else 1
            return -1 if self.tie(a) < self.tie(b) else 1

        return sorted(keys, key=functools.cmp_to_key(compare))

    def can_serve_some(self, action: Action, w: int, wanted: list[int]) -> bool:
        sku_l = self.p.orders.sku_l
        if action.split is Split.BY_PIECE:
            return any(self.available[sku_l[li], w] > 0 for li in wanted)
        return any(self.available[sku_l[li], w] >= self.open[li] for li in wanted)

    def attempt(self, o: int, rule: int, decision: Decision, explain: bool) -> None:
        action = self.p.rules[rule].then
        skus, sku_l = self.p.skus, self.p.orders.sku_l
        still = [li for li in self.lines(o) if self.open[li] > 0]
        wanted = [li for li in still if skus.known_s[sku_l[li]]]
        burden = self.burden({li: int(self.open[li]) for li in still})
        demand: dict[int, int] = {}
        for li in wanted:
            demand[int(sku_l[li])] = demand.get(int(sku_l[li]), 0) + int(self.open[li])
        whole = action.split is Split.NEVER or not action.partial
        left, losses = self.filter(o, action, decision, burden)
        blocked = len(wanted) < len(still) and (whole or not wanted)
        if not left or blocked:
            furthest = max(losses.values(), key=PIPELINE.index, default=Reason.EXCLUDED)
            losses.update(dict.fromkeys(left, Reason.UNKNOWN_SKU))
            for li in still:
                known = li in wanted
                decision.line_reasons[li] = Reason.UNKNOWN_SKU if blocked or not known else furthest
            if explain:
                decision.losses, decision.ranks, decision.short = losses, {}, {}
            return
        before = (self.available.copy(), self.open.copy(), self.load_w.copy(), self.load_t.copy())
        credits, parcels = (self.credit_w.copy(), self.credit_t.copy()), copy.deepcopy(decision.parcels)
        owns = copy.deepcopy(self.own_w), copy.deepcopy(self.own_t)
        self.turn = {}
        earns = Strategy.RATIO in action.strategies and not decision.parcels
        lacks = {w: self.lacking(w, demand) for w in left}
        if earns:
            feasible = [
                w
                for w in left
                if self.room(decision, o, action, w)
                and (lacks[w] == 0 if action.split is Split.NEVER else self.can_serve_some(action, w, wanted))
            ]
            total = sum(int(self.p.warehouses.ratio_w[w]) for w in feasible)
            self.turn = self.own_w.setdefault(frozenset(feasible), dict.fromkeys(feasible, 0.0))
            for w in feasible:
                earned = self.p.warehouses.ratio_w[w] / total if total else 1 / len(feasible)
                self.credit_w[w] += earned
                self.turn[w] += earned
        steps = range(len(action.strategies))
        self.priced = self.any_price(action, left, demand)
        keys = {w: [self.key(o, action, w, k, demand, burden) for k in steps] for w in left}
        ranking = self.sort(action, keys)
        used: dict[int, Parcel] = {}
        self.settled: set[int] = set()
        team_full: set[int] = set()
        if action.split is Split.NEVER:
            for w in ranking:
                if lacks[w] > 0:
                    continue
                parcel = self.open_parcel(decision, o, rule, action, w)
                if parcel is None:
                    team_full.add(w)
                    continue
                used[w] = parcel
                for li in wanted:
                    self.take(parcel, li, int(self.open[li]))
                break
            for li in still:
                if self.open[li] > 0:
                    decision.line_reasons[li] = Reason.TEAM_FULL if team_full else Reason.STOCK_SHORT
        elif action.strategies[0] is Strategy.FEWEST_PARCELS:
            self.serve_set(o, rule, action, decision, ranking, keys, wanted, demand, used, team_full)
        else:
            self.serve_walk(o, rule, action, decision, ranking, keys, wanted, used, team_full)
        last = max((ranking.index(w) for w in used), default=-1)
        if action.split is not Split.NEVER:
            for li in still:
                if self.open[li] > 0 and li not in self.settled:
                    decision.line_reasons[li] = self.line_reason(action, li, ranking, team_full)
        if earns:
            if used:
                best = next(w for w in ranking if w in used)
                self.credit_w[best] -= 1
                self.turn[best] -= 1
            else:
                self.credit_w = credits[0].copy()
                self.own_w = owns[0]
        if whole and any(self.open[li] > 0 for li in still) and action.split is not Split.NEVER:
            first = next(decision.line_reasons[li] for li in still if self.open[li] > 0)
            self.available, self.open, self.load_w, self.load_t = before
            self.credit_w, self.credit_t = credits
            self.own_w, self.own_t = owns
            decision.parcels = parcels
            last = -1
            for li in still:
                decision.line_reasons[li] = first
        if explain:
            is_open = any(self.open[li] > 0 for li in still)
            decision.ranks = {w: i + 1 for i, w in enumerate(ranking)}
            decision.short = {}
            for i, w in enumerate(ranking):
                if last >= 0 and w in used:
                    losses[w] = Reason.NONE
                elif i > last and not is_open:
                    losses[w] = Reason.NONE
                    continue
                elif w in team_full:
                    losses[w] = Reason.TEAM_FULL
                else:
                    losses[w] = Reason.STOCK_SHORT if lacks[w] else Reason.NONE
                decision.short[w] = lacks[w]
            decision.losses = losses

    def take(self, parcel: Parcel, line: int, qty: int) -> None:
        parcel.pieces[line] = parcel.pieces.get(line, 0) + qty
        self.available[self.p.orders.sku_l[line], parcel.warehouse] -= qty
        self.open[line] -= qty

    def line_order(self, action: Action, members: list[int], keys, sku: int) -> list[int]:
        if Strategy.MOST_STOCK not in action.strategies:
            return members
        k = action.strategies.index(Strategy.MOST_STOCK)
        mine = {w: [*keys[w][:k], -int(self.available[sku, w]), *keys[w][k + 1 :]] for w in members}
        return self.sort(action, mine)

    def line_reason(self, action: Action, line: int, ranking: list[int], team_full: set[int]) -> Reason:
        sku = self.p.orders.sku_l[line]
        if not self.p.skus.known_s[sku]:
            return Reason.UNKNOWN_SKU
        least = self.open[line] if action.split is Split.BY_LINE else 1
        if any(self.available[sku, w] >= least for w in ranking if w in team_full):
            return Reason.TEAM_FULL
        return Reason.STOCK_SHORT

    def serve_walk(self, o, rule, action, decision, ranking, keys, wanted, used, team_full, assigned=None) -> None:
        limit = math.inf if action.max_parcels is None or assigned is not None else action.max_parcels
        for li in wanted:
            sku = int(self.p.orders.sku_l[li])
            for w in self.line_order(action, ranking, keys, sku):
                there = int(self.available[sku, w])
                if there == 0 or (action.split is Split.BY_LINE and there < self.open[li]):
                    continue
                if assigned is not None and li in assigned and assigned[li] != w:
                    continue
                if w in team_full or (w not in used and len(used) >= limit):
                    continue
                if w not in used:
                    keep = assigned is not None and self.must_spare(o, action, decision, ranking, used, w)
                    parcel = self.open_parcel(decision, o, rule, action, w, keep)
                    if parcel is None:
                        team_full.add(w)
                        continue
                    used[w] = parcel
                self.take(used[w], li, min(there, int(self.open[li])))
                if self.open[li] == 0:
                    break

    def shared_only(self, o, action, decision, w) -> bool:
        teams = self.eligible(o, action, w)
        if self.own(decision, o, action, w) or not teams:
            return False
        able = [i for i in teams if self.has_room(i)]
        return bool(able) and all(self.p.teams.warehouse_t[i] < 0 for i in able)

    def shared_places(self, o, action) -> float:
        t, places = self.p.teams, 0.0
        teams = {i for w in range(self.count_w) for i in self.listed(o, action, w)}
        for i in teams:
            if t.warehouse_t[i] < 0:
                places += math.inf if t.capacity_t[i] < 0 else max(0, int(t.capacity_t[i] - self.load_t[i]))
        return places

    def listed(self, o, action, w) -> list[int]:
        teams = self.eligible(o, action, w)
        return [] if isinstance(teams, Reason) else teams

    def must_spare(self, o, action, decision, members, used, w) -> bool:
        needed = sum(self.shared_only(o, action, decision, m) for m in members if m != w and m not in used)
        return needed > 0 and self.shared_places(o, action) <= needed

    def serve_set(self, o, rule, action, decision, ranking, keys, wanted, demand, used, team_full) -> None:
        able = [w for w in ranking if self.room(decision, o, action, w)]
        stocked = {w for w in ranking if any(self.available[s, w] > 0 for s in demand)}
        shared = self.shared_places(o, action)
        limit = len(able) if action.max_parcels is None else min(action.max_parcels, len(able))
        total = sum(demand.values())
        useful = [w for w in able if self.cover(action, (w,), wanted, demand)[0] > 0]
        some_shared = any(self.shared_only(o, action, decision, w) for w in useful)
        reach = self.cover(action, tuple(able), wanted, demand)[0] if able else 0
        best, best_pieces, best_pack = (), 0, {}
        for size in range(1, limit + 1):
            for members in itertools.combinations(able, size):
                if sum(self.shared_only(o, action, decision, w) for w in members) > shared:
                    continue
                pieces, pack = self.cover(action, members, wanted, demand)
                if pieces > best_pieces:
                    best, best_pieces, best_pack = members, pieces, pack
        tried = reach > 0 and (action.partial or reach == total)
        blocked = tried and best_pieces < reach and some_shared and shared < len(useful)
        if not action.partial and best_pieces < total:
            best = ()
        if best:
            self.serve_walk(o, rule, action, decision, list(best), keys, wanted, used, team_full, best_pack)
        team_full |= {w for w in stocked if w not in used and w not in able}
        fails = not best and not action.partial
        reason = self.blocking(action, ranking, able, wanted, demand, team_full, blocked) if fails else Reason.TEAM_FULL
        for li in wanted:
            if self.open[li] > 0 and (blocked or fails):
                decision.line_reasons[li] = reason
                self.settled.add(li)

    def blocking(self, action, ranking, able, wanted, demand, team_full, blocked) -> Reason:
        sku_l = self.p.orders.sku_l
        for li in wanted:
            sku = int(sku_l[li])
            there = [int(self.available[sku, w]) for w in able]
            lacks = (
                sum(there) < demand[sku] if action.split is Split.BY_PIECE else max(there, default=0) < self.open[li]
            )
            if lacks:
                return Reason.TEAM_FULL if blocked else self.line_reason(action, li, ranking, team_full)
        return Reason.TEAM_FULL if team_full or blocked else Reason.STOCK_SHORT

    def cover(self, action, members, wanted, demand) -> tuple[int, dict[int, int]]:
        """The most pieces the members can serve, and where lines that compete for a SKU go (by line)."""
        sku_l, pieces, pack = self.p.orders.sku_l, 0, {}
        for sku, need in demand.items():
            lines = [li for li in wanted if sku_l[li] == sku]
            there = [int(self.available[sku, w]) for w in members]
            if action.split is Split.BY_PIECE:
                pieces += min(need, sum(there))
            elif len(lines) == 1:
                pieces += need if max(there) >= need else 0
            else:
                best, choice = -1, ()
                for places in itertools.product(range(len(members) + 1), repeat=len(lines)):
                    loads = [0] * (len(members) + 1)
                    for li, at in zip(lines, places, strict=True):
                        loads[at] += int(self.open[li])
                    if all(load <= have for load, have in zip(loads, there, strict=False)):
                        served = sum(loads[:-1])
                        if served > best:
                            best, choice = served, places
                pieces += best
                pack |= {li: (*members, -1)[at] for li, at in zip(lines, choice, strict=True)}
        return pieces, pack

    # all orders

    def sequence(self) -> list[int]:
        orders = self.p.orders

        def key(o: int) -> tuple[int, int, int, int]:
            rules = [] if orders.unresolved_o[o] else self.matches(o)
            raised = self.p.rules[rules[0]].then.raise_priority if rules else 0
            return -(int(orders.priority_o[o]) + raised), int(orders.ship_by_o[o]), int(orders.paid_at_o[o]), o

        return sorted(range(len(orders.shop_o)), key=key)

    def decide(self, o: int) -> Decision:
        decision = Decision()
        rules = self.matches(o)
        still = [li for li in self.lines(o) if self.open[li] > 0]
        if not still:
            decision.rule = rules[0] if rules else -1
            decision.outcome = Outcome.ALLOCATED
            return decision
        if self.p.orders.unresolved_o[o] or not rules:
            decision.reason = Reason.ADDRESS_UNRESOLVED if self.p.orders.unresolved_o[o] else Reason.NO_RULE
            decision.line_reasons = dict.fromkeys(still, decision.reason)
            return decision
        held = False
        for rule in rules:
            if not decision.parcels:
                decision.rule = rule
            self.attempt(o, rule, decision, explain=not decision.parcels)
            still = [li for li in still if self.open[li] > 0]
            otherwise = self.p.rules[rule].then.otherwise
            held = otherwise is Otherwise.HOLD
            if not still or otherwise is not Otherwise.NEXT:
                break
        for parcel in decision.parcels:
            burden = self.burden(parcel.pieces)
            row = self.carrier(o, parcel.warehouse, *burden)
            parcel.row, parcel.distance = row, self.distance(o, parcel.warehouse)
            parcel.freight = self.cost(o, parcel.warehouse, row, *burden)
            due = int(self.p.orders.ship_by_o[o])
            parcel.late = 0 if due == NEVER_DUE else max(0, self.arrival(parcel.warehouse, row) - due)
        decision.line_reasons = {li: decision.line_reasons[li] for li in still}
        if not still:
            decision.outcome = Outcome.ALLOCATED
            return decision
        reasons = [decision.line_reasons[li] for li in still]
        decision.reason = reasons[0]
        if held:
            decision.outcome, decision.reason = Outcome.HELD, Reason.HELD
        elif decision.parcels:
            decision.outcome = Outcome.PARTIAL
        elif Reason.TEAM_FULL in reasons:
            decision.reason = Reason.TEAM_FULL
        return decision

    def run(self) -> dict[int, Decision]:
        return {o: self.decide(o) for o in self.sequence()}


def solve(problem: Problem) -> tuple[Reference, dict[int, Decision]]:
    reference = Reference(problem)
    return reference, reference.run()


__all__ = ["Decision", "Reference", "solve"]
