"""Reading rule sets: the published one as the engine takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from paidan.engine.problem import I32
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.rule_format import read_rule
from paidan.network.models import Promotion

from .models import Rule, RuleSetVersion, VersionState
from .validity import applies_at


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
    promotions = {row.code: (row.starts_at, row.ends_at) for row in Promotion.objects.all()}
    rows = [
        rule
        for rule in Rule.objects.filter(version=version, active=True).order_by("priority", "id")
        if applies_at(rule.limits, now, promotions)
    ]
    rules = tuple(read_rule({"id": row.code, "when": row.when, "then": row.then}) for row in rows)
    return RuleSet(version, rules, np.array([row.id for row in rows], np.int32), version.objective)
