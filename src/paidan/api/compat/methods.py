"""What each method's name stands for."""

from collections.abc import Callable
from typing import Any

from .calls import Call
from .goods import goods_push, goods_query, suites_query
from .network import shop_query, warehouse_query
from .parcels import logistics_sync_ack, logistics_sync_query
from .stock_feed import stock_change_ack, stock_change_query
from .stockouts import stockout_query
from .stocks import stock_query
from .trade_push import trade_push
from .trade_query import trade_query

Method = Callable[[Call], dict[str, Any]]

METHODS: dict[str, Method] = {
    "trade_push": trade_push,
    "trade_query": trade_query,
    "stock_query": stock_query,
    "api_goods_stock_change_query": stock_change_query,
    "api_goods_stock_change_ack": stock_change_ack,
    "warehouse_query": warehouse_query,
    "shop": shop_query,
    "logistics_sync_query": logistics_sync_query,
    "logistics_sync_ack": logistics_sync_ack,
    "stockout_order_query": stockout_query,
    "stockout_order_query_trade": stockout_query,
    "goods_query": goods_query,
    "suites_query": suites_query,
    "api_goodsspec_push": goods_push,
}
