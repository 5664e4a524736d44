"""`stock_query`: what warehouses hold, one row per SKU and warehouse."""

from datetime import timedelta
from typing import Any

from paidan.accounts.capabilities import Capability
from paidan.network.scopes import visible_warehouses
from paidan.stock.models import Stock

from .calls import Call, decimal, written
from .paging import paged
from .registries import WAREHOUSE_TYPE
from .trade_keys import SECOND

LONGEST = timedelta(days=30)
NONE_OF_OURS = dict.fromkeys(
    (
        "order_num",
        "purchase_num",
        "transfer_num",
        "to_transfer_num",
        "to_purchase_num",
        "purchase_arrive_num",
        "return_num",
        "refund_num",
    ),
    decimal(0),
)
"""Quantities another system keeps, which Paidan has none of."""


def stock_query(call: Call) -> dict[str, Any]:
    """Rows changed in a period, or of one SKU. Available = stock_num − lock_num − order_num − sending_num."""
    call.allow(Capability.SEE_STOCK)
    period = call.window(LONGEST, without=("spec_no", "barcode"))
    rows = Stock.objects.filter(warehouse__in=list(visible_warehouses(call.user))).select_related("sku", "warehouse")
    if period:
        rows = rows.filter(changed_at__gte=period[0], changed_at__lt=period[1] + SECOND)
    for name, column in (("spec_no", "sku__code"), ("barcode", "sku__code"), ("warehouse_no", "warehouse__code")):
        if call.text(name):
            rows = rows.filter(**{column: call.text(name)})
    return paged(call, rows.order_by("changed_at", "sku_id", "warehouse_id"), "stocks", stock_as_told)


def stock_as_told(row: Stock) -> dict[str, Any]:
    return {
        "rec_id": f"{row.sku_id}-{row.warehouse_id}",
        "spec_no": row.sku.code,
        "spec_name": row.sku.name,
        "goods_no": row.sku.code,
        "goods_name": row.sku.name,
        "barcode": row.sku.code,
        "warehouse_no": row.warehouse.code,
        "warehouse_name": str(row.warehouse),
        "warehouse_type": WAREHOUSE_TYPE,
        "stock_num": decimal(row.on_hand_qty),
        "lock_num": decimal(row.safety_qty),
        "sending_num": decimal(row.reserved_qty),
        "avaliable_num": decimal(row.available_qty),
        **NONE_OF_OURS,
        "status": 1 if row.available_qty else 0,
        "unit": "",
        "remark": "",
        "img_url": "",
        "last_pd_time": written(None),
        "last_inout_time": written(row.changed_at),
        "created": written(None),
        "modified": written(row.changed_at),
    }
