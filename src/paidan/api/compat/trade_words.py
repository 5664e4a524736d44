"""A trade as Wangdiantong's `trade_push` says it, in our words. Reads only; what becomes of it is in `trade_push`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from paidan.api.schemas import LineIn, OrderIn

from .calls import EMPTY, instant
from .errors import MALFORMED, ProtocolError
from .registries import carrier_code

Words = Mapping[str, Any]
CENT = Decimal("0.01")
COD = "2"
REFUND_ASKED, REFUNDED = {"2", "3", "4"}, {"5"}
"""`refund_status` of a line: asked, to be returned, to be received; paid back. 0 and 1: none, withdrawn."""
CLOSED_LINE = {"80", "90"}
MOST_TAG = 40


class Fate(Enum):
    """What the platform says of a trade as a whole."""

    UNPAID = "unpaid"
    LIVE = "live"
    SHIPPED = "shipped"
    CLOSED = "closed"


FATES = {
    **dict.fromkeys(("10", "20"), Fate.UNPAID),
    **dict.fromkeys(("30", "40"), Fate.LIVE),
    **dict.fromkeys(("50", "60", "70"), Fate.SHIPPED),
    **dict.fromkeys(("80", "90"), Fate.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade read: its fate, the order it asks for (none when closed), and whether its buyer wants the money back.

    `refund_asked` is None where no line says anything about a refund.
    """

    tid: str
    fate: Fate
    order: OrderIn | None = None
    refund_asked: bool | None = None


def read_trade(said: Words, shop: str, *, strict: bool, known: frozenset[str]) -> Trade:
    """Read one trade; `known` are the codes that mean something in this shop. Raises `ProtocolError` with the field."""
    tid = _text(said, "tid")
    if not tid:
        raise ProtocolError(MALFORMED, _("“tid” is missing."))
    status = _text(said, "trade_status")
    if status not in FATES:
        names = ", ".join(FATES)
        raise ProtocolError(MALFORMED, _("trade_status: one of %(names)s.") % {"names": names})
    entries = _entries(said)
    lines = [one for one in entries if not _is_off(one)]
    if FATES[status] is Fate.CLOSED or (entries and not lines):
        return Trade(tid, Fate.CLOSED)
    if not lines:
        raise ProtocolError(MALFORMED, _("“order_list” has no line."))
    read = [_line(one, at, known) for at, one in enumerate(lines)]
    amount = _amount(said, lines, strict=strict and len(lines) == len(entries))
    refunds = [_text(one, "refund_status") for one in lines]
    asked = True if REFUND_ASKED & set(refunds) else None if "" in refunds else False
    return Trade(tid, FATES[status], _order(said, shop, tid, read, amount), asked)


def codes_in(said: Words) -> set[str]:
    """Every code a trade's lines may be known by."""
    return {code for one in _entries(said) for code in _codes(one)}


def _entries(said: Words) -> list[Words]:
    found = said.get("order_list")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_off(line: Words) -> bool:
    """Whether nothing of a line is wanted any more."""
    return _text(line, "refund_status") in REFUNDED or _text(line, "status") in CLOSED_LINE


def _codes(line: Words) -> list[str]:
    """By which a line's SKU may be known: the merchant's code first, then the platform's."""
    names = ("spec_no", "spec_id", "goods_no", "goods_id")
    return [code for code in (_text(line, name) for name in names) if code and code.isprintable()]


def _line(line: Words, at: int, known: frozenset[str]) -> LineIn:
    where = {"at": at}
    codes = _codes(line)
    if not codes:
        raise ProtocolError(MALFORMED, _("order_list[%(at)d]: “spec_no” or “goods_no” is missing.") % where)
    code = next((one for one in codes if one in known), codes[0])
    number = _decimal(line, "num", f"order_list[{at}].")
    if number != number.to_integral_value() or number < 1:
        raise ProtocolError(MALFORMED, _("order_list[%(at)d]: “num” is a whole number, at least 1.") % where)
    amount = _minor(_line_amount(line, f"order_list[{at}]."))
    try:
        return LineIn(sku=code, qty=int(number), number=_text(line, "oid"), amount_minor=max(0, amount))
    except ValidationError as error:
        raise _as_fault(error, f"order_list[{at}].") from None


