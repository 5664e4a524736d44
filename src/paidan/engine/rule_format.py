"""Rules in the words of the problem format (`when` and `then`), read strictly."""

from __future__ import annotations

import re
from typing import Any, Final

from .codes import Otherwise, Split, Strategy
from .problem import Action, Condition, Range, Rule
from .regions import is_well_formed, normalised
from .strict import (
    Fields,
    ProblemError,
    distinct_names,
    flag,
    integer,
    items,
    name,
    names,
    number,
    one_of,
    pointer,
    text,
)

RuleError = ProblemError
"""What `read_rule` raises; `path` is relative to the rule."""

WORD_FIELDS: Final = ("shop", "platform", "sku", "category", "tag", "remark")
ORDER_FIELDS: Final = ("payment", "delivery")
"""Fields of orders that a problem file cannot carry but the application's orders do."""
RANGE_FIELDS: Final = ("amount_minor", "weight_g", "lines", "pieces")
LARGEST_PRIORITY: Final = 10**9
_EVERY: Final = (None,)
_PADDED: Final = {2: "0000", 4: "00", 6: ""}


def region_code(value: object, path: str) -> str:
    """A code of GB/T 2260 (of two, four or six digits) or an ISO country, in the engine's spelling."""
    code = name(value, path)
    if re.fullmatch(r"[0-9]+", code) and len(code) in _PADDED:
        code += _PADDED[len(code)]
    if not is_well_formed(code):
        remedy = "Use six digits such as 310115, or two letters such as CN."
        raise ProblemError("bad_region", path, f"“{value}” is not a region code.", remedy)
    return normalised(code)


def region_codes(value: object, path: str) -> tuple[str, ...]:
    return tuple(region_code(entry, where) for entry, where in items(value, path))


def read_rule(document: object, path: str = "", *, place: int = 0, of_problem: bool = False) -> Rule:
    """One rule; `of_problem` refuses conditions on what a problem file's orders cannot have."""
    take = Fields(document, path)
    rule_id = take("id", name, f"r{place + 1}")
    take("name", text, "")
    take("priority", integer(-LARGEST_PRIORITY, LARGEST_PRIORITY), 1)
    when, excepted = take("when", lambda value, at: _conditions(value, at, of_problem), (Condition(), Condition()))
    then = take("then", read_action, Action())
    take.end()
    return Rule(rule_id, when, excepted, then)


def priority_of(document: object) -> int:
    """The priority of a rule that `read_rule` has accepted."""
    return int(document.get("priority", 1)) if isinstance(document, dict) else 1


def _conditions(value: object, path: str, of_problem: bool) -> tuple[Condition, Condition]:
    take = Fields(value, path)
    excepted = take("not", lambda v, at: _condition(Fields(v, at), of_problem), Condition())
    return _condition(take, of_problem), excepted


def _condition(take: Fields, of_problem: bool) -> Condition:
    words: dict[str, Any] = {field: take(field, names, ()) for field in WORD_FIELDS}
    words |= {} if of_problem else {field: take(field, names, ()) for field in ORDER_FIELDS}
    ranges: dict[str, Any] = {field: take(field, _range, (None, None)) for field in RANGE_FIELDS}
    region = take("region", region_codes, ())
    take.end()
    return Condition(region=region, **words, **ranges)


def _range(value: object, path: str) -> Range:
    bounds = [None if entry is None else integer()(entry, where) for entry, where in items(value, path)]
    if len(bounds) != 2:
        raise ProblemError("bad_value", path, "A range is two bounds, each a whole number or null.")
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise ProblemError("bad_value", path, f"The range from {low} to {high} is empty.", "Swap the bounds.")
    return low, high


def read_action(value: object, path: str) -> Action:
    """The `then` of a rule, or a problem's `policy`."""
    take = Fields(value, path)
    max_km = take("max_km", number(0, 50_000), None)
    action = Action(
        warehouses=take("warehouses", _listed, _EVERY)[0],
        excluded=take("except", distinct_names, ()),
        strategies=take("strategies", _strategies, (Strategy.NEAREST,)),
        max_m=None if max_km is None else round(max_km * 1000),
        split=Split[take("split", one_of("never", "by_line", "by_piece"), "never").upper()],
        max_parcels=take("max_parcels", integer(1), None),
        partial=take("shortage", one_of("reject", "partial"), "reject") == "partial",
        team=take("team", _team, "warehouse"),
        raise_priority=take("raise_priority", integer(-LARGEST_PRIORITY, LARGEST_PRIORITY), 0),
        otherwise=Otherwise[take("otherwise", one_of("unallocated", "next", "hold"), "unallocated").upper()],
        joint=take("joint", flag, False),
        look_ahead=take("look_ahead", flag, False),
    )
    take.end()
    if action.look_ahead and not {Strategy.NEAREST, Strategy.CHEAPEST} & {*action.strategies}:
        message = "Looking ahead compares money: it needs nearest or cheapest among the strategies."
        raise ProblemError("conflict", pointer(path, "look_ahead"), message, "Add one of them, or leave it out.")
    return action


def _listed(value: object, path: str) -> tuple[tuple[str, ...] | None]:
    if isinstance(value, str):
        if value != "*":
            raise ProblemError("bad_value", path, "Expected “*” for all warehouses or a list of their ids.")
        return _EVERY
    return (distinct_names(value, path),)


def _strategies(value: object, path: str) -> tuple[Strategy, ...]:
    words = [strategy.code for strategy in Strategy]
    found = [one_of(*words)(entry, where) for entry, where in items(value, path)]
    if not 1 <= len(found) <= 3:
        raise ProblemError("bad_value", path, f"A rule ranks by one to three strategies, not {len(found)}.")
    distinct_names(value, path)
    return tuple(Strategy[word.upper()] for word in found)


def _team(value: object, path: str) -> str:
    if name(value, path) == "skill:":
        raise ProblemError("bad_value", path, "The skill has no name.", "Write for example “skill:vip”.")
    return str(value)
