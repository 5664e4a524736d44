"""An explanation for programs: codes and values in the design's words, with the sentences for people beside them."""

from dataclasses import asdict
from typing import Any

from .explanation import Explanation
from .remedies import remedies_of
from .sentences import headline, lost_because


def as_document(of: Explanation) -> dict[str, Any]:
    """The explanation for programs, in the design's words, with the sentences for people beside the codes."""
    return {
        "shop": of.shop,
        "order": of.number,
        "state": of.state.code,
        "held": bool(of.holds),
        "reason": of.reason.code if of.reason else None,
        "region": of.region or None,
        "ship_by": of.ship_by_at,
        "explanation": headline(of),
        "rule": _rule_document(of),
        "decided_at": of.decided_at,
        "lines": [
            {"sku": line.sku or None, "shop_code": line.shop_code, "qty": line.qty, "open": line.open_qty}
            | {"reason": line.reason.code if line.reason else None}
            for line in of.lines
        ],
        "allocations": [
            {"allocation": p.id, "warehouse": p.warehouse, "team": p.team or None, "state": p.state.code}
            | {"distance_m": p.distance_m, "freight_minor": p.freight_minor, "carrier": p.carrier or None}
            | {"late_s": p.late_s, "work_day": p.work_day.isoformat(), "by_hand": p.by_hand, "frozen": p.frozen}
            | {"rebalanced": p.rebalanced is not None}
            | {"lines": [{"sku": sku, "qty": qty} for sku, qty in p.pieces]}
            for p in of.placements
        ],
        "candidates": [
            {"warehouse": c.code, "rank": c.rank or None, "reason": c.reason.code if c.reason else None}
            | {"chosen": c.chosen, "distance_m": c.distance_m, "freight_minor": c.freight_minor}
            | {"short": c.short_qty, "load": c.load, "capacity": c.capacity, "available": list(c.available)}
            | {"explanation": lost_because(of, c)}
            for c in of.candidates
        ],
        "holds": [asdict(hold) for hold in of.holds],
        "remedies": [asdict(remedy) for remedy in remedies_of(of)],
        "events": [asdict(event) for event in of.events],
    }


def _rule_document(of: Explanation) -> dict[str, Any] | None:
    if of.rule is None:
        return None
    return {
        "id": of.rule.code,
        "name": of.rule.name,
        "version": of.rule.version,
        "strategies": [strategy.code for strategy in of.rule.strategies],
        "team": of.rule.team,
        "split": of.rule.split.code,
    }
