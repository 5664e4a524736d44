"""Reading rule sets: the published one as the engine takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from paidan.engine.problem import I32
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.rule_format import read_rule
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


def published_rules(now: datetime) -> RuleSet:
    """The published rules that are switched on and within their validity at `now`."""
    version = published_version()
    return rules_of(version, now) if version else RuleSet(None, (), np.zeros(0, np.int32), {})


def rules_of(version: RuleSetVersion, now: datetime) -> RuleSet:
    """The rules of one version that apply at `now`, in order of priority."""
    return version_rules(version).at(now)


@dataclass(frozen=True, slots=True)
class VersionRules:
    """The switched-on rules of one version, read once for any number of moments."""

    version: RuleSetVersion
    rows: tuple[tuple[int, Mapping[str, Any], EngineRule], ...]  # id, limits, as the engine takes it
    promotions: PromotionPeriods

    def at(self, now: datetime) -> RuleSet:
        chosen = [(key, rule) for key, limits, rule in self.rows if applies_at(limits, now, self.promotions)]
        ids = np.array([key for key, _rule in chosen], np.int32)
        return RuleSet(self.version, tuple(rule for _key, rule in chosen), ids, self.version.objective)


def version_rules(version: RuleSetVersion) -> VersionRules:
    """Read the rules of one version, in order of priority."""
    rows = Rule.objects.filter(version=version, active=True).order_by("priority", "id")
    return VersionRules(
        version,
        tuple((row.id, row.limits, read_rule({"id": row.code, "when": row.when, "then": row.then})) for row in rows),
        {row.code: (row.starts_at, row.ends_at) for row in Promotion.objects.all()},
    )
