"""What a warehouse's own system says of its allocations: read from rows, applied step by step, faults by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import REFUSALS, Batch
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.network.models import Warehouse
from paidan.orders.exceptions import report_exception
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind

FIELDS = (
    Field("allocation", Kind.WHOLE, "allocation_id 分配单 分配单号 出库单号", required=True, least=1, most=2**63 - 1),
    Field("status", Kind.TEXT, "state 状态 出库状态", required=True, most=20),
    Field("carrier", Kind.TEXT, "carrier_code 快递公司 物流公司 承运商", most=40),
    Field("tracking_number", Kind.CODE, "tracking_no waybill 快递单号 运单号 物流单号", most=64),
    Field("kind", Kind.TEXT, "exception_kind 异常类型", most=20),
    Field("note", Kind.TEXT, "remark 备注 说明", most=500),
)
STEPS = ("accepted", "picked", "packed", "shipped")
WORDS = {
    **{step: step for step in STEPS},
    "exception": "exception",
    "已接单": "accepted",
    "接单": "accepted",
    "已拣货": "picked",
    "拣货": "picked",
    "已打包": "packed",
    "打包": "packed",
    "已发货": "shipped",
    "发货": "shipped",
    "异常": "exception",
}
KINDS = {
    "damaged": ExceptionKind.DAMAGED,
    "破损": ExceptionKind.DAMAGED,
    "not_found": ExceptionKind.NOT_FOUND,
    "找不到": ExceptionKind.NOT_FOUND,
    "缺货": ExceptionKind.NOT_FOUND,
    "address": ExceptionKind.ADDRESS,
    "地址": ExceptionKind.ADDRESS,
}
STATES = {
    "accepted": AllocationState.ACCEPTED,
    "picked": AllocationState.PICKED,
    "packed": AllocationState.PACKED,
}
CLOSED = (AllocationState.CANCELLED, AllocationState.REASSIGNED)
ACTS: dict[str, Callable[..., Batch]] = {
    "accepted": accept_allocations,
    "picked": pick_allocations,
    "packed": pack_allocations,
}
UNKNOWN_STATUS = Flaw(
    "unknown_status",
    _("This is not a status."),
    _("Write one of: accepted, picked, packed, shipped, exception."),
)
NOT_HERE = Flaw(
    "not_here",
    _("This warehouse has no such allocation."),
    _("Send back the number in the column “allocation” of the file you were given."),
)
REFUSED = Flaw("refused", _("%(why)s"), _("Look at the order in Paidan; send the row again when it may go on."))
NO_TRACKING = Flaw(
    "no_tracking_number", _("A shipped parcel needs its tracking number."), _("Fill it in and send the row again.")
)


@dataclass(frozen=True, slots=True)
class _Said:
    """One good row."""

    row: int
    allocation: int
    status: str
    carrier: str
    tracking_number: str
    kind: str
    note: str


def apply_status(sheet: Sheet, warehouse: Warehouse, *, now: datetime, by: User | None = None) -> int:
    """Bring allocations as far as the rows say; answers how many rows were good.

    Steps the rows leave out are taken on the way (who ships has accepted, picked and packed); what is there already is
    left as it is, so the same file again changes nothing. Refusals and other faults stand in the sheet's faults.
    """
    said = _good_rows(sheet, warehouse)
    _take_steps(sheet, said, now=now, by=by)
    for one in said:
        if one.status == "exception":
            _report(one, now=now, by=by)
    return sheet.rows - len(sheet.faults.rows())


def _good_rows(sheet: Sheet, warehouse: Warehouse) -> list[_Said]:
    rows = sheet.read(sheet.texts).to_dicts()
    broken = sheet.faults.rows()
    here = set(
        Allocation.objects.filter(
            warehouse=warehouse, pk__in=[row["allocation"] for row in rows if row["allocation"]]
        ).values_list("pk", flat=True)
    )
    good: list[_Said] = []
    for row in rows:
        at = row[ROW]
        status = WORDS.get((row["status"] or "").strip().lower(), "")
        if at in broken:
            continue
        if not status:
            sheet.faults.add([at], "status", UNKNOWN_STATUS)
        elif row["allocation"] not in here:
            sheet.faults.add([at], "allocation", NOT_HERE)
        elif status == "shipped" and not row.get("tracking_number"):
            sheet.faults.add([at], "tracking_number", NO_TRACKING)
        else:
            good.append(_said(at, status, row))
    return good


def _said(at: int, status: str, row: dict[str, Any]) -> _Said:
    texts = (row.get(name) or "" for name in ("carrier", "tracking_number", "kind", "note"))
    return _Said(at, row["allocation"], status, *texts)


def _take_steps(sheet: Sheet, said: list[_Said], *, now: datetime, by: User | None) -> None:
    """Step by step for all of them; the row that asked for the most answers for an allocation."""
    asked: dict[int, _Said] = {}
    for one in said:
        if one.status in STEPS:
            before = asked.get(one.allocation)
            if before is None or STEPS.index(one.status) >= STEPS.index(before.status):
                asked[one.allocation] = one
    states = dict(Allocation.objects.filter(pk__in=list(asked)).values_list("pk", "state"))
    for key in [key for key in asked if states[key] in CLOSED]:
        _refuse(sheet, asked.pop(key), "closed")
    for at, step in enumerate(STEPS):
        ids = [
            key
            for key, one in asked.items()
            if STEPS.index(one.status) >= at and states[key] < int(STATES.get(step, AllocationState.SHIPPED))
        ]
        if not ids:
            continue
        batch = _act(step, [asked[key] for key in ids], now=now, by=by)
        for key, code in batch.refused.items():
            if code != "already":
                _refuse(sheet, asked.pop(key), code)


def _refuse(sheet: Sheet, one: _Said, code: str) -> None:
    sheet.faults.add([one.row], "status", REFUSED, why=REFUSALS[code] % {"id": one.allocation})


def _act(step: str, rows: list[_Said], *, now: datetime, by: User | None) -> Batch:
    if step == "shipped":
        return ship_allocations(
            [Shipment(one.allocation, one.carrier, one.tracking_number) for one in rows], now=now, by=by
        )
    return ACTS[step]([one.allocation for one in rows], now=now, by=by)


@transaction.atomic
def _report(one: _Said, *, now: datetime, by: User | None) -> None:
    """Open an exception, unless the same one is open."""
    kind = KINDS.get(one.kind.strip().lower(), ExceptionKind.OTHER)
    row = Allocation.objects.select_for_update().get(pk=one.allocation)
    same = OrderException.objects.filter(allocation_id=row.pk, kind=kind, note=one.note, resolved_at=None)
    if not same.exists():
        report_exception(kind, order_id=row.order_id, allocation_id=row.pk, note=one.note, now=now, by=by)
