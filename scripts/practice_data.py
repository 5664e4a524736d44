#!/usr/bin/env python3
"""Make the raw files of the practice data from their originals (docs/demo.md says where those come from).

    scripts/practice_data.py ONLINE_RETAIL.csv.gz CHINA_CITIES.csv

Not needed to run Paidan: what it writes is packaged in src/paidan/desk/practice/raw/. Same originals, same bytes out.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from paidan.geo.table import RegionTable, region_table

RAW = Path(__file__).parent.parent / "src" / "paidan" / "desk" / "practice" / "raw"
GOODS = re.compile(r"\d{5}[A-Za-z]*")
"""Codes of goods; POST, D, M and their like are postage, discounts and manual entries."""
MOST_PIECES = 12
"""Lines of more pieces were bought to be sold again."""
MOST_LINES = 6
BASKETS = 12_000
SIZES = (0.45, 0.25, 0.13, 0.08, 0.05, 0.04)
"""Shares of baskets of one to six lines cut from the invoices of resellers."""
FARTHEST_KM = 20
SEED = 1111

Line = tuple[str, int]


def main(retail: Path, cities: Path) -> None:
    invoices, goods = read_invoices(retail)
    baskets = pick_baskets(invoices)
    sold = {code for _, lines in baskets for code, _ in lines}
    write(
        RAW / "baskets.csv.gz",
        ("basket", "sku", "qty"),
        ((basket, code, qty) for basket, (_, lines) in enumerate(baskets, 1) for code, qty in lines),
    )
    write(RAW / "goods.csv.gz", ("sku", "name", "price_pence"), (good for good in goods if good[0] in sold))
    write(RAW / "cities.csv.gz", ("region", "population"), sorted(populations(cities).items()))
    print(f"{len(baskets)} baskets, {len(sold)} goods")


def read_invoices(path: Path) -> tuple[dict[str, tuple[str, list[Line]]], list[tuple[str, str, int]]]:
    """The lines of goods per invoice with its time, and every good with its usual name and price in pence."""
    invoices: dict[str, tuple[str, list[Line]]] = {}
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, list[float]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            qty, price, name = int(row["Quantity"]), float(row["UnitPrice"]), row["Description"].strip(" .*")
            cancelled = row["InvoiceNo"].startswith("C")
            if cancelled or not GOODS.fullmatch(row["StockCode"]) or qty <= 0 or price <= 0 or not name:
                continue
            code = row["StockCode"].upper()
            names[code][" ".join(name.split())] += 1
            prices[code].append(price)
            if qty <= MOST_PIECES:
                invoices.setdefault(row["InvoiceNo"], (row["InvoiceDate"], []))[1].append((code, qty))
    goods = [
        (code, min(names[code], key=lambda name: (-names[code][name], name)), pence(prices[code]))
        for code in sorted(names)
    ]
    return invoices, goods


def pence(prices: list[float]) -> int:
    return max(1, round(statistics.median(prices) * 100))


def pick_baskets(invoices: dict[str, tuple[str, list[Line]]]) -> list[tuple[str, list[Line]]]:
    """Invoices of up to six lines whole, longer ones cut into runs of neighbouring lines; a sample, oldest first."""
    rng = np.random.default_rng(SEED)
    small, cut = list[tuple[str, list[Line]]](), list[tuple[str, list[Line]]]()
    for _, (at, lines) in sorted(invoices.items()):
        merged = merge(lines)
        if len(merged) <= MOST_LINES:
            small.append((at, merged))
            continue
        start = 0
        while start < len(merged):
            size = int(rng.choice(MOST_LINES, p=SIZES)) + 1
            cut.append((at, merged[start : start + size]))
            start += size
    chosen = rng.choice(len(cut), BASKETS - len(small), replace=False)
    return sorted(small + [cut[index] for index in sorted(chosen)], key=lambda basket: basket[0])


def merge(lines: list[Line]) -> list[Line]:
    """One line per good: the shop scanned some twice."""
    pieces: dict[str, int] = {}
    for code, qty in lines:
        pieces[code] = min(MOST_PIECES, pieces.get(code, 0) + qty)
    return list(pieces.items())


def populations(path: Path) -> dict[int, int]:
    """People per prefecture (its urban districts) or county, from the nearest region to each city's coordinates.

    A town inside the urban districts of a prefecture that is listed already is left out: its people are counted there.
    """
    table = region_table()
    points = {number: point for number, point in table.points.items() if number % 10_000}
    points |= {number: point for number, point in table.points.items() if is_municipality(number)}
    people: dict[int, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (-int(row["population"]), int(row["geonameid"])))
    for row in rows:
        place = float(row["lat"]), float(row["lon"])
        nearest = min(points, key=lambda number: (distance_km(place, points[number]), number))
        region = urban(table, nearest)
        if distance_km(place, points[nearest]) <= FARTHEST_KM and region not in people:
            people[region] = int(row["population"])
    return people


def urban(table: RegionTable, number: int) -> int:
    """The prefecture or municipality an urban district belongs to; any other region itself."""
    if number % 100 == 0 or not table.names[number].endswith("区"):
        return number
    parent = table.parents[number]
    return table.parents[parent] if is_municipality(table.parents[parent]) else parent


def is_municipality(number: int) -> bool:
    return number in (110000, 120000, 310000, 500000)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Good to a few percent over the tens of kilometres that matter here."""
    east = math.radians(other[1] - one[1]) * math.cos(math.radians((one[0] + other[0]) / 2))
    return 6371 * math.hypot(east, math.radians(other[0] - one[0]))


def write(path: Path, header: tuple[str, ...], rows: object) -> None:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)  # type: ignore[arg-type]
    path.parent.mkdir(parents=True, exist_ok=True)
    # No time and no name in the header, so that the same originals give the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
