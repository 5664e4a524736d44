"""Address resolution: addresses per second on one core, beside a bare loop of three dictionary look-ups per address."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import perf_counter
from typing import Any

from paidan.geo import resolve_many
from paidan.geo.names import stem_of
from paidan.geo.table import region_table

COUNT = 200_000
TARGET = 50_000
ROADS = [
    "人民路",
    "解放东路",
    "北京西路",
    "中山大道",
    "文化街",
    "建设二路",
    "上海路",
    "世纪大道",
    "工业园区纬三路",
    "幸福小区",
]


def rows() -> list[dict[str, Any]]:
    """The one row of this measure."""
    texts = addresses(COUNT)
    resolve_many(texts[:1000])
    speed = COUNT / _seconds(lambda: resolve_many(texts))
    floor = COUNT / _seconds(lambda: look_up(texts))
    return [
        {
            "name": "addresses",
            "figure": f"{speed:,.0f} addresses/s",
            "floor": f"{floor:,.0f}/s: three dictionary look-ups each",
            "ratio": f"{speed / floor:.2f}",
            "target": f"≥ {TARGET:,} addresses/s",
            "verdict": "PASS" if speed >= TARGET else "FALLS SHORT",
        }
    ]


def addresses(count: int) -> list[str]:
    """Distinct addresses of all districts in the forms buyers use: full, short, separated, within noise, incomplete."""
    table, dice = region_table(), random.Random(20261111)
    districts = sorted(number for number in table.names if number % 100)
    texts: list[str] = []
    for serial in range(count):
        parts = _parts(dice.choice(districts))
        short = [stem_of(part) or part for part in parts]
        form = dice.random()
        if form < 0.5:
            place = "".join(parts)
        elif form < 0.65:
            place = "".join([*short[:-1], parts[-1]])
        elif form < 0.8:
            place = " ".join(parts)
        elif form < 0.9:
            place = "".join(parts[1:])
        elif form < 0.95:
            place = f"王小明 138{serial:08d} " + "".join(parts)
        else:
            place = "".join(parts[: dice.randrange(len(parts))])  # no district, or no place at all
        texts.append(f"{place}{dice.choice(ROADS)}{serial}号{dice.randrange(30)}单元")
    return texts


def _parts(number: int) -> list[str]:
    table, parts = region_table(), []
    while number in table.names:
        if number not in (500100, 500200):
            parts.append(table.names[number])
        number = table.parents[number]
    return parts[::-1]


def look_up(texts: list[str]) -> int:
    """The floor: what any parser must do at least, with the places where names begin and end known beforehand."""
    known = {name: number for number, name in region_table().names.items()}
    found = 0
    for text in texts:
        if known.get(text[:3]):
            found += 1
        if known.get(text[3:6]):
            found += 1
        if known.get(text[6:9]):
            found += 1
    return found


def _seconds(work: Callable[[], object]) -> float:
    """The best of three runs, in seconds."""
    best = float("inf")
    for _ in range(3):
        begin = perf_counter()
        work()
        best = min(best, perf_counter() - begin)
    return best


if __name__ == "__main__":
    for row in rows():
        print(*row.values(), sep="  ")
