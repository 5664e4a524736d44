"""Reading rule sets: the published one as the engine takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from paidan.engine.problem import I32
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.rule_format import read_rule
from paidan.network.kept import Kept, Mark, terms_mark
from paidan.network.models import Promotion

from .models import Rule, RuleSetVersion, VersionState
from .validity import PromotionPeriods, applies_at


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that apply at one moment, best priority first, and the database rows they are."""

    version: RuleSetVersion | None
    rules: tuple[EngineRule, ...]
    id_r: I32  # database ids along `rules`
    objective: Mapping[str, int]


def published_version() -> RuleSetVersion | None:
    """The version in force, if any was ever published."""
    return RuleSetVersion.objects.filter(state=VersionState.PUBLISHED).first()


def published_rules(now: datetime, mark: Mark | None = None) -> RuleSet:
    """The published rules that are switched on and within their validity at `now`.

    They are shared with other callers. `mark` saves asking for it where it is known.
    """
    found = _PUBLISHED.at(mark or terms_mark())
    return found.at(now) if found else RuleSet(None, (), np.zeros(0, np.int32), {})


def is_published(mark: Mark) -> bool:
    """Whether any version is in force."""
    return _PUBLISHED.at(mark) is not None


def rules_of(version: RuleSetVersion, now: datetime) -> RuleSet:
    """The rules of one version that apply at `now`, in order of priority."""
    return version_rules(version).at(now)


@dataclass(frozen=True, slots=True)
class VersionRules:
    """The switched-on rules of one version, read once for any number of moments."""

    version: RuleSetVersion
    rows: tuple[tuple[int, Mapping[str, Any], EngineRule], ...]  # id, limits, as the engine takes it
    promotions: PromotionPeriods
    chosen: dict[tuple[int, ...], RuleSet] = field(default_factory=dict, init=False, compare=False, repr=False)
    """The sets that applied so far: the same rules are the same tuple, which the engine has compiled already."""

    def at(self, now: datetime) -> RuleSet:
        rows = [
            (key, rule) for key, limits, rule in self.rows if not limits or applies_at(limits, now, self.promotions)
        ]
        keys = tuple(key for key, _rule in rows)
        if keys not in self.chosen:
            rules = tuple(rule for _key, rule in rows)
            self.chosen[keys] = RuleSet(self.version, rules, np.array(keys, np.int32), self.version.objective)
        return self.chosen[keys]


def version_rules(version: RuleSetVersion) -> VersionRules:
    """Read the rules of one version, in order of priority."""
    rows = Rule.objects.filter(version=version, active=True).order_by("priority", "id")
    return VersionRules(
        version,
        tuple((row.id, row.limits, read_rule({"id": row.code, "when": row.when, "then": row.then})) for row in rows),
        {row.code: (row.starts_at, row.ends_at) for row in Promotion.objects.all()},
    )


def _read_published() -> VersionRules | None:
    version = published_version()
    return version_rules(version) if version else None


_PUBLISHED = Kept(_read_published)
