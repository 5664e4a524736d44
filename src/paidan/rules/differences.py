"""What one version of the rules changes against another: rules new, gone, changed, moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .models import Rule


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
