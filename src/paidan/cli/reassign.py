"""`paidan reassign`: to another warehouse or team by hand, also what no rule could place."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli.app import app
from paidan.cli.batches import Tally, finish, title_of
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import ForceOption, Json
from paidan.cli.work import Names

if TYPE_CHECKING:
    from paidan.allocation.models import Allocation
    from paidan.network.models import Team, Warehouse
    from paidan.orders.models import Order

PartialOption = Annotated[
    bool, typer.Option("--partial", help=_("Of an unallocated order, also if only a part of it is there."))
]
MoveReason = Annotated[str, typer.Option("--reason", help=_("Why; reports count moves by it."))]


@app.command(help=_("Move allocations to another warehouse or team; an unallocated order is assigned there by hand."))
def reassign(
    what: Names,
    to: Annotated[str, typer.Option("--to", metavar="WAREHOUSE", help=_("The warehouse to move to."))] = "",
    team: Annotated[
        str, typer.Option("--team", "-t", metavar="TEAM", help=_("The team; the least loaded one there by default."))
    ] = "",
    source: Annotated[str, typer.Option("--from", metavar="WAREHOUSE", help=_("Only what is in this warehouse."))] = "",
    force: ForceOption = False,
    partial: PartialOption = False,
    reason: MoveReason = "",
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.cli.references import team_named

    crew = team_named(team) if team else None
    place = _target(to, crew)
    moving, unplaced = _what(what, source)
    tally = Tally()
    _move(tally, moving, place, crew, {"force": force, "reason": reason})
    _assign(tally, unplaced, place, crew, partial)
    finish(tally, moved, as_json=as_json)


def _target(to: str, crew: "Team | None") -> "Warehouse":
    """The warehouse named, else the team's own."""
    from paidan.cli.references import warehouse_named

    if to:
        return warehouse_named(to)
    if crew is not None and crew.warehouse is not None:
        return crew.warehouse
    raise Fault(_("Name the warehouse with --to, or a team that belongs to one with --team."), code="usage")


def _what(names: list[str], source: str) -> "tuple[list[Allocation], list[Order]]":
    """The allocations meant, and the orders that have none to move but pieces to place."""
    from paidan.cli.references import allocations_named, expanded, order_named
    from paidan.orders.states import OrderState

    moving: list[Allocation] = []
    unplaced: list[Order] = []
    for name in expanded(names):
        order = None if name.startswith("#") else order_named(name)
        if order is not None and order.state in (OrderState.PENDING, OrderState.UNALLOCATED):
            unplaced.append(order)
        else:
            moving += allocations_named([name], warehouse=source)
    return moving, unplaced


def _move(
    tally: Tally, moving: "list[Allocation]", place: "Warehouse", crew: "Team | None", how: dict[str, Any]
) -> None:
    from paidan.allocation.reassign import reassign_allocations

    if not moving:
        return
    ids = [row.id for row in moving]
    batch = reassign_allocations(ids, warehouse=place, team=crew, now=now(), by=acting_user(), **how)
    tally.add(batch, {row.id: title_of(row) for row in moving})


def _assign(tally: Tally, unplaced: "list[Order]", place: "Warehouse", crew: "Team | None", partial: bool) -> None:
    """Assign by hand what has no allocation yet."""
    from paidan.allocation.by_hand import assign_by_hand
    from paidan.kit.errors import Refusal

    for order in unplaced:
        try:
            made = assign_by_hand(order.id, warehouse=place, team=crew, now=now(), by=acting_user(), partial=partial)
        except Refusal as error:
            tally.refuse(error, order.number)
        else:
            tally.done.append(order.number)
            tally.created.append(made)


def moved(count: int) -> str:
    return ngettext("%(count)s moved.", "%(count)s moved.", count)
