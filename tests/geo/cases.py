"""Addresses with what is expected of them, from the CSV files beside the tests."""

import csv
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"


def cases(name: str) -> list[tuple[str, frozenset[str]]]:
    """(address, accepted answers): codes, `ambiguous` or `unresolved`; `none` in the file is an empty address."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["address"], frozenset(row["expected"].replace("none", "unresolved").split("|"))) for row in rows]
