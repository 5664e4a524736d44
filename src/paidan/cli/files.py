"""`paidan files export|read`: what the worker does every minute, at once."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidan.cli.app import files_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json

if TYPE_CHECKING:
    from paidan.allocation.models import WarehouseFile
    from paidan.network.models import WarehouseFiles

Only = Annotated[str, typer.Option("--warehouse", "-w", metavar="CODE", help=_("Only this warehouse."))]


@files_app.command("export", help=_("Write what is new for warehouses that are told by files, into their folders."))
def export(warehouse: Only = "", as_json: Json = False) -> None:
    use_database()
    from paidan.desk.wms.handing_out import hand_out

    _finish([row for files in _wanted(warehouse) for row in hand_out(files, now())], as_json=as_json)


@files_app.command("read", help=_("Read the status files warehouses have left in their folders."))
def read(warehouse: Only = "", as_json: Json = False) -> None:
    use_database()
    from paidan.desk.wms.reading import read_status_files

    by = acting_user()
    _finish([row for files in _wanted(warehouse) for row in read_status_files(files, now(), by=by)], as_json=as_json)


def _wanted(code: str) -> "list[WarehouseFiles]":
    from paidan.network.models import WarehouseFiles

    found = WarehouseFiles.objects.select_related("warehouse").order_by("warehouse__position", "pk")
    rows = list(found.filter(warehouse__code=code) if code else found)
    if code and not rows:
        said = _("No files are exchanged with “%(code)s”. Set it up on the warehouse's page in the settings.")
        raise Fault(said % {"code": code}, code="no_files")
    return rows


def _finish(rows: "list[WarehouseFile]", *, as_json: bool) -> None:
    shown = [
        {
            "warehouse": row.warehouse.code,
            "file": row.name,
            "rows": row.rows_n,
            "rejected": row.rejected_n,
            "problem": row.problem,
        }
        for row in rows
    ]
    if as_json:
        write_json(shown)
    elif shown:
        columns = [
            Column("warehouse", _("Warehouse")),
            Column("file", _("File")),
            Column("rows", _("Rows"), "right"),
            Column("rejected", _("Rejected"), "right"),
            Column("problem", _("Problem"), fold=True),
        ]
        out().print(table_of(shown, columns))
    else:
        say(_("There is nothing new."))
    if any(row.problem or row.rejected_n for row in rows):
        raise typer.Exit(FOUND)
