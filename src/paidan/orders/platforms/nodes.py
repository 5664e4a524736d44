"""Looking into a platform's JSON: values by name, whatever type they came in, and the place of what cannot be read.

Platforms write ids as numbers or text, money as text or floats, one element instead of a list, zero for "never", and
"***" or a cipher for what they hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_MILLISECONDS = 10**11
"""Seconds do not reach this before the year 5138; larger numbers are milliseconds."""
_CIPHER = re.compile(r"[~#$][^\s\u4e00-\u9fff*]{15,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unread(Exception):
    """A value that cannot be taken: where it stands, what it is, and what was expected."""

    def __init__(self, place: str, value: object, expected: str) -> None:
        super().__init__(f"{place}: {value!r} is not {expected}")
        self.place, self.value, self.expected = place, str(value)[:100], expected


@dataclass(frozen=True, slots=True)
class Node:
    """An object of a document and its place; names are tried in turn, the first with a value counts."""

    value: dict[str, Any]
    place: str = ""

    @classmethod
    def of(cls, value: Any, place: str = "") -> Node:
        if not isinstance(value, dict):
            raise Unread(place or "/", value, "object")
        return cls(value, place)

    def raw(self, *names: str) -> tuple[str, Any]:
        """The first of these that has a value, with its name; None where none has."""
        for name in names:
            found = self.value.get(name)
            if found not in (None, "", [], {}):
                return name, found
        return (names[0], None)

    def has(self, *names: str) -> bool:
        return self.raw(*names)[1] is not None

    def text(self, *names: str, most: int = 500) -> str:
        """Text; a number is written out exactly."""
        name, found = self.raw(*names)
        if found is None:
            return ""
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, dict | list):
            raise Unread(f"{self.place}/{name}", found, "text")
        said = ("true" if found else "false") if isinstance(found, bool) else str(found)
        return _CONTROL.sub(" ", said).strip()[:most]

    def open_text(self, *names: str, most: int = 500) -> str:
        """Text that people may read: a cipher is nothing to them, so the next name is tried; "张**" is all there is."""
        for name in names:
            said = self.text(name, most=2_000)
            if said and not is_cipher(said):
                return said[:most]
        return ""

    def must(self, *names: str, most: int = 64) -> str:
        found = self.text(*names, most=most + 1)
        if not found or len(found) > most:
            raise Unread(f"{self.place}/{names[0]}", found, "code")
        return found

    def whole(self, *names: str, default: int | None = None) -> int:
        """A whole number, also as text or as 2.0."""
        name, found = self.raw(*names)
        if found is None and default is not None:
            return default
        number = self._decimal(name, found, "whole number")
        if number != number.to_integral_value():
            raise Unread(f"{self.place}/{name}", found, "whole number")
        return int(number)

    def yuan(self, *names: str) -> int | None:
        """Money in main units to minor units; what is finer than a cent is rounded half up, as tills do."""
        name, found = self.raw(*names)
        if found is None:
            return None
        cents = self._decimal(name, found, "amount of money") * 100
        return self._money(name, found, int(cents.quantize(Decimal(1), "ROUND_HALF_UP")))

    def fen(self, *names: str) -> int | None:
        """Money in minor units."""
        name, found = self.raw(*names)
        return None if found is None else self._money(name, found, self.whole(name))

    def _money(self, name: str, found: Any, minor: int) -> int:
        if not 0 <= minor <= 10**15:
            raise Unread(f"{self.place}/{name}", found, "amount of money")
        return minor

    def _decimal(self, name: str, found: Any, expected: str) -> Decimal:
        place = f"{self.place}/{name}"
        if isinstance(found, bool) or not isinstance(found, int | float | str):
            raise Unread(place, found, expected)
        try:
            number = Decimal(str(found).replace(",", "").strip())
        except InvalidOperation:
            raise Unread(place, found, expected) from None
        if not number.is_finite() or abs(number) > 10**18:
            raise Unread(place, found, expected)
        return number

    def decimal(self, *names: str) -> float | None:
        name, found = self.raw(*names)
        return None if found is None else float(self._decimal(name, found, "number"))

    def instant(self, *names: str, zone: ZoneInfo = CHINA) -> datetime | None:
        """A moment: seconds or milliseconds since 1970, or a written time, in `zone` where it names none.

        Zero, and years before 2000, are how platforms say "never".
        """
        name, found = self.raw(*names)
        if found is None:
            return None
        moment = self._moment(f"{self.place}/{name}", found, zone)
        return moment if moment is not None and moment.year >= 2000 else None

    def _moment(self, place: str, found: Any, zone: ZoneInfo) -> datetime | None:
        said = str(found).strip()
        try:
            if re.fullmatch(r"-?\d+(\.\d+)?", said) and len(said) != 8:
                seconds = float(said)
                seconds = seconds / 1000 if abs(seconds) >= _MILLISECONDS else seconds
                moment = datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
            elif said.startswith("0000"):
                moment = None
            else:
                written = datetime.fromisoformat(said.replace("/", "-"))
                moment = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            raise Unread(place, found, "time") from None
        if moment is not None and moment > LATEST:
            raise Unread(place, found, "time")
        return moment

    def node(self, *names: str) -> Node:
        """An object inside this one; an empty one where there is none."""
        name, found = self.raw(*names)
        return Node({}, f"{self.place}/{name}") if found is None else Node.of(found, f"{self.place}/{name}")

    def nodes(self, *names: str) -> Iterator[Node]:
        """The objects of a list; one alone, and a list wrapped in an object of one name, are lists too."""
        name, found = self.raw(*names)
        place = f"{self.place}/{name}"
        if isinstance(found, dict) and len(found) == 1 and isinstance(next(iter(found.values())), list | dict):
            [(inner, found)] = found.items()
            place = f"{place}/{inner}"
        if isinstance(found, dict):
            yield Node(found, place)
        elif isinstance(found, list):
            for at, one in enumerate(found):
                yield Node.of(one, f"{place}/{at}")
        elif found is not None:
            raise Unread(place, found, "list")

    def down(self, *paths: Sequence[str]) -> Node | None:
        """The object at the first of these paths that is there."""
        for path in paths:
            here: Any = self.value
            for name in path:
                here = here.get(name) if isinstance(here, dict) else None
            if isinstance(here, dict) and here:
                return Node(here, "".join(f"/{name}" for name in path))
        return None


def is_cipher(said: str) -> bool:
    """Whether this is the platform's cipher of a receiver, which only the platform can read."""
    return bool(_CIPHER.fullmatch(said))


def after(start: datetime | None, hours: int) -> datetime | None:
    """A promise of so many hours from a moment."""
    return start + timedelta(hours=hours) if start is not None and 0 < hours <= 24 * 400 else None
