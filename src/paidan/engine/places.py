"""What the readers ask about places: the engine itself knows no names and no coordinates."""

from __future__ import annotations

from typing import Protocol

from .regions import ancestors
from .strict import ProblemError


class PlaceResolver(Protocol):
    """Answers from a region table; `paidan.geo` is one, a dictionary in a test another."""

    def resolve(self, address: str) -> str | None:
        """The region code of a free-text address; None where it cannot be resolved or is ambiguous."""

    def coordinates(self, code: str) -> tuple[float, float] | None:
        """Latitude and longitude of a region, None where unknown."""

    def is_region(self, code: str) -> bool:
        """Whether there is such a region."""


def known_levels(places: PlaceResolver, code: str) -> list[str]:
    """The code and what lies above it as far as the table knows them, narrowest first, the country left out."""
    return [level for level in reversed(ancestors(code)) if places.is_region(level) and (level != "CN" or code == "CN")]


def refuse_unknown(places: PlaceResolver, codes: tuple[str, ...], path: str) -> None:
    """Refuse a code of which not even the province is known: it would never match anything."""
    for place, code in enumerate(codes):
        if not known_levels(places, code):
            raise ProblemError("unknown_region", f"{path}/{place}", f"There is no region {code}.")


def point_of(places: PlaceResolver, code: str) -> tuple[float, float] | None:
    """The coordinates of a region, else of the nearest level above that has any."""
    points = (places.coordinates(level) for level in known_levels(places, code))
    return next((point for point in points if point is not None), None)
