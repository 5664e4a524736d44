"""A rule as one sentence in the reader's language: whole phrases per part, the values emphasised."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from paidan.rules.models import Rule
from paidan.web import formats

from .names import Names

Phrase = str | Promise
MOST_NAMED = 4
"""Values of one condition written out; of more the number is said."""

IS: dict[str, Phrase] = {
    "shop": gettext_lazy("the shop is %(values)s"),
    "platform": gettext_lazy("the platform is %(values)s"),
    "region": gettext_lazy("it goes to %(values)s"),
    "sku": gettext_lazy("it has the SKU %(values)s"),
    "category": gettext_lazy("it has goods of the category %(values)s"),
    "tag": gettext_lazy("it is tagged %(values)s"),
    "remark": gettext_lazy("a remark says %(values)s"),
    "payment": gettext_lazy("it is paid by %(values)s"),
    "delivery": gettext_lazy("it is delivered by %(values)s"),
    "amount_minor": gettext_lazy("its amount is %(values)s"),
    "weight_g": gettext_lazy("it weighs %(values)s"),
    "lines": gettext_lazy("it has %(values)s lines"),
    "pieces": gettext_lazy("it has %(values)s pieces"),
}
IS_NOT: dict[str, Phrase] = {
    "shop": gettext_lazy("the shop is not %(values)s"),
    "platform": gettext_lazy("the platform is not %(values)s"),
    "region": gettext_lazy("it does not go to %(values)s"),
    "sku": gettext_lazy("it does not have the SKU %(values)s"),
    "category": gettext_lazy("it has no goods of the category %(values)s"),
    "tag": gettext_lazy("it is not tagged %(values)s"),
    "remark": gettext_lazy("no remark says %(values)s"),
    "payment": gettext_lazy("it is not paid by %(values)s"),
    "delivery": gettext_lazy("it is not delivered by %(values)s"),
    "amount_minor": gettext_lazy("its amount is not %(values)s"),
    "weight_g": gettext_lazy("it does not weigh %(values)s"),
    "lines": gettext_lazy("it does not have %(values)s lines"),
    "pieces": gettext_lazy("it does not have %(values)s pieces"),
}
RANGES = ("amount_minor", "weight_g", "lines", "pieces")
RANKED_BY: dict[str, Phrase] = {
    "nearest": gettext_lazy("the nearest first"),
    "cheapest": gettext_lazy("the cheapest freight first"),
    "fastest": gettext_lazy("the fastest first"),
    "ranked": gettext_lazy("in this order"),
    "most_stock": gettext_lazy("the most stock first"),
    "least_loaded": gettext_lazy("the least loaded first"),
    "ratio": gettext_lazy("by ratio"),
    "fewest_parcels": gettext_lazy("the fewest parcels first"),
}
WEEKDAYS: dict[str, Phrase] = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}


def sentence(rule: Rule, names: Names) -> SafeString:
    """When what, then what: “When the shop is JD → any warehouse, the nearest first”."""
    conditions = [*limits_words(rule.limits, names), *when_words(rule.when, names)]
    if conditions:
        first = _said(_("When %(conditions)s"), conditions=_joined(_(" and "), conditions))
    else:
        first = format_html("{}", _("Every order"))
    return format_html('{} <span class="mut">→</span> {}', first, _joined(_("; "), then_words(rule.then, names)))


def plain(rule: Rule, names: Names) -> str:
    """The same without marks, to search in and for files."""
    import html

    from django.utils.html import strip_tags

    return html.unescape(strip_tags(sentence(rule, names)))


def when_words(when: Mapping[str, Any], names: Names) -> list[SafeString]:
    """One phrase per condition, the negated ones after the others."""
    refused = when.get("not", {})
    wanted = [_condition(IS[name], name, when[name], names) for name in IS if _asked(when.get(name))]
    return [
        *wanted,
        *(_condition(IS_NOT[name], name, refused[name], names) for name in IS if _asked(refused.get(name))),
    ]


def _asked(value: Any) -> bool:
    return bool(value) and value != [None, None]


def _condition(phrase: Phrase, name: str, value: Any, names: Names) -> SafeString:
    if name in RANGES:
        return _said(str(phrase), values=_value(range_words(name, value)))
    listed = [names.of(name, one) for one in value]
    if len(listed) > MOST_NAMED:
        shown = _(", ").join(listed[:MOST_NAMED])
        listed = [_("%(shown)s and %(more)d more") % {"shown": shown, "more": len(listed) - MOST_NAMED}]
    return _said(str(phrase), values=_value(pgettext("one of these", ", ").join(listed)))


def range_words(name: str, value: Sequence[int | None]) -> str:
    """“at least ¥30”, “¥30 to ¥99”, “at most 20 kg”."""
    low, high = (None if bound is None else _amount(name, bound) for bound in value)
    if low is None:
        return _("at most %(high)s") % {"high": high}
    if high is None:
        return _("at least %(low)s") % {"low": low}
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _amount(name: str, bound: int) -> str:
    if name == "amount_minor":
        return formats.money(bound, decimals=bool(bound % 100))
    return formats.weight(bound) if name == "weight_g" else formats.count(bound)


def limits_words(limits: Mapping[str, Any], names: Names) -> list[SafeString]:
    """When it applies at all."""
    said = []
    if limits.get("promotion"):
        code = limits["promotion"]
        said.append(_said(_("it is during %(promotion)s"), promotion=_value(names.promotions.get(code, code))))
    if limits.get("weekdays"):
        days = _(", ").join(str(WEEKDAYS[day]) for day in WEEKDAYS if day in limits["weekdays"])
        said.append(_said(_("it is %(days)s"), days=_value(days)))
    if limits.get("hours"):
        first, last = limits["hours"]
        said.append(_said(_("it is between %(first)s and %(last)s"), first=_value(first), last=_value(last)))
    if limits.get("from"):
        said.append(_said(_("it is not before %(moment)s"), moment=_value(_moment(limits["from"]))))
    if limits.get("until"):
        said.append(_said(_("it is before %(moment)s"), moment=_value(_moment(limits["until"]))))
    return said


def _moment(text: str) -> str:
    return localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")


def then_words(then: Mapping[str, Any], names: Names) -> list[SafeString]:
    """What the rule does; what is as usual is not said."""
    return [
        _warehouses(then, names),
        *_looking_ahead(then),
        *_distance(then),
        *_splitting(then),
        *_team(then, names),
        *_rest(then),
    ]


def _warehouses(then: Mapping[str, Any], names: Names) -> SafeString:
    listed = then.get("warehouses", "*")
    ranking = _joined(_(", then "), [_value(RANKED_BY[one]) for one in then.get("strategies") or ["nearest"]])
    if listed == "*":
        left_out = [names.warehouses.get(code, code) for code in then.get("except", [])]
        if left_out:
            phrase = _("any warehouse but %(names)s, %(ranking)s")
            return _said(phrase, names=_value(_(", ").join(left_out)), ranking=ranking)
        return _said(_("any warehouse, %(ranking)s"), ranking=ranking)
    chosen = [names.warehouses.get(code, code) for code in listed if code not in then.get("except", [])]
    if not chosen:
        return _value(_("no warehouse"))
    if len(chosen) == 1:
        return _said(_("only %(names)s"), names=_value(chosen[0]))
    return _said(_("one of %(names)s, %(ranking)s"), names=_value(_(", ").join(chosen)), ranking=ranking)


def _looking_ahead(then: Mapping[str, Any]) -> list[SafeString]:
    return [_value(_("scarce stock kept for orders to come"))] if then.get("look_ahead") else []


def _distance(then: Mapping[str, Any]) -> list[SafeString]:
    if then.get("max_km") is None:
        return []
    return [_said(_("no farther than %(km)s km"), km=_value(formats.count(round(then["max_km"]))))]


def _splitting(then: Mapping[str, Any]) -> list[SafeString]:
    said = []
    parcels = then.get("max_parcels")
    if then.get("split", "never") != "never":
        whole = then["split"] == "by_line"
        phrase = _("may be split, lines kept whole") if whole else _("may be split piece by piece")
        said.append(_value(phrase))
        if parcels:
            said.append(_said(_("at most %(number)s parcels"), number=_value(formats.count(parcels))))
    if then.get("shortage") == "partial":
        said.append(_value(_("what is there is shipped, the rest waits")))
    return said


def _team(then: Mapping[str, Any], names: Names) -> list[SafeString]:
    team = then.get("team", "warehouse")
    if team == "warehouse":
        return []
    if team == "shop":
        return [_said(_("to %(team)s"), team=_value(_("the shop's team")))]
    if team.startswith("skill:"):
        return [_said(_("to a team with the skill %(skill)s"), skill=_value(team.removeprefix("skill:")))]
    return [_said(_("to %(team)s"), team=_value(names.teams.get(team, team)))]


def _rest(then: Mapping[str, Any]) -> list[SafeString]:
    said = []
    if then.get("raise_priority"):
        said.append(_said(_("priority %(change)s"), change=_value(formats.change(then["raise_priority"]))))
    if then.get("otherwise") == "next":
        said.append(_said(_("if none can: %(what)s"), what=_value(_("the next rule"))))
    if then.get("otherwise") == "hold":
        said.append(_said(_("if none can: %(what)s"), what=_value(_("hold it for somebody to decide"))))
    return said


def _value(text: object) -> SafeString:
    return format_html('<b class="tk">{}</b>', text)


def _said(phrase: str, **values: SafeString) -> SafeString:
    """The phrase with its values; both may be anything people typed, so all of it is escaped."""
    safe = {key: conditional_escape(value) for key, value in values.items()}
    return mark_safe(str(conditional_escape(phrase)) % safe)


def _joined(between: str, parts: Sequence[SafeString]) -> SafeString:
    return mark_safe(str(conditional_escape(between)).join(parts))
