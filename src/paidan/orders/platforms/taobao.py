"""Taobao and Tmall: `trade` as the open platform's trade answers and its database push write it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from .nodes import Node, after
from .shapes import LineStanding, Platform, PlatformLine, PlatformOrder, Standing

STANDINGS = {
    "TRADE_NO_CREATE_PAY": Standing.UNPAID,
    "WAIT_BUYER_PAY": Standing.UNPAID,
    "PAY_PENDING": Standing.UNPAID,
    "WAIT_SELLER_SEND_GOODS": Standing.OPEN,
    "SELLER_CONSIGNED_PART": Standing.PART_SHIPPED,
    "WAIT_BUYER_CONFIRM_GOODS": Standing.SHIPPED,
    "TRADE_BUYER_SIGNED": Standing.SHIPPED,
    "TRADE_FINISHED": Standing.SHIPPED,
    "TRADE_CLOSED": Standing.CANCELLED,
    "TRADE_CLOSED_BY_TAOBAO": Standing.CANCELLED,
}
ASKED = {"WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"}


def orders_in(document: Node) -> Iterator[Node]:
    one = document.down(("trade_fullinfo_get_response", "trade"), ("trade_get_response", "trade"), ("trade",))
    if one is not None:
        yield one
        return
    many = document.down(("trades_sold_get_response",), ("trades_sold_increment_get_response",))
    if many is not None:
        yield from many.nodes("trades")
    elif document.has("tid"):
        yield document


def line_of(order: Node) -> PlatformLine:
    state, refund = order.text("status"), order.text("refund_status")
    standing = LineStanding.OPEN
    if refund == "SUCCESS" or STANDINGS.get(state) is Standing.CANCELLED:
        standing = LineStanding.GONE
    elif STANDINGS.get(state) is Standing.SHIPPED:
        standing = LineStanding.SHIPPED
    return PlatformLine(
        number=order.text("oid", most=64),
        sku=order.must("outer_sku_id", "outer_iid", "sku_id", "num_iid", most=100),
        qty=order.whole("num"),
        amount_minor=order.yuan("divide_order_fee", "payment", "total_fee"),
        standing=standing,
    )


def read(trade: Node) -> PlatformOrder:
    lines = list(trade.nodes("orders"))
    paid_at = trade.instant("pay_time")
    on_delivery = trade.text("type") == "cod" or trade.text("cod_status") not in ("", "NEW_CREATED")
    town, street = trade.open_text("receiver_town"), trade.open_text("receiver_address")
    standing = STANDINGS.get(trade.text("status"), Standing.OPEN if paid_at else Standing.UNPAID)
    return PlatformOrder(
        number=trade.must("tid"),
        standing=standing,
        lines=tuple(line_of(line) for line in lines),
        refund_asked=any(line.text("refund_status") in ASKED for line in lines),
        said_at=trade.instant("modified"),
        paid_at=paid_at,
        ship_by=after(paid_at, trade.whole("consign_interval", default=0)),
        amount_minor=trade.yuan("payment"),
        payment="cod" if on_delivery else "",
        delivery=trade.text("shipping_type", most=20),
        buyer_remark=trade.text("buyer_message", most=5000),
        seller_remark=trade.text("seller_memo", most=5000),
        buyer=trade.open_text("buyer_nick", "buyer_open_uid", most=100),
        name=trade.open_text("receiver_name", most=100),
        phone=trade.open_text("receiver_mobile", "receiver_phone", most=40),
        country=trade.open_text("receiver_country", most=60),
        province=trade.open_text("receiver_state", most=60),
        city=trade.open_text("receiver_city", most=60),
        district=trade.open_text("receiver_district", most=60),
        address=street if street.startswith(town) else town + street,
    )


PLATFORM = Platform("taobao", _("Taobao"), orders_in, read, ("tid",))
