"""Pinduoduo: `order_info` as the order answers write it; money is in yuan, times are written or seconds."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from .nodes import Node
from .shapes import Platform, PlatformLine, PlatformOrder, Standing

STANDINGS = {"0": Standing.UNPAID, "1": Standing.OPEN, "2": Standing.SHIPPED, "3": Standing.SHIPPED}
NO_REFUND, REFUNDED = ("", "1"), "4"


def orders_in(document: Node) -> Iterator[Node]:
    one = document.down(
        ("order_info_get_response", "order_info"), ("order_information_get_response", "order_info"), ("order_info",)
    )
    if one is not None:
        yield one
        return
    many = document.down(("order_list_get_response",), ("order_number_list_increment_get_response",))
    if many is not None:
        yield from many.nodes("order_list", "order_sn_list")
    elif document.has("order_sn"):
        yield document


def lines_of(order: Node) -> Iterator[PlatformLine]:
    for at, item in enumerate(order.nodes("item_list"), 1):
        qty, price = item.whole("goods_count"), item.yuan("goods_price")
        yield PlatformLine(
            number=str(at),
            sku=item.must("outer_id", "outer_goods_id", "sku_id", "goods_id", most=100),
            qty=qty,
            amount_minor=None if price is None else price * max(qty, 0),
        )


def tags_of(order: Node) -> Iterator[str]:
    if order.text("is_pre_sale") in ("1", "true"):
        yield "presale"
    for tag in order.nodes("order_tag_list"):
        if tag.text("value") in ("1", "true") and tag.text("name"):
            yield tag.text("name", most=40)


def read(order: Node) -> PlatformOrder:
    refund = order.text("refund_status")
    standing = Standing.CANCELLED if refund == REFUNDED else STANDINGS.get(order.text("order_status"), Standing.OPEN)
    town, street = order.open_text("town"), order.open_text("address", "receiver_address", "receiver_address_mask")
    if street.startswith(order.text("province") or "\0"):  # a whole address: the parts stand before it already
        district, address = "", street
    else:
        district, address = town, street
    return PlatformOrder(
        number=order.must("order_sn"),
        standing=standing,
        lines=tuple(lines_of(order)),
        refund_asked=refund not in (*NO_REFUND, REFUNDED),
        said_at=order.instant("updated_at"),
        paid_at=order.instant("pay_time", "confirm_time"),
        ship_by=order.instant("last_ship_time"),
        amount_minor=order.yuan("pay_amount"),
        tags=tuple(tags_of(order)),
        buyer_remark=order.text("buyer_memo", most=5000),
        seller_remark=order.text("remark", most=5000),
        name=order.open_text("receiver_name", "receiver_name_mask", most=100),
        phone=order.open_text("receiver_phone", "receiver_phone_mask", most=40),
        country=order.open_text("country", most=60),
        province=order.open_text("province", most=60),
        city=order.open_text("city", most=60),
        district=district[:60],
        address=address,
    )


PLATFORM = Platform("pdd", _("Pinduoduo"), orders_in, read, ("order_sn",))
