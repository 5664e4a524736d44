"""What each method's name stands for through the gateway, and the form of its reply.

The methods of the open API answer with its fields beside `flag`; those of the younger edition with `status` and `data`.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from paidan.accounts.capabilities import Capability
from paidan.network.scopes import visible_warehouses
from paidan.stock.models import StockMovement

from .calls import Call, decimal, written
from .goods import goods_push, goods_query, suites_query
from .network import shop_query, warehouse_query
from .paging import paged
from .parcels import logistics_sync_ack, logistics_sync_query
from .registries import FLAGSHIP
from .stock_feed import stock_change_ack, stock_change_query
from .stockouts import stockout_as_told, stockout_query, stockouts_asked
from .stocks import stock_query
from .trade_keys import SECOND, trade_number
from .trade_push import trade_push
from .trade_query import trade_as_told, trade_query, trades_asked
from .trade_rows import TradeRow

Method = Callable[[Call], dict[str, Any]]
MONTH = timedelta(days=30)


def open_api(method: Method) -> Method:
    """A method of the open API, in the gateway's envelope."""

    def called(call: Call) -> dict[str, Any]:
        return {"response": {"flag": "success", "code": 0, "message": "ok", **method(call)}}

    return called


def with_data(method: Method) -> Method:
    """A method of the younger edition."""

    def called(call: Call) -> dict[str, Any]:
        return {"response": {"status": 0, "message": "ok", "data": method(call)}}

    return called


def trades_with_detail(call: Call) -> dict[str, Any]:
    """Trades of at most an hour, each with its `detail_list`."""
    call.allow(Capability.SEE_ORDERS)
    found = trades_asked(call, FLAGSHIP)
    told = [_with_detail(row, call) for row in found.pop("rows")]
    return {**found, "order": told}


def _with_detail(row: TradeRow, call: Call) -> dict[str, Any]:
    told = trade_as_told(row, call.user)
    details = told.pop("goods_list")
    return {
        **told,
        "trade_status": FLAGSHIP.get(row.key.trade_status, row.key.trade_status),
        "trade_id": row.key.allocation_id or row.key.order_id,
        "trade_no": trade_number(row.key),
        "version_id": row.order.version,
        "estimate_consign_time": written(row.order.ship_by_at),
        "goods_amount": told["paid"],
        "weight": _weight(row),
        "detail_list": details,
    }


def _weight(row: TradeRow) -> str:
    grams = sum(piece.sku.weight_g * piece.qty for piece in row.pieces if piece.sku)
    return f"{grams / 1000:.4f}"


def stockouts_with_detail(call: Call) -> dict[str, Any]:
    """The work of warehouses, each with its `details_list`."""
    call.allow(Capability.SEE_ORDERS)
    found = stockouts_asked(call, FLAGSHIP)
    told = [stockout_as_told(row, call.user) for row in found.pop("rows")]
    for one in told:
        one["status"] = FLAGSHIP.get(one["status"], one["status"])
    return {**found, "order": told}


def stock_of_specs(call: Call) -> dict[str, Any]:
    """What warehouses hold, changed in a period or of one SKU."""
    found = stock_query(call)
    told = found.pop("stocks")
    return {**found, "detail_list": told}


def stock_history(call: Call) -> dict[str, Any]:
    """Every movement of stock on hand in a period, oldest first."""
    call.allow(Capability.SEE_STOCK)
    period = call.window(MONTH, without=("spec_no",))
    rows = StockMovement.objects.filter(warehouse__in=list(visible_warehouses(call.user)))
    if period:
        rows = rows.filter(at__gte=period[0], at__lt=period[1] + SECOND)
    for name, column in (("spec_no", "sku__code"), ("warehouse_no", "warehouse__code")):
        if call.text(name):
            rows = rows.filter(**{column: call.text(name)})
    return paged(call, rows.select_related("sku", "warehouse").order_by("at", "id"), "detail_list", _movement_as_told)


def _movement_as_told(row: StockMovement) -> dict[str, Any]:
    return {
        "rec_id": row.pk,
        "spec_no": row.sku.code,
        "goods_no": row.sku.code,
        "goods_name": row.sku.name,
        "warehouse_no": row.warehouse.code,
        "warehouse_name": str(row.warehouse),
        "num": decimal(row.delta_qty),
        "stock_num": decimal(row.on_hand_qty),
        "operate_type": row.kind,
        "stockout_no": f"S{row.allocation_id}" if row.allocation_id else "",
        "remark": row.reason,
        "created": written(row.at),
    }


METHODS: dict[str, Method] = {
    "wdt.trade.push": open_api(trade_push),
    "wdt.trade.query": open_api(trade_query),
    "wdt.stock.query": open_api(stock_query),
    "wdt.api.goods.stock.change.query": open_api(stock_change_query),
    "wdt.api.goods.stock.change.ack": open_api(stock_change_ack),
    "wdt.warehouse.query": open_api(warehouse_query),
    "wdt.shop.query": open_api(shop_query),
    "wdt.logistics.sync.query": open_api(logistics_sync_query),
    "wdt.logistics.sync.ack": open_api(logistics_sync_ack),
    "wdt.stockout.order.query": open_api(stockout_query),
    "wdt.stockout.order.query.trade": open_api(stockout_query),
    "wdt.goods.query": open_api(goods_query),
    "wdt.suites.query": open_api(suites_query),
    "wdt.api.goodsspec.push": open_api(goods_push),
    "wdt.sales.tradequery.querywithdetail": with_data(trades_with_detail),
    "wdt.wms.stockout.sales.querywithdetail": with_data(stockouts_with_detail),
    "wdt.wms.stockspec.search": with_data(stock_of_specs),
    "wdt.wms.stockspec.search2": with_data(stock_of_specs),
    "wdt.wms.stockspec.querychangehistory": with_data(stock_history),
}
