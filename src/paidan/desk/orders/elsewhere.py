"""Other places an order that has one could go to, while no team has begun: nearest first, with the difference."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.allocation.explanation import Candidate, Explanation
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.engine.codes import Reason
from paidan.web import formats

from .ways_out import WayOut, nearness

MOST = 3


def elsewhere(of: Explanation, placed: Sequence[Allocation], user: Any) -> list[WayOut]:
    """The warehouses that have all of it, and the choice by hand; nothing once a team has begun or it is frozen."""
    if len(placed) != 1 or placed[0].state != AllocationState.ASSIGNED or placed[0].frozen or of.open_qty:
        return []
    if not user.can(Capability.ASSIGN_ORDERS):
        return []
    here = placed[0]
    able = [c for c in of.candidates if c.warehouse_id != here.warehouse_id and has_everything(of, c)]
    found = [
        WayOut(
            _("Move it to %(warehouse)s") % {"warehouse": candidate.title},
            formats.distance(candidate.distance_m),
            _("Reassign"),
            f"{reverse('desk:order-assign-to', args=[of.order_id])}?warehouse={candidate.warehouse_id}",
            Capability.ASSIGN_ORDERS,
            candidate.freight_minor,
            None if candidate.freight_minor is None else candidate.freight_minor - here.freight_minor,
        )
        for candidate in sorted(able, key=nearness)[:MOST]
    ]
    by_hand = WayOut(
        _("Choose warehouse and team yourself"),
        _("Past the rule if need be; your name is noted."),
        _("Assign…"),
        reverse("desk:order-assign", args=[of.order_id]),
        Capability.ASSIGN_ORDERS,
        dialog=True,
    )
    return [*found, by_hand]


def has_everything(of: Explanation, candidate: Candidate) -> bool:
    if candidate.reason == Reason.PAUSED:
        return False
    return all(have >= line.qty for have, line in zip(candidate.available, of.lines, strict=True))
