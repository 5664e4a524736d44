"""Setting or changing one quantity by hand: the form, what it would do, and doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django import forms
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.allocation.counts import CountReport, adjust_stock, count_stock, set_safety
from paidan.kit.errors import Refusal
from paidan.stock.intake import MOST_PIECES
from paidan.stock.models import Stock
from paidan.stock.services import LEAVE
from paidan.web.forms import PaidanForm

SET, CHANGE = "set", "change"
MODES = ((SET, _("Set what is on hand to")), (CHANGE, _("Add to what is on hand (− takes away)")))


class ReasonForm(PaidanForm):
    """How much, and why."""

    mode = forms.ChoiceField(label=_("What to do"), choices=MODES, initial=SET)
    number = forms.IntegerField(label=_("Pieces"), required=False, min_value=-MOST_PIECES, max_value=MOST_PIECES)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Stands in the movement history: counted, damaged, goods came in"),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        number = values.get("number")
        if values.get("mode") == SET and number is not None and number < 0:
            self.add_error("number", _("A quantity cannot be negative."))
        return values


class AdjustForm(ReasonForm):
    """The same for one SKU in one warehouse, its safety stock included."""

    safety = forms.IntegerField(label=_("Safety stock"), required=False, min_value=0, max_value=MOST_PIECES)
    field_order = ("mode", "number", "safety", "reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and values.get("number") is None and values.get("safety") is None:
            self.add_error("number", _("Enter pieces or safety stock."))
        return values


class BatchForm(ReasonForm):
    """The same for many rows at once."""

    number = forms.IntegerField(label=_("Pieces"), min_value=-MOST_PIECES, max_value=MOST_PIECES)


@dataclass(frozen=True, slots=True)
class Quantities:
    """What is on hand, promised and kept back of one SKU in one warehouse."""

    on_hand: int = 0
    reserved: int = 0
    safety: int = 0

    @property
    def free(self) -> int:
        return max(0, self.on_hand - self.reserved - self.safety)

    @property
    def short(self) -> int:
        return max(0, self.reserved - self.on_hand)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an adjustment does: quantities before and after, and what follows for orders."""

    before: Quantities
    after: Quantities
    report: CountReport


def quantities_of(sku_id: int, warehouse_id: int) -> Quantities:
    rows = Stock.objects.filter(sku_id=sku_id, warehouse_id=warehouse_id)
    found = rows.values_list("on_hand_qty", "reserved_qty", "safety_qty").first()
    return Quantities(*found) if found else Quantities()


def adjust(
    sku_id: int, warehouse_id: int, values: Mapping[str, Any], *, now: datetime, by: User | None, reason: str = ""
) -> Effect:
    """Do what the form says, by the services that write stock."""
    before = quantities_of(sku_id, warehouse_id)
    number, safety = values.get("number"), values.get("safety")
    said = reason or values.get("reason", "")
    report = CountReport()
    if values["mode"] == CHANGE and number:
        report = adjust_stock(sku_id=sku_id, warehouse_id=warehouse_id, delta=number, now=now, by=by, reason=said)
        if safety is not None:
            report = added(report, set_safety([sku_id], [warehouse_id], [safety], now=now, by=by))
    else:
        on_hand = LEAVE if number is None or values["mode"] == CHANGE else number
        kept = [LEAVE if safety is None else safety]
        report = count_stock([sku_id], [warehouse_id], [on_hand], kept, now=now, by=by, reason=said)
    return Effect(before, quantities_of(sku_id, warehouse_id), report)


def preview(sku_id: int, warehouse_id: int, values: Mapping[str, Any], *, now: datetime, by: User | None) -> Effect:
    """Do it and take it back: what is said beforehand is exactly what would follow.

    In one transaction the locks are taken stock first, a wave takes orders first: the preview gives up well before
    the server looks for a circle and perhaps breaks the wave instead.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
            effect = adjust(sku_id, warehouse_id, values, now=now, by=by)
            transaction.set_rollback(True)
    except (DatabaseError, psycopg.OperationalError) as error:
        raise Refusal("busy", _("Orders for this SKU are being allocated at this moment. Try again.")) from error
    return effect


def added(one: CountReport, other: CountReport) -> CountReport:
    """What two steps did together."""
    return CountReport(
        one.created + other.created,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        max(one.short, other.short),
        one.sent_back + other.sent_back,
        one.queued + other.queued,
    )
