"""Addresses to administrative codes: the deepest region a text names without doubt, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from paidan.geo.codes import code_of
from paidan.geo.reading import read
from paidan.geo.spelling import compact, plain
from paidan.geo.table import region_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Reason = Literal["ambiguous", "unresolved"]

RESOLVED, AMBIGUOUS, UNRESOLVED = 0, 1, 2
"""The reasons of `resolve_many` as numbers."""
SHORT = 24
"""Longer texts are whole addresses."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The code of an address, or why there is none and which regions an ambiguous one may have meant."""

    code: str | None
    reason: Reason | None
    candidates: tuple[str, ...] = ()


def resolve(text: str, province: str | None = None, city: str | None = None, district: str | None = None) -> Resolution:
    """The deepest region an address names; what was given apart from the text is read as if it stood before it.

    Never a guess: a district found in several cities without its city, or fields that contradict each other, are
    `ambiguous`; a text that names no place (or only a street or firm called after one) is `unresolved`.
    """
    parts = [part for part in (province, city, district, text) if part]
    number, reason, found = _resolve(" ".join(parts))
    if reason == RESOLVED:
        return Resolution(code_of(number), None)
    if reason == AMBIGUOUS:
        return Resolution(None, "ambiguous", tuple(f"{candidate:06d}" for candidate in sorted(found)))
    return Resolution(None, "unresolved")


def resolve_many(texts: Iterable[str]) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """`resolve` of many texts: codes as int32 (0 = none), reasons as int8 (`RESOLVED`, `AMBIGUOUS`, `UNRESOLVED`)."""
    import numpy as np  # here, because a single address should not pay for it

    codes, reasons = [], bytearray()
    for text in texts:
        number, reason, _ = _remembered(text) if len(text) <= SHORT else _resolve(text)
        codes.append(number)
        reasons.append(reason)
    return np.array(codes, dtype=np.int32), np.frombuffer(bytes(reasons), dtype=np.int8)


@lru_cache(maxsize=16_384)
def _remembered(text: str) -> tuple[int, int, tuple[int, ...]]:
    """Names of a province, city and district come again with every order; streets do not."""
    return _resolve(text)


def _resolve(text: str) -> tuple[int, int, tuple[int, ...]]:
    plain_text = plain(text)
    reading = read(plain_text)
    if reading is None and " " in plain_text:
        reading = read(compact(plain_text))
    if reading is None:
        return 0, UNRESOLVED, ()
    if not reading.contradiction and (number := _outermost(reading.known)):
        return number, RESOLVED, reading.known
    return 0, AMBIGUOUS, reading.known


def _outermost(known: tuple[int, ...]) -> int:
    """The one region that contains all that may be meant (吉林: the province or its city), or 0."""
    if len(known) == 1:
        return known[0]
    lineages = region_table().lineages
    for number in known:
        if all(number in lineages[other] for other in known):
            return number
    return 0
