"""What became of each row of a batch: done, or refused with a code. One refusal never fails the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

Mask = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]

REFUSALS = {
    "not_found": _("%(id)s does not exist."),
    "frozen": _("%(id)s is frozen: its order is on hold or waits for an intercept to be confirmed."),
    "already": _("%(id)s is there already."),
    "wrong_state": _("%(id)s cannot do that from the state it is in."),
    "accepted": _("A team has accepted %(id)s; the team must hand it back, or an operations lead must force it."),
    "packed": _("%(id)s is packed; it can only be shipped or intercepted."),
    "shipped": _("%(id)s is shipped already."),
    "closed": _("%(id)s is closed."),
    "stock_short": _("There is not enough stock for %(id)s there."),
    "warehouse_full": _("The capacity there is used up; %(id)s stays."),
    "team_full": _("The team's capacity is used up; %(id)s stays."),
    "paused": _("The warehouse %(id)s was to go to is paused by now."),
    "only_together": _("%(id)s could only move together with another that stays."),
    "same_place": _("%(id)s is at that warehouse and team already."),
    "held": _("%(id)s is on hold for that reason already."),
    "not_held": _("%(id)s is not on hold."),
    "no_intercept": _("No intercept is open for %(id)s."),
    "finished": _("%(id)s is finished: fulfilled, cancelled or merged."),
    "nothing_open": _("Nothing of %(id)s is open."),
    "on_hold": _("%(id)s is on hold; release it first."),
    "unknown_sku": _("A line of %(id)s has no SKU yet; map its code first."),
    "nothing_live": _("Nothing of %(id)s waits to be shipped."),
    "same_carrier": _("%(id)s goes with that carrier already."),
    "tagged": _("%(id)s has that tag already."),
    "not_tagged": _("%(id)s does not have that tag."),
    "alone": _("No other order chosen is for the same shop, person and address as %(id)s."),
    "not_merged": _("%(id)s is not a merged order."),
}
"""The sentence of every refusal code; `id` is the allocation's or order's number as the reader knows it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one action did to many. `created` are the ids that replaced those of `done`, where the action makes any."""

    done: tuple[int, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)
    created: tuple[int, ...] = ()

    def raise_refusal(self) -> None:
        """For an action on a single row: turn its refusal into the error that says so."""
        for key, code in self.refused.items():
            raise refusal(code, key)


def refusal(code: str, key: object) -> Refusal:
    """The error for one refused row."""
    return Refusal(code, REFUSALS[code], id=key)


class Verdicts:
    """Collects refusals over an ascending column of ids; the first reason given for one stays."""

    def __init__(self, asked: I64, found: I64) -> None:
        self.refused: dict[int, str] = dict.fromkeys(np.setdiff1d(asked, found).tolist(), "not_found")
        self.found = found
        self.ok = np.ones(len(found), np.bool_)

    def refuse(self, mask: Mask, code: str) -> None:
        """Refuse those of the mask that are still in the running."""
        fresh = mask & self.ok
        self.refused.update(dict.fromkeys(self.found[fresh].tolist(), code))
        self.ok &= ~fresh

    def batch(self, created: Sequence[int] = ()) -> Batch:
        return Batch(tuple(self.found[self.ok].tolist()), self.refused, tuple(created))
