"""WooCommerce: an order as its webhooks and its REST answers write it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from .nodes import Node
from .shapes import LineStanding, Platform, PlatformLine, PlatformOrder, Standing

STANDINGS = {
    "pending": Standing.UNPAID,
    "checkout-draft": Standing.UNPAID,
    "on-hold": Standing.UNPAID,
    "processing": Standing.OPEN,
    "completed": Standing.SHIPPED,
    "cancelled": Standing.CANCELLED,
    "refunded": Standing.CANCELLED,
    "failed": Standing.CANCELLED,
    "trash": Standing.CANCELLED,
}
GREENWICH = ZoneInfo("UTC")
PROVINCES = (
    "云南 北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南"
    " 重庆 四川 贵州 陕西 甘肃 青海 宁夏 澳门 西藏 新疆"
)
"""WooCommerce's codes of China's provinces are CN1 to CN32, in this order."""


def orders_in(document: Node) -> Iterator[Node]:
    if document.has("orders"):
        yield from document.nodes("orders")
    elif document.has("line_items") or document.has("number"):
        yield document


def lines_of(order: Node) -> Iterator[PlatformLine]:
    """Refunds come as lines with negative quantities that name the line they are of."""
    refunded: Counter[str] = Counter()
    for refund in order.nodes("refunds"):
        for item in refund.nodes("line_items"):
            refunded[item.text("refunded_item_id", "id")] += abs(item.whole("quantity", default=0))
    for item in order.nodes("line_items"):
        number, asked = item.must("id"), item.whole("quantity")
        qty = asked - refunded[number]
        yield PlatformLine(
            number=number,
            sku=sku_of(item),
            qty=qty if qty > 0 else asked,
            amount_minor=item.yuan("total"),
            standing=LineStanding.OPEN if qty > 0 else LineStanding.GONE,
        )


def sku_of(item: Node) -> str:
    """The seller's code; else the variation, where there is one (0 is none), else the product."""
    if not item.has("sku") and item.whole("variation_id", default=0):
        return item.must("variation_id", most=100)
    return item.must("sku", "product_id", "name", most=100)


def province_of(to: Node) -> str:
    state = to.open_text("state", most=60)
    number = state.removeprefix("CN")
    names = PROVINCES.split(" ")
    if state.startswith("CN") and number.isdecimal() and 1 <= int(number) <= len(names):
        return names[int(number) - 1]
    return state


def moment(order: Node, name: str) -> datetime | None:
    """Times with `_gmt` behind their name are in Greenwich's; the others in the shop's, which is China's here."""
    return order.instant(f"{name}_gmt", zone=GREENWICH) or order.instant(name)


def read(order: Node) -> PlatformOrder:
    to, bill = order.node("shipping"), order.node("billing")
    if not (to.has("address_1") or to.has("city")):
        to = bill
    standing = STANDINGS.get(order.text("status"), Standing.UNPAID)
    on_delivery = order.text("payment_method") == "cod"
    return PlatformOrder(
        number=order.must("number", "id"),
        standing=standing,
        lines=tuple(lines_of(order)),
        said_at=moment(order, "date_modified"),
        paid_at=moment(order, "date_paid") or (moment(order, "date_created") if on_delivery else None),
        amount_minor=order.yuan("total"),
        currency=order.text("currency", most=3) or "CNY",
        payment="cod" if on_delivery else order.text("payment_method", most=20),
        buyer_remark=order.text("customer_note", most=5000),
        buyer=bill.open_text("email", most=100),
        name=" ".join(part for part in (to.open_text("first_name"), to.open_text("last_name")) if part)[:100],
        phone=to.open_text("phone", most=40) or bill.open_text("phone", most=40),
        country=to.open_text("country", most=60),
        province=province_of(to),
        city=to.open_text("city", most=60),
        address=" ".join(part for part in (to.open_text("address_1"), to.open_text("address_2")) if part)[:500],
    )


PLATFORM = Platform("woocommerce", "WooCommerce", orders_in, read, ("number", "id"))
