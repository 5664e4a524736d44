"""Adjusting many stock rows at once, with a preview and a way back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.allocation.counts import adjust_stock, count_stock
from paidan.kit.errors import Refusal
from paidan.stock.models import StockRow
from paidan.web import formats
from paidan.web.lists import Applied, BatchAction, Change, Failure, Preview, Refusals
from paidan.web.lists.batch import Choices

from .adjusting import CHANGE, BatchForm
from .reach import visible_stock


class AdjustMany(BatchAction):
    """Set or change what is on hand in every row chosen."""

    key, label, capability, icon, shortcut = "adjust", gettext_lazy("Adjust…"), Capability.ADJUST_STOCK, "pencil", "A"
    primary = True
    form_class = BatchForm
    chunk = 200

    def title(self, number: int) -> str:
        return ngettext("Adjust %(number)s stock row", "Adjust %(number)s stock rows", number) % {
            "number": formats.count(number)
        }

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Adjusted %(number)s stock row", "Adjusted %(number)s stock rows", number) % {
            "number": formats.count(number)
        }

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:  # noqa: ARG002
        rows = visible_stock(user).filter(key__in=ids)
        number = choices["number"]
        after = F("on_hand_qty") + number if choices["mode"] == CHANGE else None
        negative = rows.annotate(after=after).filter(after__lt=0).count() if after is not None else 0
        possible = rows.count() - negative
        return Preview(
            can=possible,
            cannot=[Refusals(_("Less than nothing would be left"), negative, _("Choose fewer pieces"))]
            if negative
            else [],
            changes=[self.change_of(rows, choices, possible)],
            note=self.note_of(rows, choices),
        )

    def change_of(self, rows: QuerySet[StockRow], choices: Choices, possible: int) -> Change:
        number = choices["number"]
        if choices["mode"] == CHANGE:
            rows = rows.filter(on_hand_qty__gte=-number)
        before = rows.aggregate(total=Sum("on_hand_qty"))["total"] or 0
        after = before + number * possible if choices["mode"] == CHANGE else number * possible
        written = formats.count(before), formats.count(after), formats.change(after - before)
        return Change(_("Pieces on hand"), *written)

    def note_of(self, rows: QuerySet[StockRow], choices: Choices) -> str:
        """What a quantity below what is reserved does (design §3a)."""
        number = choices["number"]
        if choices["mode"] == CHANGE:
            short = rows.filter(on_hand_qty__gte=-number, reserved_qty__gt=F("on_hand_qty") + number).count()
        else:
            short = rows.filter(reserved_qty__gt=number).count()
        if not short:
            return ""
        return ngettext(
            "%(number)s row would hold less than is reserved: what no team has accepted goes back to be allocated "
            "again, and what is still missing is opened as a shortage.",
            "%(number)s rows would hold less than is reserved: what no team has accepted goes back to be allocated "
            "again, and what is still missing is opened as a shortage.",
            short,
        ) % {"number": formats.count(short)}

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:
        rows = list(visible_stock(user).filter(key__in=ids).select_related("sku", "warehouse").order_by("key"))
        failures: list[Failure] = []
        undo: list[list[int]] = []
        if choices["mode"] == CHANGE:
            undo, failures = changed(rows, choices["number"], now, user, choices["reason"])
        else:
            number = choices["number"]
            places = [row.warehouse_id for row in rows], np.full(len(rows), number)
            count_stock([row.sku_id for row in rows], *places, now=now, by=user, reason=choices["reason"])
            undo = [[row.sku_id, row.warehouse_id, row.on_hand_qty - number] for row in rows]
        done = len(rows) - len(failures)
        values = {"mode": choices["mode"], "pieces": choices["number"], "reason": choices["reason"]}
        record_change("stock.adjusted", by=user, now=now, rows=done, **values)
        return Applied(done, failures, [one for one in undo if one[2]])

    def undo(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        failures = []
        reason = _("Adjustment taken back")
        for sku_id, warehouse_id, delta in items:
            try:
                adjust_stock(sku_id=sku_id, warehouse_id=warehouse_id, delta=delta, now=now, by=user, reason=reason)
            except Refusal as refusal:
                failures.append(Failure(0, "", str(refusal)))
        done = len(items) - len(failures)
        record_change("stock.adjustment_undone", by=user, now=now, rows=done)
        return Applied(done, failures)


def changed(
    rows: Sequence[StockRow], delta: int, now: datetime, by: Any, reason: str
) -> tuple[list[list[int]], list[Failure]]:
    """Change every row by as much; a row that cannot is told and left."""
    undo, failures = [], []
    for row in rows:
        try:
            adjust_stock(sku_id=row.sku_id, warehouse_id=row.warehouse_id, delta=delta, now=now, by=by, reason=reason)
        except Refusal as refusal:
            failures.append(Failure(row.key, f"{row.sku} · {row.warehouse}", str(refusal)))
        else:
            undo.append([row.sku_id, row.warehouse_id, -delta])
    return undo, failures
