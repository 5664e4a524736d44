"""What one version of the rules changes against another: rules new, gone, changed, moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .models import Rule, RuleSetVersion


class Kind(StrEnum):
    """What became of a rule."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that differs; `before` is None for a new one, `after` for one that is gone."""

    code: str
    kind: Kind
    before: Rule | None
    after: Rule | None


def differences(before: Sequence[Rule], after: Sequence[Rule]) -> list[Difference]:
    """Rules in the order of `after`, then those that are gone. A rule counts as moved only where it was moved past
    others: the fewest rules that explain the new order."""
    old = {rule.code: rule for rule in before}
    moved = _moved([rule.code for rule in before], [rule.code for rule in after])
    found = []
    for rule in after:
        was = old.pop(rule.code, None)
        if was is None:
            found.append(Difference(rule.code, Kind.NEW, None, rule))
        elif _says(was) != _says(rule):
            found.append(Difference(rule.code, Kind.CHANGED, was, rule))
        elif rule.code in moved:
            found.append(Difference(rule.code, Kind.MOVED, was, rule))
    return [*found, *(Difference(code, Kind.GONE, rule, None) for code, rule in old.items())]


@dataclass(frozen=True, slots=True)
class SetDifference:
    """What a version says beside its rules that differs: `name` is `waves` or `objective`."""

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def set_differences(before: RuleSetVersion | None, after: RuleSetVersion | None) -> list[SetDifference]:
    """How waves decide, and the weights, where one version says otherwise than another."""
    pairs = [(name, getattr(before, name, {}), getattr(after, name, {})) for name in ("waves", "objective")]
    return [SetDifference(*pair) for pair in pairs if pair[1] != pair[2]]


def _says(rule: Rule) -> tuple[object, ...]:
    return rule.name, rule.active, rule.when, rule.then, rule.limits


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The codes outside a longest run that kept its order (longest increasing subsequence)."""
    place = {code: at for at, code in enumerate(before)}
    both = [code for code in after if code in place]
    best: list[list[str]] = []
    for code in both:
        run = max((kept for kept in best if place[kept[-1]] < place[code]), key=len, default=[])
        best.append([*run, code])
    kept = max(best, key=len, default=[])
    return set(both) - set(kept)
