"""Reading a document strictly: every key known, every type right, every refusal with its place and a remedy."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

T = TypeVar("T")

LARGEST: Final = 2**53
"""No quantity, weight or amount is larger: sums of them stay exact in 64 bits."""
_REQUIRED: Final = object()


class ProblemError(ValueError):
    """A document that is refused: a stable code, the JSON pointer of the place, what is wrong and how to mend it."""

    def __init__(self, code: str, path: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{path or '/'}: {message}")
        self.code = code
        self.path = path
        self.message = message
        self.remedy = remedy


def pointer(path: str, key: object) -> str:
    """The JSON pointer (RFC 6901) of a member of what stands at `path`."""
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


class Fields:
    """The members of one object, taken one by one; `end` refuses what nobody took.

    Where something is required, `known` names all keys: a misspelt key is then called unknown, not its right
    spelling missing.
    """

    def __init__(self, value: object, path: str, known: Collection[str] = ()) -> None:
        if not isinstance(value, dict):
            raise _wrong_type(value, path, "an object")
        self.members: dict[str, Any] = value
        self.path = path
        self._taken: set[str] = set()
        if known:
            self._refuse_strangers(known)

    def __call__(self, key: str, read: Callable[[object, str], T], default: Any = _REQUIRED) -> T:
        """The member read by `read`, or the default where it is absent; a default of None admits null."""
        self._taken.add(key)
        if key not in self.members:
            if default is _REQUIRED:
                raise ProblemError("missing_key", pointer(self.path, key), f"“{key}” is required.", "Add it.")
            return default  # type: ignore[no-any-return]
        if default is None and self.members[key] is None:
            return None  # type: ignore[return-value]
        return read(self.members[key], pointer(self.path, key))

    def has(self, key: str) -> bool:
        return self.members.get(key) is not None

    def end(self) -> None:
        self._refuse_strangers(self._taken)

    def _refuse_strangers(self, known: Collection[str]) -> None:
        unknown = next((key for key in self.members if key not in known), None)
        if unknown is not None:
            path = pointer(self.path, unknown)
            remedy = f"Known keys: {', '.join(sorted(known))}."
            raise ProblemError("unknown_key", path, f"“{unknown}” is not a key of this object.", remedy)


def _wrong_type(value: object, path: str, wanted: str) -> ProblemError:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a whole number"}
    found = "null" if value is None else names.get(type(value), "a number with a fraction")
    return ProblemError("wrong_type", path, f"Expected {wanted}, found {found}.")


def items(value: object, path: str) -> Iterator[tuple[object, str]]:
    """The entries of a list, each with its path."""
    if not isinstance(value, list):
        raise _wrong_type(value, path, "a list")
    return ((entry, f"{path}/{place}") for place, entry in enumerate(value))


def text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, path, "a text")
    return value


def name(value: object, path: str) -> str:
    """A text that is not empty."""
    if not text(value, path):
        raise ProblemError("bad_value", path, "An empty text names nothing.")
    return str(value)


def flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(value, path, "true or false")
    return value


def integer(low: int = 0, high: int = LARGEST) -> Callable[[object, str], int]:
    """A reader of whole numbers within the bounds."""

    def read(value: object, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(value, path, "a whole number")
        if not low <= value <= high:
            raise ProblemError("out_of_range", path, f"The number must lie between {low} and {high}.")
        return value

    return read


def number(low: float, high: float) -> Callable[[object, str], float]:
    """A reader of numbers with or without a fraction within the bounds."""

    def read(value: object, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(value, path, "a number")
        if (isinstance(value, float) and not math.isfinite(value)) or not low <= value <= high:
            raise ProblemError("out_of_range", path, f"The number must lie between {low:g} and {high:g}.")
        return float(value)

    return read


def one_of(*words: str) -> Callable[[object, str], str]:
    """A reader of one word out of a few."""

    def read(value: object, path: str) -> str:
        if text(value, path) not in words:
            raise ProblemError("bad_value", path, f"“{value}” is not one of {', '.join(words)}.")
        return str(value)

    return read


def names(value: object, path: str) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    return tuple(name(entry, where) for entry, where in items(value, path))


def distinct_names(value: object, path: str) -> tuple[str, ...]:
    """A list of texts of which none stands twice."""
    found = names(value, path)
    for place, entry in enumerate(found):
        if entry in found[:place]:
            raise ProblemError("duplicate", f"{path}/{place}", f"“{entry}” is listed twice.")
    return found


def instant(value: object, path: str) -> datetime:
    """A moment with its offset from UTC."""
    try:
        moment = datetime.fromisoformat(text(value, path))
    except ValueError as error:
        raise _bad_time(value, path) from error
    if moment.tzinfo is None:
        raise _bad_time(value, path)
    return moment


def _bad_time(value: object, path: str) -> ProblemError:
    remedy = "Write it like 2026-11-11T08:00:00+08:00."
    return ProblemError("bad_time", path, f"“{value}” is not a moment with an offset from UTC.", remedy)


def unique(seen: dict[str, int], key: str, path: str) -> int:
    """Number `key` as the next of its kind; refuse one that is there already."""
    if key in seen:
        raise ProblemError("duplicate", path, f"“{key}” is there already; it must be unique.")
    seen[key] = len(seen)
    return seen[key]


def reference(known: dict[str, int], what: str) -> Callable[[object, str], int]:
    """A reader of names that must be among the known."""

    def read(value: object, path: str) -> int:
        if text(value, path) not in known:
            raise ProblemError("unknown_reference", path, f"There is no {what} “{value}”.")
        return known[str(value)]

    return read
