"""Telling a warehouse's own system what to ship, what not to ship any more, and what to stop."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from paidan.allocation.models import Allocation, HandedOut, WarehouseFile
from paidan.allocation.states import AllocationState
from paidan.network.models import Warehouse, WarehouseFiles
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind
from paidan.web.exports import csv_chunks, xlsx_file

from .folders import OUT, make_folders, write_whole

MOST = 5_000
"""Allocations in one file; the next one has the rest."""
HEADS = (
    *("action", "allocation", "order", "shop", "platform", "team", "work_day", "ship_by", "carrier"),
    *("line", "sku", "sku_name", "qty"),
    *("name", "phone", "country", "province", "city", "district", "address"),
    *("buyer_remark", "seller_remark", "tags"),
)
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('paidan.wms'), %s)"
Line = list[object]


def hand_out(files: WarehouseFiles, now: datetime) -> list[WarehouseFile]:
    """Write files until there is nothing new to say; answers them. What a crash left unwritten is written first."""
    made = []
    while True:
        written = [write(row, now) for row in _unwritten(files.warehouse)]
        made += written
        if not _make(files, now):
            return made
        if any(row.problem for row in written):
            return made  # the folder cannot be written: what was made waits


def write(row: WarehouseFile, now: datetime) -> WarehouseFile:
    """Put a file into the folder. Done twice it is the same file under the same name."""
    try:
        folder = make_folders(row.warehouse)
        write_whole(folder / OUT / row.name, bytes(row.body or b""))
    except OSError as error:
        row.problem = f"{error.strerror or error}: {OUT}/{row.name}"[:300]
        row.save(update_fields=["problem"])
        return row
    row.body, row.done_at, row.problem = None, now, ""
    row.save(update_fields=["body", "done_at", "problem"])
    return row


def _unwritten(warehouse: Warehouse) -> QuerySet[WarehouseFile]:
    rows = WarehouseFile.objects.filter(warehouse=warehouse, direction=WarehouseFile.Direction.OUT)
    return rows.filter(body__isnull=False).select_related("warehouse").order_by("id")


@transaction.atomic
def _make(files: WarehouseFiles, now: datetime) -> bool:
    """Decide what to say and keep it as a file to be written, with a note of what was said; one worker at a time."""
    warehouse = files.warehouse
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [warehouse.pk])
        if not cursor.fetchone()[0]:
            return False
    told = HandedOut.objects.filter(warehouse=warehouse, closed_at=None)
    told.filter(allocation__state=AllocationState.SHIPPED).update(closed_at=now)
    over = (AllocationState.CANCELLED, AllocationState.REASSIGNED)
    withdrawn = list(told.filter(allocation__state__in=over).order_by("pk").values_list("pk", flat=True)[:MOST])
    stopped = list(_to_stop(told).values_list("pk", flat=True)[:MOST])
    new = list(_new(warehouse).values_list("pk", flat=True)[:MOST])
    if not (new or withdrawn or stopped):
        return False
    groups = (("withdraw", withdrawn), ("stop", stopped), ("new", new))
    lines = [line for action, ids in groups for line in lines_of(action, ids)]
    row = WarehouseFile(warehouse=warehouse, direction=WarehouseFile.Direction.OUT, at=now, rows_n=len(lines))
    row.body = b"" if not lines else _bytes(files.format, lines)
    row.save()
    row.name = f"allocations-{now:%Y%m%dT%H%M%SZ}-{row.pk}.{files.format}"
    row.save(update_fields=["name"])
    HandedOut.objects.bulk_create([HandedOut(allocation_id=key, warehouse=warehouse, at=now) for key in new])
    HandedOut.objects.filter(pk__in=withdrawn).update(closed_at=now)
    HandedOut.objects.filter(pk__in=stopped).update(stopped_at=now)
    return True


def _new(warehouse: Warehouse) -> QuerySet[Allocation]:
    rows = Allocation.objects.filter(warehouse=warehouse, state=AllocationState.ASSIGNED, frozen=False)
    return rows.filter(handed_out=None).order_by("id")


def _to_stop(told: QuerySet[HandedOut]) -> QuerySet[HandedOut]:
    open_ = OrderException.objects.filter(kind=ExceptionKind.INTERCEPT, resolved_at=None)
    return told.filter(Exists(open_.filter(allocation_id=OuterRef("pk"))), stopped_at=None).order_by("pk")


def lines_of(action: str, ids: Iterable[int]) -> Iterator[Line]:
    """A line per piece of what is new; a line per allocation of what is not to be shipped."""
    related = ("order__shop", "order__recipient", "team")
    rows = Allocation.objects.filter(pk__in=list(ids)).select_related(*related).order_by("id")
    if action == "new":
        rows = rows.prefetch_related("parts__line", "parts__sku")
    for row in rows:
        head: Line = [action, row.pk, row.order.number, row.order.shop.code, row.order.shop.platform]
        if action != "new":
            yield [*head, *[None] * (len(HEADS) - len(head))]
            continue
        place: Line = [row.team.code if row.team else None, row.work_day, row.order.ship_by_at, row.carrier]
        for part in sorted(row.parts.all(), key=lambda part: part.line.position):
            goods: Line = [part.line.number, part.sku.code, part.sku.name, part.qty]
            yield [*head, *place, *goods, *_recipient(row.order)]


def _recipient(order: Any) -> Line:
    to = getattr(order, "recipient", None)
    names = ("name", "phone", "country", "province", "city", "district", "address")
    return [
        *(getattr(to, name, "") for name in names),
        order.buyer_remark,
        order.seller_remark,
        ";".join(order.tags),
    ]


def _bytes(kind: str, lines: Iterable[Line]) -> bytes:
    if kind == WarehouseFiles.Format.XLSX:
        return bytes(xlsx_file(HEADS, lines).read())
    return b"".join(csv_chunks(HEADS, lines))
