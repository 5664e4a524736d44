"""`stockout_order_query`: the work of warehouses, one order out of stock per allocation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.states import AllocationState

from .calls import Call, decimal, written, yuan
from .registries import WAREHOUSE_TYPE
from .trade_keys import REST, count_trades, page_of_trades, trade_number
from .trade_query import OWN, Numbers, carrier_as_told, note_revealed, query_of, recipient_as_told, stockout_number
from .trade_rows import Piece, TradeRow, trade_rows


def stockout_query(call: Call) -> dict[str, Any]:
    """One page of the allocations of a period, or of a trade (`src_order_no`) or one of them (`stockout_no`)."""
    call.allow(Capability.SEE_ORDERS)
    found = stockouts_asked(call)
    told = [stockout_as_told(row, call.user) for row in found.pop("rows")]
    return {**found, "stockout_list": told}


def stockouts_asked(call: Call, numbers: Numbers = OWN) -> dict[str, Any]:
    """The rows of the page asked for, and the total where it is the first."""
    number = call.text("src_order_no") or call.text("src_trade_no")
    if call.text("stockout_no"):
        number = f"A{call.text('stockout_no').removeprefix('S')}"
    parameters = {**call.parameters, **({"trade_no": number} if number else {})}
    query = query_of(replace(call, parameters=parameters), numbers)
    if query is None:
        return {"total_count": 0, "rows": []}
    query.only(f"k.allocation_id <> {REST}")
    page, size = call.page()
    rows = trade_rows(page_of_trades(query, page, size))
    note_revealed(call, len(rows))
    return {**({"total_count": count_trades(query)} if page == 0 else {}), "rows": rows}


def stockout_as_told(row: TradeRow, user: User) -> dict[str, Any]:
    """One allocation in the words of the protocol."""
    order, work = row.order, row.allocation
    to = recipient_as_told(order, user)
    shipped = work is not None and work.state == AllocationState.SHIPPED
    return {
        "stockout_id": row.key.allocation_id,
        "stockout_no": stockout_number(row),
        "order_no": stockout_number(row),
        "src_order_no": trade_number(row.key),
        "src_tids": row.src_tids,
        "src_trade_no": row.src_tids,
        "shop_no": order.shop.code,
        "shop_name": order.shop.name,
        "warehouse_no": work.warehouse.code if work else "",
        "warehouse_name": str(work.warehouse) if work else "",
        "warehouse_type": WAREHOUSE_TYPE,
        "picker_team": str(work.team) if work and work.team else "",
        "status": row.key.trade_status,
        "consign_time": written(work.state_at if work and shipped else None),
        "block_reason": 1 if row.holds or (work and work.frozen) else 0,
        "bad_reason": row.bad_reason,
        "buyer_nick": to["buyer"],
        "receiver_name": to["name"],
        "receiver_mobile": to["phone"],
        "receiver_province": to["province"],
        "receiver_city": to["city"],
        "receiver_district": to["district"],
        "receiver_address": to["address"],
        **carrier_as_told(row),
        "goods_count": decimal(sum(piece.qty for piece in row.pieces)),
        "goods_type_count": len(row.pieces),
        "post_cost": yuan(work.freight_minor if work else 0),
        "buyer_message": order.buyer_remark,
        "cs_remark": order.seller_remark,
        "trade_time": written(order.paid_at or order.received_at),
        "pay_time": written(order.paid_at),
        "modified": written(row.key.modified),
        "created": written(work.created_at if work else None),
        "details_list": [_detail_as_told(piece, row) for piece in row.pieces],
    }


def _detail_as_told(piece: Piece, row: TradeRow) -> dict[str, Any]:
    code, name = (piece.sku.code, piece.sku.name) if piece.sku else (piece.line.shop_code, "")
    return {
        "rec_id": piece.line.pk,
        "stockout_id": row.key.allocation_id,
        "src_oid": piece.src_oid,
        "src_tid": piece.src_tid,
        "goods_no": code,
        "goods_name": name,
        "spec_no": code,
        "spec_name": name,
        "goods_count": decimal(piece.qty),
        "num": decimal(piece.qty),
        "paid": yuan(piece.line.amount_minor),
    }
