"""Reading the status files that warehouses' own systems leave in the folder: applied, then moved to what is done."""

import io
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from paidan.accounts.models import User
from paidan.allocation.models import WarehouseFile
from paidan.kit.errors import Refusal
from paidan.kit.tables.rejects import rejects_text
from paidan.kit.tables.sheet import open_sheet
from paidan.network.models import Warehouse, WarehouseFiles

from .folders import DONE, IN, REJECTED, arrived, free_name, make_folders, write_whole
from .status import FIELDS, apply_status

SETTLED_S = 5.0
"""A file is left alone until nobody has written to it for so long."""
_LOCK = "SELECT pg_try_advisory_lock(hashtext('paidan.wms.in'), %s)"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('paidan.wms.in'), %s)"


def read_status_files(files: WarehouseFiles, now: datetime, *, by: User | None = None) -> list[WarehouseFile]:
    """Read whatever has come; answers a row per file. One worker at a time; a file read twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [files.warehouse.pk])
        if not cursor.fetchone()[0]:
            return []
        try:
            base = make_folders(files.warehouse)
            waiting = arrived(base / IN, before=now.timestamp() - SETTLED_S)
            return [read_one(path, base, files.warehouse, now, by) for path in waiting]
        finally:
            cursor.execute(_UNLOCK, [files.warehouse.pk])


def read_one(path: Path, base: Path, warehouse: Warehouse, now: datetime, by: User | None) -> WarehouseFile:
    """1. Apply the good rows, and commit. 2. Write the others with their reasons among the rejected. 3. Move the file.

    In this order a crash leaves a file to be read again, which changes nothing; never one that was lost. What is no
    table at all goes whole to the rejected, with its reason beside it.
    """
    row = WarehouseFile(
        warehouse=warehouse, direction=WarehouseFile.Direction.IN, name=path.name[-200:], at=now, done_at=now
    )
    try:
        with transaction.atomic():
            sheet = open_sheet(io.BytesIO(path.read_bytes()), FIELDS, {}, ZoneInfo(warehouse.timezone))
            apply_status(sheet, warehouse, now=now, by=by)
    except Refusal as refusal:
        row.problem = str(refusal)[:300]
        write_whole(free_name(base / REJECTED / f"{path.name}.reason.txt"), str(refusal).encode())
        path.replace(free_name(base / REJECTED / path.name))
    else:
        row.rows_n, row.rejected_n = sheet.rows, len(sheet.faults.rows())
        if row.rejected_n:
            rejects = free_name(base / REJECTED / f"{path.stem}.rejected.csv")
            write_whole(rejects, rejects_text(sheet).encode("utf-8-sig"))
        path.replace(free_name(base / DONE / path.name))
    row.save()
    return row
