"""Orders of one shop for one person and address: found by a key that is kept only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from ..states import OrderState
from .judging import Finding
from .kinds import Check

I64 = npt.NDArray[np.int64]

SHOWN = 5
"""Partners an order's sentence names."""
MOST = 20
"""Partners that are looked for: somebody may order hundreds of times."""

# What must be the same is what `allocation.merging` asks for.
_KEEP = """
INSERT INTO orders_buyerkey (order_id, key)
SELECT o.id, hashtextextended(concat_ws(E'\\x1f', o.shop_id, o.currency, o.region, btrim(r.name), btrim(r.phone),
       r.country || r.province || r.city || r.district || r.address), 0)
FROM orders_order o JOIN orders_recipient r ON r.order_id = o.id
WHERE o.id = ANY(%s) AND r.name || r.phone <> '' AND r.address <> ''
ON CONFLICT (order_id) DO UPDATE SET key = excluded.key WHERE orders_buyerkey.key <> excluded.key
"""
# An order a team has begun cannot be merged any more: it is no partner (1 = assigned; 6, 7 = closed).
_PARTNERS = f"""
SELECT o.id, p.id, p.number, p.amount_minor = o.amount_minor
FROM orders_buyerkey k JOIN orders_order o ON o.id = k.order_id
CROSS JOIN LATERAL (
    SELECT p.id, p.number, p.amount_minor FROM orders_buyerkey other JOIN orders_order p ON p.id = other.order_id
    WHERE other.key = k.key AND other.order_id <> k.order_id
      AND p.state IN ({OrderState.PENDING}, {OrderState.UNALLOCATED}, {OrderState.ALLOCATED})
      AND abs(extract(epoch FROM coalesce(p.paid_at, p.received_at) - coalesce(o.paid_at, o.received_at))) <= %s
      AND NOT EXISTS (SELECT FROM allocation_allocation a WHERE a.order_id = p.id AND a.state NOT IN (1, 6, 7))
    ORDER BY p.id LIMIT {MOST}
) p WHERE k.order_id = ANY(%s) ORDER BY o.id, p.id
"""
_FORGET = f"""
DELETE FROM orders_buyerkey k USING orders_order o
WHERE o.id = k.order_id AND o.state IN ({OrderState.FULFILLED}, {OrderState.CANCELLED})
"""


def keep_keys(cursor: Cursor[Any], order_ids: I64) -> None:
    """Remember who these orders go to."""
    cursor.execute(_KEEP, (order_ids,))


def together(cursor: Cursor[Any], order_ids: I64, settings: Mapping[str, Any]) -> list[Finding]:
    """Those of the orders (with keys) that could travel with others, and with which; the same money looks double."""
    within_s = (settings["within_h"] or 0) * 3600
    partners: dict[int, list[tuple[int, str, bool]]] = {}
    for order, other, number, same in cursor.execute(_PARTNERS, (within_s, order_ids)).fetchall():
        partners.setdefault(order, []).append((other, number, same))
    return [
        Finding(
            order,
            Check.TOGETHER,
            {
                "ids": [key for key, _number, _same in others],
                "orders": [number for _key, number, _same in others[:SHOWN]],
                "twice": any(same for _key, _number, same in others),
                "cause": ",".join(str(key) for key, _number, _same in others),
            },
        )
        for order, others in partners.items()
    ]


def forget_keys(cursor: Cursor[Any]) -> int:
    """Forget the keys of orders that are finished; answers how many."""
    cursor.execute(_FORGET)
    return cursor.rowcount
