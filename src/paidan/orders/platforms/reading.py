"""A file or message of a platform, read into its orders; what cannot be read is said with its place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .nodes import Node, Unread
from .shapes import Platform, PlatformOrder

EXPECTED = {
    "object": _("Here should stand an object."),
    "list": _("Here should stand a list."),
    "text": _("Here should stand a text."),
    "code": _("Here should stand a number or code of at most 64 characters."),
    "whole number": _("Here should stand a whole number."),
    "number": _("Here should stand a number."),
    "amount of money": _("Here should stand an amount of money."),
    "time": _("Here should stand a time."),
}
"""What was expected where something else stood, by the word `Unread` has for it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An order of which something cannot be read: its number as far as known, the place, the value."""

    number: str
    place: str
    value: str
    expected: str

    def __str__(self) -> str:
        return str(EXPECTED[self.expected])


def documents_of(body: bytes) -> list[Any]:
    """The JSON documents of a file: one, a list of them, or one per line."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = _("The file is not UTF-8 text (byte %(at)d). Save the platform's JSON as it came.")
        raise Refusal("not_json", said, at=error.start) from error
    try:
        found = json.loads(text)
    except json.JSONDecodeError as first:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (json.JSONDecodeError, RecursionError):
            said = _("The file is not JSON: line %(line)d, column %(column)d. Save the platform's JSON as it came.")
            raise Refusal("not_json", said, line=first.lineno, column=first.colno) from first
    except RecursionError as error:
        raise Refusal("not_json", _("The file is nested too deeply to be an order.")) from error
    return found if isinstance(found, list) else [found]


def read_orders(platform: Platform, body: bytes) -> Iterator[PlatformOrder | Unreadable]:
    """Every order of a file, in its order; refuses a file without any."""
    found = 0
    documents = documents_of(body)
    for at, document in enumerate(documents):
        try:
            for node in platform.orders_in(Node.of(document, f"/{at}" if len(documents) > 1 else "")):
                found += 1
                yield read_order(platform, node)
        except Unread as unread:
            found += 1
            yield Unreadable("", unread.place, unread.value, unread.expected)
    if not found:
        said = _("No order of %(platform)s is in here. Is it another platform's file?")
        raise Refusal("no_orders", said, platform=platform.name)


def read_order(platform: Platform, node: Node) -> PlatformOrder | Unreadable:
    try:
        return platform.read(node)
    except Unread as unread:
        try:
            number = node.text(*platform.number_fields, most=64)
        except Unread:
            number = ""
        return Unreadable(number, unread.place, unread.value, unread.expected)
