"""The sequential engine with 10,000 rules: ``python -m bench.rules``."""

from __future__ import annotations

import sys
from typing import Any

from bench.engine import ORDERS, rows_of, show

RULES, TARGET = 10_000, 1_000_000


def rows() -> list[dict[str, Any]]:
    """The row "rules": the orders of `bench.engine`, 10,000 rules over every field, some of them negated."""
    return rows_of(RULES, "rules", TARGET)


if __name__ == "__main__":
    show(rows_of(RULES, "rules", TARGET, int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))
