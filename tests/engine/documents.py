"""Problem documents in few words, and the answer to them."""

from __future__ import annotations

from typing import Any

from paidan.engine.checks import violations
from paidan.engine.files import read_problem, write_plan
from paidan.engine.sequential import allocate

POINTS = {"310115": (31.22, 121.54), "440100": (23.13, 113.26), "110000": (39.90, 116.41), "310000": (31.23, 121.47)}
ADDRESSES = {"上海市浦东新区世纪大道100号": "310115"}


class Places:
    """A region table of four places; every province is known."""

    def resolve(self, address: str) -> str | None:
        return ADDRESSES.get(address)

    def coordinates(self, code: str) -> tuple[float, float] | None:
        return POINTS.get(code)

    def is_region(self, code: str) -> bool:
        return code in POINTS or (code.endswith("0000") and code < "900000") or code in ("CN", "US")


def warehouse(code: str, **more: Any) -> dict[str, Any]:
    return {"id": code, **more}


def stock(**pieces: dict[str, int]) -> list[dict[str, Any]]:
    """``stock(A={"gz": 5})``"""
    return [{"warehouse": w, "sku": sku, "on_hand": n} for sku, held in pieces.items() for w, n in held.items()]


def order(code: str = "o1", lines: dict[str, int] | list[tuple[str, int]] | None = None, **more: Any) -> dict[str, Any]:
    wanted = list(({"A": 1} if lines is None else lines).items()) if not isinstance(lines, list) else lines
    return {"id": code, "lines": [{"id": str(n), "sku": s, "qty": q} for n, (s, q) in enumerate(wanted, 1)], **more}


def document(**more: Any) -> dict[str, Any]:
    return {"format": "paidan-problem/1", **more}


def answer(**more: Any) -> dict[str, Any]:
    """The answer to a document, the plan having been checked."""
    problem = read_problem(document(**more), Places())
    plan = allocate(problem)
    assert violations(problem, plan) == []
    return write_plan(problem, plan, seconds=0.0)


def first(**more: Any) -> dict[str, Any]:
    """The answer to a document's first order."""
    found: dict[str, Any] = answer(**more)["orders"][0]
    return found


def served(decision: dict[str, Any]) -> list[tuple[str, str, int]]:
    """(line, warehouse, pieces), sorted."""
    return sorted((n["line"], a["warehouse"], n["qty"]) for a in decision["allocations"] for n in a["lines"])


def lost(decision: dict[str, Any]) -> dict[str, str | None]:
    return {candidate["warehouse"]: candidate["reason"] for candidate in decision["candidates"]}
