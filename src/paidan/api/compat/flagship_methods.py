"""What each method of the flagship edition stands for; most of them are those the gateway answers too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from .calls import Call, read_json
from .errors import MALFORMED, SOME_REFUSED, ProtocolError
from .network import shop_query, warehouse_query
from .qimen_methods import stock_history, stock_of_specs, stockouts_with_detail, trades_with_detail
from .trade_push import trade_push

Method = Callable[[Call], dict[str, Any]]
MOST_RAW = 100
PUSHED = 2
"""Trades and their lines are two lists; discounts may follow and say nothing we keep."""
RENAMED = {"remark": "seller_memo", "remark_flag": "seller_flag"}
AREA = ("receiver_province", "receiver_city", "receiver_district")


def push_raw_trades(call: Call) -> dict[str, Any]:
    """Take up to 100 trades whose lines come in a list beside them: `[shop_no, trades, lines, discounts]`.

    Each stands for itself: those refused are in `error_list`, the others come in.
    """
    arguments = read_json(call.parameters["arguments"], "body")
    if len(arguments) <= PUSHED or not all(_is_rows(one) for one in arguments[1 : PUSHED + 1]):
        raise ProtocolError(MALFORMED, _("The arguments are shop_no, a list of trades and a list of their lines."))
    shop, trades, lines = arguments[:3]
    lines_of: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        lines_of.setdefault(str(line.get("tid", "")), []).append(line)
    whole = [_as_pushed(one, lines_of.get(str(one.get("tid", "")), [])) for one in trades]
    parameters = {"shop_no": str(shop), "trade_list": json.dumps(whole), "switch": "0"}
    try:
        found = trade_push(replace(call, parameters=parameters), most=MOST_RAW)
    except ProtocolError as error:
        if error.code != SOME_REFUSED:
            raise
        listed: Any = error.more["error_list"]
        told = [{"no": one["tid"], "error": one["error"]} for one in listed]
        return {name: error.more[name] for name in ("new_count", "chg_count")} | {"error_list": told}
    return {**found, "error_list": []}


def _is_rows(said: object) -> bool:
    return isinstance(said, list) and all(isinstance(one, dict) for one in said)


def _as_pushed(raw: Mapping[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A raw trade in the words of `trade_push`; its area is one text, “北京 北京市 朝阳区”."""
    said = {RENAMED.get(name, name): value for name, value in raw.items()}
    area = str(raw.get("receiver_area") or "").split()
    for name, words in zip(AREA, area, strict=False):
        said.setdefault(name, words)
    return {**said, "order_list": lines}


METHODS: dict[str, Method] = {
    "sales.RawTrade.pushSelf": push_raw_trades,
    "sales.RawTrade.pushSelf2": push_raw_trades,
    "sales.TradeQuery.queryWithDetail": trades_with_detail,
    "wms.stockout.Sales.queryWithDetail": stockouts_with_detail,
    "wms.StockSpec.search": stock_of_specs,
    "wms.StockSpec.search2": stock_of_specs,
    "wms.StockSpec.queryChangeHistory": stock_history,
    "setting.Warehouse.queryWarehouse": warehouse_query,
    "setting.Shop.queryShop": shop_query,
}
