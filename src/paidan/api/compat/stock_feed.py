"""`api_goods_stock_change_query` and `_ack`: what a shop should offer now, until it has said that it does.

The feed compares instead of listening: whatever is available differs from what the program confirmed is listed, again
and again until it is confirmed. So nothing that changes stock pays for it, a crash loses nothing, and a change between
query and confirmation is listed by the next query, whoever made it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.network.scopes import visible_warehouses

from ..models import StockTold
from .calls import Call
from .errors import MALFORMED, ProtocolError

LEAST, MOST = 1, 2_000
DEFAULT = 100
SINGLE, BUNDLE = 1, 2
"""`erp_spec_type`."""

# A shop with codes of its own offers those; one without offers everything there is, by our codes. A bundle can be
# sold as often as the warehouse with the scarcest part allows, warehouse by warehouse.
_OFFERS = """
WITH codes AS (
    SELECT m.code, m.sku_id FROM network_shopsku m WHERE m.shop_id = %(shop)s
    UNION ALL
    SELECT s.code, s.id FROM catalog_sku s
    WHERE NOT EXISTS (SELECT 1 FROM network_shopsku m WHERE m.shop_id = %(shop)s)
), needed AS (
    SELECT c.code, c.sku_id, coalesce(b.component_id, c.sku_id) AS part_id, coalesce(b.qty, 1) AS qty,
           b.id IS NOT NULL AS is_bundle
    FROM codes c LEFT JOIN catalog_bundlecomponent b ON b.bundle_id = c.sku_id
), places AS (
    SELECT id FROM network_warehouse WHERE id = ANY(%(places)s) AND is_open
), by_place AS (
    SELECT n.code, n.sku_id, bool_or(n.is_bundle) AS is_bundle,
           min(greatest(0, coalesce(s.on_hand_qty - s.reserved_qty - s.safety_qty, 0)) / n.qty) AS qty
    FROM needed n CROSS JOIN places p
    LEFT JOIN stock_stock s ON s.sku_id = n.part_id AND s.warehouse_id = p.id
    GROUP BY n.code, n.sku_id, p.id
), offers AS (
    SELECT code, sku_id, bool_or(is_bundle) AS is_bundle, sum(qty)::bigint AS qty FROM by_place GROUP BY code, sku_id
)
"""
_LIST = (
    _OFFERS
    + """
, due AS (
    SELECT o.code, o.sku_id, o.qty FROM offers o
    LEFT JOIN api_stocktold t ON t.credential_id = %(credential)s AND t.shop_id = %(shop)s AND t.code = o.code
    WHERE t.told_qty IS DISTINCT FROM o.qty
    ORDER BY t.listed_at NULLS FIRST, o.code LIMIT %(limit)s
), listed AS (
    INSERT INTO api_stocktold AS t (credential_id, shop_id, sku_id, code, changes_n, listed_qty, listed_at)
    SELECT %(credential)s, %(shop)s, sku_id, code, 1, qty, %(now)s FROM due ORDER BY code
    ON CONFLICT (credential_id, shop_id, code) DO UPDATE
    SET changes_n = t.changes_n + (t.listed_qty <> excluded.listed_qty)::int, listed_qty = excluded.listed_qty,
        listed_at = excluded.listed_at, sku_id = excluded.sku_id
    RETURNING id, sku_id, code, changes_n, listed_qty
)
SELECT l.id, s.code, l.code, l.changes_n, l.listed_qty,
       EXISTS (SELECT 1 FROM catalog_bundlecomponent b WHERE b.bundle_id = l.sku_id)
FROM listed l JOIN catalog_sku s ON s.id = l.sku_id ORDER BY l.id
"""
)


def stock_change_query(call: Call) -> dict[str, Any]:
    """Codes of a shop whose offer is not what the program last confirmed, at most `limit`."""
    call.allow(Capability.SEE_STOCK)
    shop = call.shop()
    values: dict[str, Any] = {
        "shop": shop.pk,
        "credential": call.credential.pk,
        "places": [place.pk for place in visible_warehouses(call.user)],
        "limit": call.number("limit", DEFAULT, least=LEAST, most=MOST),
        "now": call.now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LIST, values)
        rows = cursor.fetchall()
    listed = [
        {
            "rec_id": rec_id,
            "shop_no": shop.code,
            "sync_stock": qty,
            "goods_no": sku,
            "spec_no": sku,
            "goods_id": code,
            "spec_id": code,
            "erp_spec_type": BUNDLE if is_bundle else SINGLE,
            "stock_change_count": count,
        }
        for rec_id, sku, code, count, qty, is_bundle in rows
    ]
    return {"current_count": len(listed), "stock_change_list": listed}


def stock_change_ack(call: Call) -> dict[str, Any]:
    """The platform shows what was listed. A confirmation of an older listing changes nothing: the newer one stays."""
    call.allow(Capability.SEE_STOCK)
    for at, one in enumerate(call.rows("stock_sync_list", MOST)):
        try:
            rec_id, count = int(one["rec_id"]), int(one["stock_change_count"])
        except (KeyError, TypeError, ValueError, OverflowError):
            words = {"at": at}
            said = _("stock_sync_list[%(at)d]: rec_id and stock_change_count are whole numbers.") % words
            raise ProtocolError(MALFORMED, said) from None
        if max(abs(rec_id), abs(count)) < 2**63:
            _confirm(call, rec_id, count, one.get("sync_stock"))
    return {}


def _confirm(call: Call, rec_id: int, count: int, shown: Any) -> None:
    """What the platform shows is what was listed with this count, unless the program says it shows something else."""
    rows = StockTold.objects.filter(pk=rec_id, credential=call.credential, changes_n=count)
    for row in rows:
        said = str(row.listed_qty if shown is None else shown).partition(".")[0]
        rows.update(told_qty=int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else row.listed_qty)
