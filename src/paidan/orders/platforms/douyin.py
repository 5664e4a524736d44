"""Douyin shop: `shop_order_detail`; money is in fen, times are seconds, the buyer's place comes with coordinates."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from .nodes import Node
from .shapes import LineStanding, Platform, PlatformLine, PlatformOrder, Standing

STANDINGS = {
    "1": Standing.UNPAID,
    "105": Standing.OPEN,
    "2": Standing.OPEN,
    "101": Standing.PART_SHIPPED,
    "3": Standing.SHIPPED,
    "4": Standing.CANCELLED,
    "5": Standing.SHIPPED,
}
ON_DELIVERY = "0"


def orders_in(document: Node) -> Iterator[Node]:
    one = document.down(("data", "shop_order_detail"), ("shop_order_detail",))
    if one is not None:
        yield one
        return
    many = document.down(("data",))
    if many is not None and many.has("shop_order_list"):
        yield from many.nodes("shop_order_list")
    elif document.has("shop_order_list"):
        yield from document.nodes("shop_order_list")
    elif document.has("order_id"):
        yield document


def line_of(line: Node) -> PlatformLine:
    standing = {Standing.SHIPPED: LineStanding.SHIPPED, Standing.CANCELLED: LineStanding.GONE}
    return PlatformLine(
        number=line.text("order_id", most=64),
        sku=line.must("code", "out_sku_id", "sku_id", most=100),
        qty=line.whole("item_num"),
        amount_minor=line.fen("pay_amount", "order_amount"),
        standing=standing.get(STANDINGS.get(line.text("order_status"), Standing.OPEN), LineStanding.OPEN),
    )


def named(place: Node, name: str) -> str:
    """A part of the address: a name, or an object that holds one."""
    inner = place.value.get(name)
    return place.node(name).open_text("name", most=60) if isinstance(inner, dict) else place.open_text(name, most=60)


def read(order: Node) -> PlatformOrder:
    place = order.node("mask_post_addr") if not order.has("post_addr") else order.node("post_addr")
    point = order.node("user_coordinate")
    lat = point.decimal("user_coordinate_latitude", "latitude", "lat")
    lng = point.decimal("user_coordinate_longitude", "longitude", "lng")
    known = lat is not None and lng is not None and (lat, lng) != (0.0, 0.0)
    standing = STANDINGS.get(
        order.text("order_status"), Standing.OPEN if order.instant("pay_time") else Standing.UNPAID
    )
    return PlatformOrder(
        number=order.must("order_id"),
        standing=standing,
        lines=tuple(line_of(line) for line in order.nodes("sku_order_list")),
        said_at=order.instant("update_time"),
        paid_at=order.instant("pay_time"),
        ship_by=order.instant("exp_ship_time"),
        amount_minor=order.fen("pay_amount", "order_amount"),
        payment="cod" if order.value.get("pay_type") in (0, ON_DELIVERY) else "",
        buyer_remark=order.text("buyer_words", most=5000),
        seller_remark=order.text("seller_words", most=5000),
        buyer=order.open_text("open_id", "doudian_open_id", most=100),
        name=order.open_text("post_receiver", "mask_post_receiver", most=100),
        phone=order.open_text("post_tel", "mask_post_tel", most=40),
        province=named(place, "province"),
        city=named(place, "city"),
        district=named(place, "town"),
        address=(named(place, "street") + place.open_text("detail"))[:500],
        lat=lat if known else None,
        lng=lng if known else None,
    )


PLATFORM = Platform("douyin", _("Douyin"), orders_in, read, ("order_id",))
