"""JD (POP): `orderInfo` as the order answers write it; "responce" is their spelling, "response" some SDKs'."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from .nodes import Node
from .shapes import Platform, PlatformLine, PlatformOrder, Standing

STANDINGS = {
    "NOT_PAY": Standing.UNPAID,
    "WAIT_SELLER_STOCK_OUT": Standing.OPEN,
    "WAIT_GOODS_RECEIVE_CONFIRM": Standing.SHIPPED,
    "WAIT_SELLER_DELIVERY": Standing.SHIPPED,
    "FINISHED_L": Standing.SHIPPED,
    "TRADE_CANCELED": Standing.CANCELLED,
    "LOCKED": Standing.OPEN,
}
_ANSWERS = ("jingdong_pop_order_get_responce", "jingdong_pop_order_get_response")
_SEARCHES = ("jingdong_pop_order_search_responce", "jingdong_pop_order_search_response")


def orders_in(document: Node) -> Iterator[Node]:
    one = document.down(*((name, "orderDetailInfo", "orderInfo") for name in _ANSWERS), ("orderInfo",))
    if one is not None:
        yield one
        return
    many = document.down(*((name, "searchorderinfo_result") for name in _SEARCHES), ("searchorderinfo_result",))
    if many is not None:
        yield from many.nodes("orderInfoList")
    elif document.has("orderId"):
        yield document


def lines_of(order: Node) -> Iterator[PlatformLine]:
    """JD's lines have no number of their own: the article's is one where it stands only once."""
    items = list(order.nodes("itemInfoList"))
    often = Counter(item.text("skuId") for item in items)
    for at, item in enumerate(items, 1):
        number, qty, price = item.text("skuId", most=40), item.whole("itemTotal"), item.yuan("jdPrice")
        yield PlatformLine(
            number=f"{number}-{at}" if often[number] > 1 or not number else number,
            sku=item.must("outerSkuId", "skuId", most=100),
            qty=qty,
            amount_minor=None if price is None else price * max(qty, 0),
        )


def read(order: Node) -> PlatformOrder:
    to = order.node("consigneeInfo")
    paid_at = order.instant("paymentConfirmTime")
    on_delivery = order.text("payType").startswith("1")
    standing = STANDINGS.get(order.text("orderState"), Standing.OPEN if paid_at else Standing.UNPAID)
    return PlatformOrder(
        number=order.must("orderId"),
        standing=standing,
        lines=tuple(lines_of(order)),
        refund_asked=order.text("orderState") == "LOCKED",
        said_at=order.instant("modified"),
        paid_at=paid_at or (order.instant("orderStartTime") if on_delivery else None),
        amount_minor=order.yuan("orderPayment", "orderSellerPrice", "orderTotalPrice"),
        payment="cod" if on_delivery else "",
        buyer_remark=order.text("orderRemark", most=5000),
        seller_remark=order.text("venderRemark", most=5000),
        buyer=order.open_text("pin", "open_id_buyer", most=100),
        name=to.open_text("fullname", most=100),
        phone=to.open_text("mobile", "telephone", most=40),
        province=to.open_text("province", most=60),
        city=to.open_text("city", most=60),
        district=to.open_text("county", most=60),
        address=to.open_text("fullAddress"),
    )


PLATFORM = Platform("jd", _("JD"), orders_in, read, ("orderId",))
