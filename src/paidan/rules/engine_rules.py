"""A stored rule as the engine takes it. Publication has validated the words; here they are only turned."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from paidan.engine.codes import Otherwise, Split, Strategy
from paidan.engine.problem import Action, Condition
from paidan.engine.problem import Rule as EngineRule


def engine_rule(code: str, when: Mapping[str, Any], then: Mapping[str, Any]) -> EngineRule:
    """The rule with these conditions and this action (problem format's words)."""
    return EngineRule(code, _condition(when), _condition(when.get("not", {})), _action(then))


def _condition(when: Mapping[str, Any]) -> Condition:
    named = {field.name for field in fields(Condition)}
    return Condition(**{name: tuple(value) for name, value in when.items() if name in named and value})


def _action(then: Mapping[str, Any]) -> Action:
    defaults = Action()
    listed = then.get("warehouses", "*")
    return Action(
        warehouses=None if listed == "*" else tuple(listed),
        excluded=tuple(then.get("except", ())),
        strategies=tuple(Strategy[name.upper()] for name in then.get("strategies", ["nearest"])),
        max_m=None if then.get("max_km") is None else round(then["max_km"] * 1000),
        split=Split[then.get("split", "never").upper()],
        max_parcels=then.get("max_parcels"),
        partial=then.get("shortage", "reject") == "partial",
        team=then.get("team", defaults.team),
        raise_priority=then.get("raise_priority", 0),
        otherwise=Otherwise[then.get("otherwise", "unallocated").upper()],
        joint=then.get("joint", False),
    )
