"""Before, after and change of a move, written out."""

from django.utils.translation import gettext as _

from paidan.allocation.relieve import Sums
from paidan.web import formats
from paidan.web.lists import Change


def changes_between(before: Sums, after: Sums) -> list[Change]:
    """Freight, mean distance, expected late; less is better of each."""
    freight, late = after.freight_minor - before.freight_minor, after.late - before.late
    # Between the kilometres as they are written, so that the line adds up.
    further = 1000 * (round((after.distance_m or 0) / 1000) - round((before.distance_m or 0) / 1000))
    sign = "+" if further > 0 else formats.MINUS if further < 0 else ""
    distances = formats.distance(before.distance_m), formats.distance(after.distance_m)
    costs = formats.money(before.freight_minor), formats.money(after.freight_minor)
    lates = formats.count(before.late), formats.count(after.late)
    return [
        Change(_("Freight"), *costs, formats.money_change(freight), better=_better(freight)),
        Change(_("Mean distance"), *distances, sign + formats.distance(abs(further)), better=_better(further)),
        Change(_("Expected late"), *lates, formats.change(late), better=_better(late)),
    ]


def _better(more: int) -> bool | None:
    return None if not more else more < 0
