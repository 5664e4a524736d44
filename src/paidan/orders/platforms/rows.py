"""A platform's order as rows of the intake, one per line that is ours to ship."""

from collections.abc import Container, Iterator

from ..intake_rows import Row, money
from .shapes import LineStanding, PlatformOrder

_SEPARATOR = ";"
_PLAIN = (
    "number",
    "currency",
    "payment",
    "delivery",
    "buyer_remark",
    "seller_remark",
    "buyer",
    "name",
    "phone",
    "country",
    "province",
    "city",
    "district",
    "address",
)


def rows_of(order: PlatformOrder, shop: str, *, known: Container[str] = ()) -> Iterator[Row]:
    """What is open, and of what was shipped the lines we have (`known`, by number): of the others it is not ours."""
    said: dict[str, str | None] = {name: getattr(order, name) or None for name in _PLAIN}
    said |= {
        "shop": shop,
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "ship_by": order.ship_by.isoformat() if order.ship_by else None,
        "amount_minor": None if order.amount_minor is None else str(order.amount_minor),
        "tags": _SEPARATOR.join(tag.replace(_SEPARATOR, " ") for tag in order.tags) or None,
        "lat": None if order.lat is None or order.lng is None else str(order.lat),
        "lng": None if order.lat is None or order.lng is None else str(order.lng),
    }
    for line in order.lines:
        if line.standing is LineStanding.OPEN or (line.standing is LineStanding.SHIPPED and line.number in known):
            yield {
                **said,
                "line_number": line.number or None,
                "sku": line.sku,
                "qty": str(line.qty),
                "line_amount": money(line.amount_minor),
            }
