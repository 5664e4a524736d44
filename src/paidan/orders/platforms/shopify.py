"""Shopify: an order as its webhooks and its REST answers write it."""

from collections import Counter
from collections.abc import Iterator

from .nodes import Node
from .shapes import LineStanding, Platform, PlatformLine, PlatformOrder, Standing

UNPAID = {"pending", "authorized", "expired", "partially_paid"}
OVER = {"voided", "refunded"}


def orders_in(document: Node) -> Iterator[Node]:
    if document.has("orders"):
        yield from document.nodes("orders")
    elif document.has("order"):
        yield document.node("order")
    elif document.has("line_items"):
        yield document


def lines_of(order: Node) -> Iterator[PlatformLine]:
    """What has to be sent; what was refunded or taken out of the order is not among its pieces any more."""
    refunded: Counter[str] = Counter()
    for refund in order.nodes("refunds"):
        for item in refund.nodes("refund_line_items"):
            refunded[item.text("line_item_id")] += item.whole("quantity", default=0)
    for item in order.nodes("line_items"):
        if item.value.get("requires_shipping") is False:
            continue
        number, asked, price = item.must("id"), item.whole("quantity"), item.yuan("price")
        qty = item.whole("current_quantity", default=asked - refunded[number])
        shipped = item.text("fulfillment_status") == "fulfilled"
        yield PlatformLine(
            number=number,
            sku=item.must("sku", "variant_id", "product_id", "title", most=100),
            qty=qty if qty > 0 else asked,
            amount_minor=None if price is None else price * max(qty, 0),
            standing=LineStanding.GONE if qty <= 0 else LineStanding.SHIPPED if shipped else LineStanding.OPEN,
        )


def standing_of(order: Node) -> Standing:
    money, sent = order.text("financial_status"), order.text("fulfillment_status")
    if order.instant("cancelled_at") or money in OVER:
        return Standing.CANCELLED
    if sent == "fulfilled":
        return Standing.SHIPPED
    if money in UNPAID:
        return Standing.UNPAID
    return Standing.PART_SHIPPED if sent == "partial" else Standing.OPEN


def read(order: Node) -> PlatformOrder:
    to = order.node("shipping_address", "billing_address")
    name = order.text("name").removeprefix("#")
    return PlatformOrder(
        number=(name or order.must("id"))[:64],
        standing=standing_of(order),
        lines=tuple(lines_of(order)),
        said_at=order.instant("updated_at"),
        paid_at=order.instant("processed_at", "created_at"),
        amount_minor=order.yuan("current_total_price", "total_price"),
        currency=order.text("currency", most=3) or "USD",
        tags=tuple(tag.strip()[:40] for tag in order.text("tags", most=5000).split(",") if tag.strip()),
        buyer_remark=order.text("note", most=5000),
        buyer=order.open_text("email", "contact_email", most=100),
        name=to.open_text("name", most=100),
        phone=to.open_text("phone", most=40) or order.open_text("phone", most=40),
        country=to.open_text("country", "country_code", most=60),
        province=to.open_text("province", most=60),
        city=to.open_text("city", most=60),
        address=" ".join(part for part in (to.open_text("address1"), to.open_text("address2")) if part)[:500],
        lat=to.decimal("latitude") if to.has("longitude") else None,
        lng=to.decimal("longitude") if to.has("latitude") else None,
    )


PLATFORM = Platform("shopify", "Shopify", orders_in, read, ("name", "id"))
