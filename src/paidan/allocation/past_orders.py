"""Recent orders put before rules that are not in force: how many a rule would match, and which rule would take them.

Only the rules' conditions are asked, by the engine's own index; no stock, no capacity. The sample is the latest orders
of the period, so that a form can ask at every keystroke however many orders there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from django.db import connection

from paidan.engine.match_kernel import first_matches
from paidan.engine.matching import build_index
from paidan.engine.problem import I32, I64, Bools, Problem
from paidan.engine.problem import Rule as EngineRule
from paidan.kit.copy import select_columns
from paidan.network.columns import network_at

from .snapshot import LINE_COLUMNS, ORDER_COLUMNS, Source, orders_of, skus_of

PERIOD = timedelta(days=7)
MOST = 20_000
"""Orders of the period that are looked at, the latest first."""

_IDS = """
SELECT id FROM orders_order WHERE received_at >= %s AND received_at <= %s AND merged_into_id IS NULL
ORDER BY id DESC LIMIT %s
"""
_ORDERS = """
SELECT o.id, o.version, o.shop_id, o.region, o.priority, o.amount_minor, coalesce(o.ship_by_at, 'infinity'),
       coalesce(o.paid_at, 'infinity'), coalesce(o.lat, 'NaN'), coalesce(o.lng, 'NaN'), o.state, o.reason,
       o.address_state
FROM orders_order o WHERE o.id = ANY(%s) ORDER BY o.id
"""
_LINES = """
SELECT order_id, id, position, coalesce(sku_id, -1), qty FROM orders_orderline WHERE order_id = ANY(%s)
ORDER BY order_id, position
"""


@dataclass(frozen=True, slots=True)
class Matches:
    """How many of the sample a rule's conditions match, and which rules above take some of them first."""

    orders: int  # of the sample
    matching: int
    taken_first: tuple[tuple[int, int], ...]  # (index of the rule, orders), most first


@dataclass(frozen=True)
class PastOrders:
    """The sample of one moment; read once, asked as often as one likes."""

    now: datetime

    @cached_property
    def ids(self) -> I64:
        found = select_columns(connection.connection, _IDS, {"id": "i8"}, [self.now - PERIOD, self.now, MOST])
        return np.sort(found["id"].astype(np.int64))

    def first_rules(self, rules: Sequence[EngineRule]) -> I32:
        """The index of the first rule that matches each order, −1 for none."""
        problem = self._problem(tuple(rules))
        return first_matches(build_index(problem), problem.orders.ptr, problem.orders.sku_l)

    def matches(self, rules: Sequence[EngineRule], place: int) -> Matches:
        """What the rule at `place` matches, and what the rules above it take away."""
        alone: Bools = self.first_rules([rules[place]]) == 0
        first = self.first_rules(rules[: place + 1])
        taken = Counter(first[alone & (first != place)].tolist())
        return Matches(len(self.ids), int(alone.sum()), tuple(taken.most_common()))

    def _problem(self, rules: tuple[EngineRule, ...]) -> Problem:
        raw, ids = connection.connection, self.ids
        orders = select_columns(raw, _ORDERS, ORDER_COLUMNS, [ids])
        lines = select_columns(raw, _LINES, LINE_COLUMNS, [ids])
        skus, sku_l = skus_of(lines["sku"])
        ptr = np.searchsorted(lines["order"], np.append(ids, np.iinfo(np.int64).max)).astype(np.int64)
        network = network_at(self.now)
        columns = network.warehouse_columns
        source = Source("o.id", "FROM orders_order o WHERE o.id = ANY(%s)", ids)
        return Problem(
            warehouses=columns,
            teams=network.team_columns,
            freight=network.freight_columns,
            skus=skus.columns,
            available_sw=np.zeros((len(skus.ids), len(columns.id_w)), np.int64),
            rules=rules,
            orders=orders_of(source, orders, lines, ptr, sku_l, rules),
        )
