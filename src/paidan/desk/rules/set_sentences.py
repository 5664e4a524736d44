"""What a rule set says beside its rules, as sentences: when waves decide, and what an allocation is taken to cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.engine.problem import Objective
from paidan.rules.differences import SetDifference
from paidan.rules.waves import timing_of
from paidan.web import formats


def waves_words(waves: Mapping[str, Any]) -> str:
    """“One by one, as they come.” or “Jointly, every 30 minutes and at 10:00, 14:30; 20 s at most.”"""
    timing = timing_of(waves)
    if not timing.joint:
        return _("Orders are decided one by one, as they come.")
    times = []
    if timing.every_min:
        every = ngettext("every minute", "every %(number)s minutes", timing.every_min)
        times.append(every % {"number": timing.every_min})
    if timing.at:
        at = _(", ").join(f"{one:%H:%M}" for one in sorted(timing.at))
        times.append(_("at %(times)s") % {"times": at})
    if timing.more_than:
        more = ngettext(
            "as soon as more than %(number)s order waits",
            "as soon as more than %(number)s orders wait",
            timing.more_than,
        )
        times.append(more % {"number": formats.count(timing.more_than)})
    values = {
        "times": _(", ").join(times),
        "seconds": f"{timing.seconds:g}",
        "gap": formats.percent(timing.gap, 2),
    }
    return _("Orders are decided jointly, %(times)s; %(seconds)s s at most, or until the gap is %(gap)s.") % values


def objective_words(objective: Mapping[str, int]) -> str:
    """The weights in one sentence."""
    weights = Objective(**objective)
    values = {
        "km": formats.money(weights.km_minor, decimals=True),
        "parcel": formats.money(weights.parcel_minor),
        "late": formats.money(weights.late_minor_per_h),
        "ratio": formats.money(weights.ratio_minor),
        "unserved": formats.money(weights.unserved_minor),
    }
    return (
        _(
            "An order not served counts %(unserved)s, each further parcel %(parcel)s, each hour late %(late)s, each "
            "order off a ratio %(ratio)s, a kilometre without a freight price %(km)s."
        )
        % values
    )


WORDS = {"waves": waves_words, "objective": objective_words}


def set_rows(found: Sequence[SetDifference]) -> list[dict[str, str]]:
    """Differences beside the rules, as pages and programs show them."""
    names = {"waves": _("How waves decide"), "objective": _("What an allocation costs")}
    return [
        {
            "name": names[one.name],
            "key": one.name,
            "before": WORDS[one.name](one.before),
            "after": WORDS[one.name](one.after),
        }
        for one in found
    ]
