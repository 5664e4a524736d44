"""Which regions a warehouse covers, as a person ticks them in the tree: two lists of codes, changed one tick at a time.

What a list means is the engine's word (`engine.regions.coverage`): a region is covered if it or one above it is
listed in `covers`, and not if it or one above it is listed in `excludes`. `covers` None is everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from paidan.engine.regions import CHINA, normalised
from paidan.engine.regions import ancestors as lineage
from paidan.geo import children, region

Tick = Literal["true", "false", "mixed"]
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Regions covered and not covered, by code."""

    covers: frozenset[str] | None
    excludes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, covers: list[str] | None, excludes: list[str]) -> Coverage:
        found = None if covers is None else frozenset(map(normalised, covers))
        return cls(found, frozenset(map(normalised, excludes)))

    def has(self, code: str) -> bool:
        """Whether the whole of a region is covered, but for what is excluded below it."""
        above = set(lineage(code))
        return (self.covers is None or bool(above & self.covers)) and not above & self.excludes

    def tick(self, code: str) -> Tick:
        """Covered, not, or in part; in part also where only some of what lies below is."""
        if self.has(code):
            return "mixed" if any(_below(other, code) for other in self.excludes) else "true"
        return "mixed" if any(_below(other, code) and self.has(other) for other in self.covers or ()) else "false"

    @property
    def everywhere(self) -> Tick:
        if self.covers is None:
            return "mixed" if self.excludes else "true"
        return "mixed" if self.covers else "false"

    def toggled(self, code: str) -> Coverage:
        """The coverage after a tick of a region's box: a box ticked in part becomes ticked."""
        code = normalised(code)
        return self.without(code) if self.tick(code) == "true" else self.with_(code)

    def with_(self, code: str) -> Coverage:
        """The same with all of a region. An exclusion above it is narrowed to the regions beside it."""
        covers, excludes = _outside(self.covers, code), _outside(self.excludes, code) or frozenset()
        for above in set(lineage(code)) & excludes:
            excludes = excludes - {above} | _beside(above, code)
        found = Coverage(covers, excludes)
        return found if found.has(code) else Coverage((covers or frozenset()) | {code}, excludes)

    def without(self, code: str) -> Coverage:
        """The same without any of a region."""
        found = Coverage(_outside(self.covers, code), _outside(self.excludes, code) or frozenset())
        return Coverage(found.covers, found.excludes | {code}) if found.has(code) else found


def _below(code: str, above: str) -> bool:
    return code != above and above in lineage(code)


def _outside(codes: frozenset[str] | None, code: str) -> frozenset[str] | None:
    """The codes that are neither this region nor below it."""
    return None if codes is None else frozenset(one for one in codes if code not in lineage(one))


def _beside(above: str, code: str) -> frozenset[str]:
    """Every region below `above` that does not lead to `code`, as few as there can be."""
    steps, found, here = set(lineage(code)), set[str](), above
    while here != code:
        below = [one.code for one in children(here)]
        found.update(one for one in below if one not in steps)
        onward = [one for one in below if one in steps]
        if not onward:
            break
        here = onward[0]
    return frozenset(found)


def read_coverage(covers: str, excludes: str) -> Coverage:
    """From the two hidden fields of the form; raises LookupError or ValueError for what is no region."""
    codes = [] if covers == EVERYWHERE else _codes(covers)
    return Coverage.of(None if covers == EVERYWHERE else codes, _codes(excludes))


def _codes(written: str) -> list[str]:
    return [code if code == CHINA else region(code).code for code in written.split(",") if code]


def written(codes: frozenset[str] | None) -> str:
    """As the hidden field holds it."""
    return EVERYWHERE if codes is None else ",".join(sorted(codes))
