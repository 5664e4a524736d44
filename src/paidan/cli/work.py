"""`paidan accept|pick|pack|ship|hand-back`: what a team does with its allocations."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli.app import app
from paidan.cli.batches import Tally, finish, title_of
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json

if TYPE_CHECKING:
    from paidan.allocation.outcomes import Batch

Names = Annotated[
    list[str],
    typer.Argument(
        metavar="WHAT...", help=_("Orders by number or SHOP/NUMBER, or allocations as #17; - reads one per line.")
    ),
]
Warehouse = Annotated[
    str, typer.Option("--warehouse", "-w", metavar="CODE", help=_("Only the allocations in this warehouse."))
]


@app.command(help=_("A team takes allocations on."))
def accept(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.transitions import accept_allocations

    _step(accept_allocations, what, warehouse, as_json, accepted)


@app.command(help=_("The goods are taken off the shelf."))
def pick(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.transitions import pick_allocations

    _step(pick_allocations, what, warehouse, as_json, picked)


@app.command(help=_("The goods are packed."))
def pack(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.transitions import pack_allocations

    _step(pack_allocations, what, warehouse, as_json, packed)


@app.command("hand-back", help=_("A team gives back what it has accepted or picked; it may move again."))
def hand_back(
    what: Names,
    warehouse: Warehouse = "",
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))] = "",
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.transitions import hand_back_allocations

    def back(ids: Sequence[int], **who: Any) -> "Batch":
        return hand_back_allocations(ids, reason=reason, **who)

    _step(back, what, warehouse, as_json, handed_back)


@app.command(help=_("Parcels leave the warehouse."))
def ship(
    what: Names,
    warehouse: Warehouse = "",
    carrier: Annotated[str, typer.Option("--carrier", help=_("The carrier; the planned one by default."))] = "",
    tracking: Annotated[str, typer.Option("--tracking", help=_("The tracking number; for a single parcel."))] = "",
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.transitions import Shipment, ship_allocations

    def leave(ids: Sequence[int], **who: Any) -> "Batch":
        if tracking and len(ids) > 1:
            raise Fault(_("One tracking number cannot be for %(count)s parcels.") % {"count": len(ids)}, code="usage")
        return ship_allocations([Shipment(key, carrier, tracking) for key in ids], **who)

    _step(leave, what, warehouse, as_json, shipped)


def _step(
    action: Callable[..., "Batch"], what: Sequence[str], warehouse: str, as_json: bool, said: Callable[[int], str]
) -> None:
    from paidan.cli.references import allocations_named

    rows = allocations_named(what, warehouse=warehouse)
    tally = Tally()
    tally.add(action([row.id for row in rows], now=now(), by=acting_user()), {row.id: title_of(row) for row in rows})
    finish(tally, said, as_json=as_json)


def accepted(count: int) -> str:
    return ngettext("%(count)s allocation accepted.", "%(count)s allocations accepted.", count)


def picked(count: int) -> str:
    return ngettext("%(count)s allocation picked.", "%(count)s allocations picked.", count)


def packed(count: int) -> str:
    return ngettext("%(count)s allocation packed.", "%(count)s allocations packed.", count)


def shipped(count: int) -> str:
    return ngettext("%(count)s allocation shipped.", "%(count)s allocations shipped.", count)


def handed_back(count: int) -> str:
    return ngettext("%(count)s allocation handed back.", "%(count)s allocations handed back.", count)
