"""`trade_query`: what became of trades, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.orders.checking.kinds import REFUND_ASKED
from paidan.orders.models import Order, Recipient
from paidan.web.masking import mask_address, mask_name, mask_phone

from .calls import Call, decimal, written, yuan
from .registries import TRADE_STATUSES, WAREHOUSE_TYPE, carrier_name, carrier_type
from .trade_keys import TradeQuery, count_trades, page_of_trades, trade_number
from .trade_rows import Piece, TradeRow, trade_rows

LONGEST = timedelta(hours=1)
NAMING = ("src_tid", "trade_no", "logistics_no")
WITH_NUMBER, WITHOUT_NUMBER = "1", "2"
Numbers = Mapping[int, int]
OWN: Numbers = {}
"""Another edition's numbers for states, by ours; none = the same."""
MASKED = {"name": mask_name, "phone": mask_phone, "address": mask_address, "buyer": mask_name}


def trade_query(call: Call) -> dict[str, Any]:
    """One page of the trades of a period of at most an hour, or of a number; the total with the first page only."""
    call.allow(Capability.SEE_ORDERS)
    found = trades_asked(call)
    trades = [trade_as_told(row, call.user) for row in found.pop("rows")]
    return {**found, "trades": trades}


def trades_asked(call: Call, numbers: Numbers = OWN) -> dict[str, Any]:
    """The rows of the page asked for, and the total where it is the first."""
    query = query_of(call, numbers)
    if query is None:
        return {"total_count": 0, "rows": []}
    page, size = call.page()
    rows = trade_rows(page_of_trades(query, page, size))
    note_revealed(call, len(rows))
    return {**({"total_count": count_trades(query)} if page == 0 else {}), "rows": rows}


def query_of(call: Call, numbers: Numbers = OWN) -> TradeQuery | None:
    """The conditions of the call; nothing where it names a number that cannot exist."""
    query = TradeQuery(period=call.window(LONGEST, without=NAMING))
    query.within(call.user)
    if call.text("trade_no") and not query.by_trade_number(call.text("trade_no")):
        return None
    if call.text("src_tid"):
        query.by_src_tids(call.text("src_tid"))
    if call.text("logistics_no"):
        query.by_tracking(call.text("logistics_no"))
    if call.text("shop_no"):
        query.only("o.shop_id = %(shop)s", shop=call.shop().pk)
    if call.text("warehouse_no"):
        code = "(SELECT id FROM network_warehouse WHERE code = %(warehouse_no)s)"
        query.only(f"a.warehouse_id = {code}", warehouse_no=call.text("warehouse_no"))
    if call.text("status") not in ("", "0"):
        asked = call.number("status", 0)
        query.with_status([one for one in TRADE_STATUSES if numbers.get(one, one) == asked])
    if call.text("has_logistics_no") == WITH_NUMBER:
        query.only("a.tracking_number <> ''")
    if call.text("has_logistics_no") == WITHOUT_NUMBER:
        query.only("coalesce(a.tracking_number, '') = ''")
    return query


def note_revealed(call: Call, orders: int) -> None:
    """Buyers in clear leave a trace, once for each page of them."""
    if orders and call.user.can(Capability.REVEAL_BUYER):
        record_change("buyer.sent", by=call.user, now=call.now, of=call.credential, number=orders)


def recipient_as_told(order: Order, user: User) -> dict[str, str]:
    """Who receives it and where; masked unless this credential may see buyers."""
    to = getattr(order, "recipient", None) or Recipient()
    said = {name: getattr(to, name) for name in ("buyer", "name", "phone", "country", "province", "city", "district")}
    said["address"] = to.address
    if not user.can(Capability.REVEAL_BUYER):
        said |= {name: mask(said[name]) for name, mask in MASKED.items()}
    return said


