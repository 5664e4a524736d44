"""The lines of the rule list: sentence, hits, warnings, and what the draft changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from paidan.allocation.rule_hits import NO_HITS, Hits, rule_hits
from paidan.network.models import Promotion
from paidan.rules.differences import Difference, Kind, differences
from paidan.rules.drafts import takes_every_order
from paidan.rules.models import Rule
from paidan.rules.shadowing import never_firing, placed

from .names import names_for
from .sentences import plain, sentence


@dataclass(frozen=True, slots=True)
class Warning:
    """What is wrong with a rule, and which rule's place would mend it."""

    words: str
    above: str = ""  # the code of the rule it should stand above


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the list shows it."""

    rule: Rule
    place: int
    sentence: SafeString
    plain: str
    hits: Hits
    share: float | None
    is_last: bool
    change: str = ""
    warnings: Sequence[Warning] = field(default=())

    @property
    def never_hit(self) -> bool:
        return self.rule.active and not self.hits.week


def lines_of(rules: Sequence[Rule], now: datetime, before: Sequence[Rule] = ()) -> list[Line]:
    """The lines of one version; `before` is what is in force, for what the draft changes."""
    names, hits = names_for(rules), rule_hits(now)
    total = sum(one.week for one in hits.values())
    changes = {one.code: one for one in differences(before, rules)} if before else {}
    warned = warnings_of(rules, now)
    last = len(rules) - 1
    return [
        Line(
            rule=rule,
            place=place,
            sentence=sentence(rule, names),
            plain=plain(rule, names),
            hits=hits.get(rule.code, NO_HITS),
            share=hits.get(rule.code, NO_HITS).week / total if total else None,
            is_last=place - 1 == last and takes_every_order(rule),
            change=change_word(changes.get(rule.code)),
            warnings=warned.get(rule.code, ()),
        )
        for place, rule in enumerate(rules, 1)
    ]


def change_word(change: Difference | None) -> str:
    words = {
        Kind.NEW: pgettext("rule", "new"),
        Kind.CHANGED: pgettext("rule", "changed"),
        Kind.MOVED: pgettext("rule", "moved"),
        Kind.GONE: pgettext("rule", "gone"),
    }
    return words[change.kind] if change else ""


def warnings_of(rules: Sequence[Rule], now: datetime) -> dict[str, list[Warning]]:
    """Rules that can never fire (computed, `rules.shadowing`), and rules whose time is over."""
    found: dict[str, list[Warning]] = {}
    by_code = {rule.code: (place, rule) for place, rule in enumerate(rules, 1)}
    for code, takers in never_firing(placed(rules)).items():
        if takes_every_order(by_code[code][1]) and by_code[code][0] == len(rules):
            continue  # the last rule is there for what nobody thought of
        found.setdefault(code, []).append(_never([by_code[taker] for taker in takers]))
    promotions = {one.code: one for one in Promotion.objects.all()}
    for rule in rules:
        ended = ended_at(rule.limits, promotions)
        if rule.active and ended is not None and ended <= now:
            day = f"{ended:%Y-%m-%d}"
            found.setdefault(rule.code, []).append(Warning(_("Its time ended on %(day)s.") % {"day": day}))
    return found


def _never(takers: Sequence[tuple[int, Rule]]) -> Warning:
    if not takers:
        return Warning(_("Never fires: its conditions exclude each other."))
    named = _(", ").join(_("%(place)d “%(name)s”") % {"place": place, "name": rule} for place, rule in takers)
    return Warning(_("Never fires: rule %(rules)s takes all its orders first.") % {"rules": named}, takers[0][1].code)


def ended_at(limits: Mapping[str, Any], promotions: Mapping[str, Promotion]) -> datetime | None:
    """When the rule stopped applying for good, or will; None = never."""
    ends = [datetime.fromisoformat(limits["until"])] if limits.get("until") else []
    promotion = promotions.get(limits.get("promotion", ""))
    return min([*ends, *([promotion.ends_at] if promotion else [])], default=None)