def _line_amount(line: Words, at: str) -> Decimal:
    price, number = _decimal(line, "price", at), _decimal(line, "num", at)
    off = _decimal(line, "discount", at) + _decimal(line, "share_discount", at)
    return price * number + _decimal(line, "adjust_amount", at) - off


def _amount(said: Words, lines: list[Any], *, strict: bool) -> int:
    """What was paid. Strictly it is the sum of the lines, the postage and the rest, to the cent."""
    summed = sum((_line_amount(line, "") for line in lines), Decimal(0))
    summed += _decimal(said, "post_amount") + _decimal(said, "other_amount")
    if not _text(said, "paid"):
        return max(0, _minor(summed))
    paid = _decimal(said, "paid")
    if strict and abs(paid - summed) > CENT:
        words = {"paid": paid, "sum": summed}
        raise ProtocolError(MALFORMED, _("paid: %(paid)s, but lines, postage and the rest come to %(sum)s.") % words)
    return _minor(paid)


def _order(said: Words, shop: str, tid: str, lines: list[LineIn], amount_minor: int) -> OrderIn:
    try:
        return OrderIn(
            shop=shop,
            number=tid,
            paid_at=_moment(said, "pay_time") or _moment(said, "trade_time"),
            ship_by=_moment(said, "to_deliver_time"),
            amount_minor=amount_minor,
            payment="cod" if _text(said, "delivery_term") == COD else "",
            delivery=_carrier(said),
            tags=_tags(said),
            buyer_remark=_text(said, "buyer_message"),
            seller_remark=_text(said, "seller_memo"),
            buyer=_text(said, "buyer_nick"),
            name=_text(said, "receiver_name"),
            phone=_text(said, "receiver_mobile") or _text(said, "receiver_telno"),
            province=_text(said, "receiver_province"),
            city=_text(said, "receiver_city"),
            district=_text(said, "receiver_district"),
            address=_text(said, "receiver_address"),
            region="",
            lat=None,
            lng=None,
            lines=lines,
        )
    except ValidationError as error:
        raise _as_fault(error, "") from None


def _carrier(said: Words) -> str:
    number = _text(said, "logistics_type")
    return carrier_code(int(number)) if number.isdecimal() else ""


def _tags(said: Words) -> list[str]:
    """What rules may ask for: the seller's flag, and the warehouse the other system had in mind."""
    flag, place = _text(said, "seller_flag"), _text(said, "warehouse_no")
    tags = [f"flag:{flag}"] if flag not in ("", "0") else []
    return [tag for tag in [*tags, *([f"warehouse:{place}"] if place else [])] if len(tag) <= MOST_TAG]


def _text(said: Words, name: str) -> str:
    value = said.get(name)
    return "" if value is None else str(value).strip()


def _decimal(said: Words, name: str, at: str = "") -> Decimal:
    text = _text(said, name)
    try:
        value = Decimal(text or "0")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= Decimal(10) ** 13:
        raise ProtocolError(
            MALFORMED, _("%(name)s: “%(value)s” is not a number.") % {"name": at + name, "value": text[:40]}
        )
    return value


def _minor(value: Decimal) -> int:
    return int((value * 100).to_integral_value())


def _moment(said: Words, name: str) -> datetime | None:
    text = _text(said, name)
    return None if text in EMPTY else instant(text, name)


def _as_fault(error: ValidationError, at: str) -> ProtocolError:
    first = error.errors()[0]
    words = {"name": at + THEIRS.get(str(first["loc"][0]), str(first["loc"][0])), "problem": first["msg"]}
    return ProtocolError(MALFORMED, _("%(name)s: %(problem)s") % words)


THEIRS = {
    "number": "tid",
    "amount_minor": "paid",
    "buyer_remark": "buyer_message",
    "seller_remark": "seller_memo",
    "buyer": "buyer_nick",
    "name": "receiver_name",
    "phone": "receiver_mobile",
    "province": "receiver_province",
    "city": "receiver_city",
    "district": "receiver_district",
    "address": "receiver_address",
    "sku": "spec_no",
    "qty": "num",
}
"""Their names of our fields, for errors."""
