"""A scanned number and what it means at a step: the parcel it names, moved on, or why not and what to do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import Shipment, pack_allocations, pick_allocations, ship_allocations
from paidan.orders.models import Order

from .queues import Row, rows_of

BIGINT_DIGITS = 18
WAYBILL = re.compile(r"^[A-Z0-9][A-Z0-9-]{5,63}$")
SOURCES = {
    "pick": AllocationState.ACCEPTED,
    "pack": AllocationState.PICKED,
    "ship": AllocationState.PACKED,
}
"""From which state each step that is scanned takes an allocation."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one scan came to. `tone`: ok, no, or ask (the waybill number comes next, for the parcel `row`)."""

    tone: str
    title: str
    first: str = ""
    second: str = ""
    row: Row | None = None

    @property
    def good(self) -> bool:
        return self.tone == "ok"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and by whom is scanned: the step, the allocations in reach, the carrier chosen for the parcels."""

    step: str
    allocations: QuerySet[Allocation]
    by: User
    now: datetime
    carrier: str = ""
    ask_waybill: bool = True


def scan(bench: Bench, code: str) -> Verdict:
    """One number: move on the parcel it names, if there is exactly one that may."""
    code = code.strip()
    if not code:
        return Verdict("no", _("Nothing scanned"), _("Scan again."))
    found = named(code)
    own = rows_of(bench.allocations.filter(id__in=[key for key, _team in found]))
    ready = [row for row in own if row.state == SOURCES[bench.step] and not row.frozen]
    if len(ready) > 1:
        ready = [row for row in ready if str(row.id) == code] or ready
    if len(ready) > 1:
        return _several(ready)
    if ready:
        return _move(bench, ready[0])
    if own:
        return _why_not(bench.step, min(own, key=_nearness))
    return _not_ours(code, [team for _key, team in found])


def ship_with(bench: Bench, allocation_id: int, waybill: str) -> Verdict:
    """The second scan of a parcel: its waybill number; empty = it has none."""
    row = next(iter(rows_of(bench.allocations.filter(pk=allocation_id))), None)
    if row is None:
        return Verdict("no", _("Not found"), _("Scan the parcel again."))
    number = waybill.strip().upper()
    if number and (wrong := _wrong_waybill(row, number)):
        return Verdict("no", wrong, _("Scan the waybill of %(order)s.") % {"order": row.tail}, row=row)
    return _shipped(bench, row, number)


def named(code: str) -> list[tuple[int, str]]:
    """The allocations a number can mean (order, allocation or waybill number), with the name of their team."""
    orders = list(Order.objects.filter(number__in={code, code.lstrip("#"), f"#{code}"}).values_list("id", flat=True))
    which = Q(order_id__in=orders) | Q(tracking_number__in={code, code.upper()})
    if code.isdecimal() and code.isascii() and len(code) <= BIGINT_DIGITS:
        which |= Q(id=int(code))
    # The teams are read with the rows: a wrong parcel is sent to whom it belongs.
    found = Allocation.objects.filter(which).order_by("-id").values_list("id", "team__name", "team__code")[:20]
    return [(key, name or code or "") for key, name, code in found]


def _move(bench: Bench, row: Row) -> Verdict:
    if bench.step == "ship":
        if bench.ask_waybill and not row.tracking_number:
            return Verdict("ask", _("Now the waybill number"), _line(row), row=row)
        return _shipped(bench, row, row.tracking_number)
    if bench.step == "pick":
        return _done(pick_allocations([row.id], now=bench.now, by=bench.by), row, _("Picked"))
    return _done(pack_allocations([row.id], now=bench.now, by=bench.by), row, _("Packed"))


def _shipped(bench: Bench, row: Row, number: str) -> Verdict:
    shipment = Shipment(row.id, bench.carrier, number)
    return _done(ship_allocations([shipment], now=bench.now, by=bench.by), row, _("Shipped"), number)


def _done(batch: Batch, row: Row, title: str, number: str = "") -> Verdict:
    """What the service made of it: somebody else may have been quicker, or the stock may be short."""
    if not batch.refused:
        return Verdict("ok", title, _line(row), number, row)
    if batch.refused.get(row.id) == "stock_short":
        title = _("Stock short")
        return Verdict(
            "no", title, _line(row), _("The books have less on hand. Put it aside and have it counted."), row
        )
    return Verdict("no", _("Somebody was quicker"), _line(row), _("Scan it again to see where it stands."), row)


def _line(row: Row) -> str:
    return f"{row.tail}  {row.goods} × {row.pieces}"


def _several(rows: list[Row]) -> Verdict:
    number = len(rows)
    sentence = ngettext("%(number)d parcel of this order", "%(number)d parcels of this order", number)
    ids = "  ".join(str(row.id) for row in rows)
    return Verdict("no", sentence % {"number": number}, _("Scan the allocation number: %(ids)s") % {"ids": ids})


def _nearness(row: Row) -> int:
    """Of several that may not, the one to speak of: what is stopped, then what is under way, then what is done."""
    if row.frozen:
        return 0
    return 1 if row.state in SOURCES.values() or row.state == AllocationState.ASSIGNED else 2


def _why_not(step: str, row: Row) -> Verdict:
    words = {"order": row.tail, "goods": row.goods}
    if row.intercepted:
        return Verdict("no", _("Stop: the order changed"), _line(row), _("Put it in the stop box and decide."), row)
    if row.frozen:
        return Verdict("no", _("Stop: the order is on hold"), _line(row), _("Put it aside until it is released."), row)
    if row.state in (AllocationState.CANCELLED, AllocationState.REASSIGNED):
        return Verdict("no", _("Not for this team any more"), _line(row), _("Put the goods back on the shelf."), row)
    if row.state > SOURCES[step]:
        beyond = {AllocationState.PICKED: _("Picked already"), AllocationState.PACKED: _("Packed already")}
        title = beyond.get(row.state, _("Shipped already"))
        return Verdict("no", title, _line(row), row.tracking_number, row)
    told = {
        AllocationState.ASSIGNED: (_("Not accepted yet"), _("Accept %(order)s first.")),
        AllocationState.ACCEPTED: (_("Not picked yet"), _("Pick %(order)s first.")),
        AllocationState.PICKED: (_("Not packed yet"), _("Pack %(order)s first.")),
    }
    title, remedy = told[row.state]
    return Verdict("no", title, _line(row), remedy % words, row)


def _not_ours(code: str, teams: list[str]) -> Verdict:
    tail = {"code": code if len(code) <= 24 else f"…{code[-20:]}"}
    if not teams:
        return Verdict("no", _("No such number"), tail["code"], _("Scan the order or allocation number."))
    if not teams[0]:
        return Verdict("no", _("Not this team's"), _("%(code)s belongs to no team. Put it in the return box.") % tail)
    sentence = _("%(code)s belongs to %(team)s. Put it in the return box.")
    return Verdict("no", _("Not this team's"), sentence % {**tail, "team": teams[0]})


def _wrong_waybill(row: Row, number: str) -> str:
    """What is wrong with a waybill number, '' for nothing: it is another number, or another parcel has it."""
    if number in (row.number.upper(), str(row.id)):
        return _("That is the parcel's own number")
    if not WAYBILL.match(number):
        return _("That is no waybill number")
    others = [key for key, _team in named(number) if key != row.id]
    if not others:
        return ""
    if Allocation.objects.filter(id__in=others, tracking_number=number).exists():
        return _("Another parcel has this waybill number")
    return _("That is another parcel's number")