def trade_as_told(row: TradeRow, user: User) -> dict[str, Any]:
    """One trade in the words of the protocol."""
    order, work = row.order, row.allocation
    to = recipient_as_told(order, user)
    pieces = sum(piece.qty for piece in row.pieces)
    return {
        "trade_no": trade_number(row.key),
        "shop_no": order.shop.code,
        "shop_name": order.shop.name,
        "shop_remark": "",
        "warehouse_type": WAREHOUSE_TYPE,
        "warehouse_no": work.warehouse.code if work else "",
        "src_tids": row.src_tids,
        "trade_status": row.key.trade_status,
        "consign_status": 0,
        "trade_type": 1,
        "delivery_term": 2 if order.payment == "cod" else 1,
        "freeze_reason": 1 if row.holds or (work and work.frozen) else 0,
        "refund_status": 1 if REFUND_ASKED in row.holds else 0,
        "trade_time": written(order.paid_at or order.received_at),
        "pay_time": written(order.paid_at),
        "customer_name": to["buyer"],
        "customer_no": "",
        "pay_account": "",
        "buyer_nick": to["buyer"],
        "receiver_name": to["name"],
        "receiver_country": to["country"],
        "receiver_province": to["province"],
        "receiver_city": to["city"],
        "receiver_district": to["district"],
        "receiver_address": to["address"],
        "receiver_mobile": to["phone"],
        "receiver_area": " ".join(filter(None, (to["province"], to["city"], to["district"]))),
        "bad_reason": row.bad_reason,
        **carrier_as_told(row),
        "revert_reason": 0,
        "cancel_reason": 0,
        "buyer_message": order.buyer_remark,
        "cs_remark": order.seller_remark,
        "goods_type_count": len(row.pieces),
        "goods_count": decimal(pieces),
        "raw_goods_type_count": len(row.pieces),
        "raw_goods_count": decimal(pieces),
        "paid": yuan(order.amount_minor),
        "receivable": yuan(order.amount_minor),
        "invoice_type": 0,
        "invoice_title": "",
        "invoice_content": "",
        "stockout_no": stockout_number(row),
        "trade_from": 1,
        "to_deliver_time": written(order.ship_by_at),
        "modified": written(row.key.modified),
        "created": written(order.received_at),
        "goods_list": [goods_as_told(piece, row) for piece in row.pieces],
    }


def carrier_as_told(row: TradeRow) -> dict[str, Any]:
    carrier = row.allocation.carrier if row.allocation else ""
    return {
        "logistics_name": carrier_name(carrier),
        "logistics_type": carrier_type(carrier),
        "logistics_code": carrier,
        "logistics_no": row.allocation.tracking_number if row.allocation else "",
    }


def stockout_number(row: TradeRow) -> str:
    """A warehouse's own number of the work: `S` + allocation; none before a warehouse is chosen."""
    return f"S{row.allocation.pk}" if row.allocation else ""


def goods_as_told(piece: Piece, row: TradeRow) -> dict[str, Any]:
    """Pieces of one line."""
    code, name = (piece.sku.code, piece.sku.name) if piece.sku else (piece.line.shop_code, "")
    return {
        "rec_id": piece.line.pk,
        "src_oid": piece.src_oid,
        "src_tid": piece.src_tid,
        "refund_status": 2 if REFUND_ASKED in row.holds else 0,
        "delivery_term": 2 if row.order.payment == "cod" else 1,
        "num": decimal(piece.qty),
        "actual_num": decimal(piece.qty),
        "refund_num": decimal(0),
        "share_amount": yuan(piece.line.amount_minor),
        "goods_no": code,
        "goods_name": name,
        "spec_no": code,
        "spec_name": name,
        "goods_type": 1,
        "invoice_type": 0,
        "invoice_content": "",
        "remark": "",
        "modified": written(row.key.modified),
        "created": written(row.order.received_at),
        "pay_status": 2 if row.order.paid_at else 0,
        "pay_time": written(row.order.paid_at),
    }
