"""Reading a rule set from a document: the words of the problem format, and beside them `active` and `limits`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from paidan.engine.problem import Objective
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.rule_format import RuleError, read_rule
from paidan.kit.errors import Refusal
from paidan.network.models import Promotion, Team, Warehouse

from .validity import WEEKDAYS

RULE_KEYS = {"id", "name", "priority", "when", "then", "active", "limits"}
LIMIT_KEYS = {"from", "until", "weekdays", "hours", "promotion", "timezone"}
# A whole problem file may be handed in; what is not about rules is not read.
DOCUMENT_KEYS = {"rules", "policy", "objective", "waves"}


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """One rule as it was written, checked."""

    code: str
    name: str
    priority: int
    active: bool
    when: Mapping[str, Any]
    then: Mapping[str, Any]
    limits: Mapping[str, Any]


def read_document(document: object) -> tuple[tuple[RuleDocument, ...], Mapping[str, int]]:
    """The rules and the cost weights of a document: a list of rules, or an object with `rules` (or `policy`)."""
    if isinstance(document, Sequence) and not isinstance(document, str):
        document = {"rules": document}
    if not isinstance(document, Mapping) or not DOCUMENT_KEYS & set(document):
        raise Refusal("not_rules", _("A rule set is a list of rules, or an object with “rules”."))
    listed = document.get("rules", [])
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise Refusal("not_rules", _("“rules” must be a list."), pointer="/rules")
    rules = tuple(_rule(entry, f"/rules/{place}") for place, entry in enumerate(listed))
    if "policy" in document:
        rules = (*rules, _rule({"id": "policy", "priority": _after(rules), "then": document["policy"]}, "/policy"))
    _refuse_doubles(rules)
    return rules, _objective(document.get("objective", {}))


def _after(rules: Sequence[RuleDocument]) -> int:
    return max((rule.priority for rule in rules), default=0) + 1


def _rule(entry: object, pointer: str) -> RuleDocument:
    if not isinstance(entry, Mapping):
        raise Refusal("not_a_rule", _("A rule is an object with “id”, “when” and “then”."), pointer=pointer)
    unknown = sorted(set(entry) - RULE_KEYS)
    if unknown:
        raise Refusal("unknown_key", _("A rule has no “%(key)s”."), pointer=f"{pointer}/{unknown[0]}", key=unknown[0])
    in_problem_words = {key: entry[key] for key in RULE_KEYS - {"active", "limits"} if key in entry}
    try:
        known = read_rule(in_problem_words)
    except RuleError as error:
        raise Refusal(error.code, _("%(problem)s"), pointer=f"{pointer}{error.path}", problem=error.message) from error
    _refuse_strangers(known, pointer)
    _refuse_unstorable(known.id, entry, pointer)
    active = entry.get("active", True)
    if not isinstance(active, bool):
        raise Refusal("not_boolean", _("“active” is true or false."), pointer=f"{pointer}/active")
    return RuleDocument(
        code=known.id,
        name=str(entry.get("name", "")),
        priority=entry.get("priority", 1),
        active=active,
        when=entry.get("when", {}),
        then=entry.get("then", {}),
        limits=_limits(entry.get("limits", {}), f"{pointer}/limits"),
    )


def _refuse_unstorable(code: str, entry: Mapping[str, Any], pointer: str) -> None:
    """What the format allows and our tables do not."""
    if len(code) > 40 or len(str(entry.get("name", ""))) > 100:
        raise Refusal("too_long", _("A rule's id has at most 40 characters, its name at most 100."), pointer=pointer)
    if not 0 <= entry.get("priority", 1) < 2**31:
        raise Refusal("bad_priority", _("A priority is 0 or more."), pointer=f"{pointer}/priority")


def _refuse_strangers(rule: EngineRule, pointer: str) -> None:
    """Warehouses and teams a rule names must be there, or it would quietly serve nobody."""
    named = {*(rule.then.warehouses or ()), *rule.then.excluded}
    known = set(Warehouse.objects.filter(code__in=named).values_list("code", flat=True))
    for code in sorted(named - known):
        raise Refusal(
            "unknown_warehouse", _("There is no warehouse %(name)s."), pointer=f"{pointer}/then/warehouses", name=code
        )
    team = rule.then.team
    if team in ("warehouse", "shop") or team.startswith("skill:"):
        return
    if not Team.objects.filter(code=team).exists():
        raise Refusal("unknown_team", _("There is no team %(name)s."), pointer=f"{pointer}/then/team", name=team)


def _limits(limits: object, pointer: str) -> Mapping[str, Any]:
    if not isinstance(limits, Mapping) or set(limits) - LIMIT_KEYS:
        keys = ", ".join(sorted(LIMIT_KEYS))
        raise Refusal("bad_limits", _("“limits” is an object with any of: %(keys)s."), pointer=pointer, keys=keys)
    for key, value in limits.items():
        if not _limit_makes_sense(key, value):
            raise Refusal(
                "bad_limit", _("“%(key)s” cannot be %(value)s."), pointer=f"{pointer}/{key}", key=key, value=value
            )
    return limits


def _limit_makes_sense(key: str, value: Any) -> bool:
    try:
        match key:
            case "from" | "until":
                return datetime.fromisoformat(value).tzinfo is not None
            case "weekdays":
                return isinstance(value, list) and set(value) <= set(WEEKDAYS)
            case "hours":
                first, last = map(time.fromisoformat, value)
                return first.tzinfo is None and last.tzinfo is None
            case "promotion":
                return Promotion.objects.filter(code=str(value)).exists()
            case _:
                return value in available_timezones()
    except (TypeError, ValueError):
        return False


def _refuse_doubles(rules: Sequence[RuleDocument]) -> None:
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        if rule.code in seen:
            sentence = _("Two rules are called %(name)s; give one of them another id.")
            raise Refusal("duplicate_rule", sentence, pointer=f"/rules/{place}/id", name=rule.code)
        seen.add(rule.code)


def _objective(objective: object) -> Mapping[str, int]:
    known = set(Objective.__dataclass_fields__)
    good = isinstance(objective, Mapping) and all(
        key in known and type(weight) is int and weight >= 0 for key, weight in objective.items()
    )
    if not good:
        sentence = _("“objective” is an object of whole numbers: %(keys)s.")
        raise Refusal("bad_objective", sentence, pointer="/objective", keys=", ".join(sorted(known)))
    assert isinstance(objective, Mapping)
    return objective
