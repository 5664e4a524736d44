"""Run all measures, or those whose names are given: `python -m bench [NAME …]`; also written to bench/results.md."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

MODULES = ("engine", "rules", "wave", "intake", "api", "addresses", "whatif", "report")
NAMED = ("joint", "stream")
"""Run only by name: they take an hour together."""
COLUMNS = ("name", "figure", "floor", "ratio", "target", "verdict")
RESULTS = Path(__file__).parent / "results.md"


def main() -> int:
    """Print a row per measure; 1 when one falls short, 2 for a name that does not exist."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="NAME", help=f"any of: {', '.join((*MODULES, *NAMED))}")
    parser.add_argument("--save", action="store_true", help="also write bench/results.md")
    asked = parser.parse_args()
    parts = [f"joint-{name}" for name in importlib.import_module("bench.joint").names()]
    unknown = sorted(set(asked.rows) - {*MODULES, *NAMED, *parts})
    if unknown:
        there = ", ".join((*MODULES, *NAMED, *parts))
        print(f"no such measure: {', '.join(unknown)}; there are: {there}", file=sys.stderr)
        return 2
    measured: list[dict[str, Any]] = []
    print_row(dict(zip(COLUMNS, COLUMNS, strict=True)))
    for name in asked.rows or MODULES:
        module, _, part = name.partition("-")
        measure = importlib.import_module(f"bench.{module}").rows
        for row in measure(part) if part else measure():
            print_row(row)
            measured.append(row)
    if asked.save:
        RESULTS.write_text(as_markdown(measured), encoding="utf-8")
    return int(any(row["verdict"] != "PASS" for row in measured))


def print_row(row: dict[str, Any]) -> None:
    """One measure on one line, columns apart by two spaces at least."""
    widths = (48, 52, 44, 8, 26, 12)
    print("  ".join(str(row[key]).ljust(width) for key, width in zip(COLUMNS, widths, strict=True)), flush=True)


def as_markdown(measured: list[dict[str, Any]]) -> str:
    """The table of results with the facts of the machine they were measured on."""
    lines = [
        "# Measured",
        "",
        "Made by `make bench`; every ratio is of two figures of one run on one machine.",
        "",
        f"{date.today().isoformat()} · {os.cpu_count()} cores ({processor()}) · Python {platform.python_version()} · "  # noqa: DTZ011
        f"{platform.system()} {platform.machine()}",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(str(row[key]) for key in COLUMNS) + " |" for row in measured),
    ]
    return "\n".join(lines) + "\n"


def processor() -> str:
    """The processor's name as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


if __name__ == "__main__":
    raise SystemExit(main())
