"""What there is to say of an order that was decided together with others: only what the wave kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.engine.codes import Strategy
from paidan.kit.formats import kilometres, money
from paidan.network.models import Warehouse

from .explain_rows import DecisionRow
from .explanation import Explanation, Placement, RuleFacts, Together
from .models import WaveMove
from .states import WaveMode

KEPT = (Strategy.RANKED, Strategy.RATIO)
"""Rules that rank so first are followed order by order within a joint wave too (docs/joint-solver.md)."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Warehouses by id."""

    by_id: dict[int, str]

    def __getitem__(self, key: int) -> str:
        return self.by_id.get(key, f"#{key}")


def together_in(decision: DecisionRow, rule: RuleFacts | None) -> Together | None:
    """How the order was decided with others; None in a wave that decides one by one, or by a rule that wants to be
    followed order by order."""
    if decision.mode != WaveMode.JOINT or rule is None or (rule.strategies[0] in KEPT and not rule.joint):
        return None
    orders = decision.orders_n
    move = WaveMove.objects.filter(order_id=decision.order_id, wave_id=decision.wave_id).first()
    if move is None:
        return Together(orders)
    names = _Names({one.pk: str(one) for one in Warehouse.objects.filter(pk__in=(move.before_id, move.after_id))})
    return Together(
        orders,
        moved=True,
        before=names[move.before_id] if move.before_id else "",
        after=names[move.after_id] if move.after_id else "",
        freight_minor=move.freight_minor,
        worth_minor=move.worth_minor,
    )


def placed_together(of: Explanation, placement: Placement) -> list[str]:
    """Why this part went there: with how many others, and where it would have gone by itself."""
    found = of.together
    assert found is not None
    assert of.rule is not None
    values = {
        "warehouse": placement.title,
        "km": kilometres(placement.distance_m),
        "rule": of.rule.title,
        "number": f"{found.orders:,}",
        "other": found.before,
        "more": money(abs(found.freight_minor)),
        "worth": money(found.worth_minor),
    }
    said = [
        ngettext(
            "Goes to %(warehouse)s (%(km)s): rule “%(rule)s”, decided jointly in a wave of %(number)s order.",
            "Goes to %(warehouse)s (%(km)s): rule “%(rule)s”, decided jointly in a wave of %(number)s orders.",
            found.orders,
        )
    ]
    if not found.moved:
        said.append(_("Order by order it would have gone the same way."))
    elif not found.before:
        said.append(_("Order by order nothing would have been left for it."))
    elif found.after != placement.title:
        said.append(_("Order by order it would have gone to %(other)s."))
    elif 0 < found.freight_minor < found.worth_minor:
        said.append(
            _(
                "Order by order it would have gone to %(other)s; here it costs %(more)s more, and what it leaves there "
                "is worth %(worth)s to the others."
            )
        )
    elif found.freight_minor > 0:
        said.append(_("Order by order it would have gone to %(other)s, %(more)s cheaper; others needed that more."))
    elif found.freight_minor < 0:
        said.append(_("Order by order it would have gone to %(other)s, which costs %(more)s more."))
    else:
        said.append(_("Order by order it would have gone to %(other)s, for the same freight."))
    return [sentence % values for sentence in said]


def left_open_together(of: Explanation) -> list[str]:
    """Of an order that stays open: where it would have gone by itself, if that is known."""
    if of.together is None or not of.together.moved or of.together.after or not of.together.before:
        return []
    values = {"other": of.together.before}
    return [_("Order by order it would have gone to %(other)s; decided jointly, others got what is there.") % values]
