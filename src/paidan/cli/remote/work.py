"""`paidan --server … hold|release|cancel|reassign|accept|pick|pack|ship|hand-back`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli.batches import Tally, finish
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import ForceOption, Json, OrderNames
from paidan.cli.reassign import MoveReason, PartialOption, moved
from paidan.cli.remote.door import order_named, server
from paidan.cli.remote.targets import OPEN, act_on, allocations_of, done_to, expanded, orders_of
from paidan.cli.remote.tree import remote_app
from paidan.cli.steer import Reason, cancelled, held, instant, released
from paidan.cli.work import Names, Warehouse, accepted, handed_back, packed, picked, shipped

if TYPE_CHECKING:
    from paidan.client import Paidan


@remote_app.command(help=_("Keep orders out of allocation and freeze what is allocated of them."))
def hold(
    orders: OrderNames,
    reason: Annotated[str, typer.Option("--reason", help=_("Why; shown to whoever meets the order."))],
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help=_("Until when, as 2026-11-12T09:00; else until released."))
    ] = "",
    give_back: Annotated[
        bool, typer.Option("--give-back", help=_("Take back what no team has accepted, so its stock is free."))
    ] = False,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        do = functools.partial(paidan.orders.hold, reason=reason, until=instant(until), give_back=give_back)
        act_on(orders_of(paidan, orders), do, held, as_json=as_json)


@remote_app.command(help=_("End the holds of orders; what is open of them is tried again."))
def release(orders: OrderNames, as_json: Json = False) -> None:
    with server() as paidan:
        act_on(orders_of(paidan, orders), paidan.orders.release, released, as_json=as_json)


@remote_app.command(help=_("Cancel orders: what is open at once, what teams have begun once they confirm."))
def cancel(orders: OrderNames, reason: Reason = "", as_json: Json = False) -> None:
    with server() as paidan:
        do = functools.partial(paidan.orders.cancel, reason=reason)
        act_on(orders_of(paidan, orders), do, cancelled, as_json=as_json)


@remote_app.command(
    help=_("Move allocations to another warehouse or team; an unallocated order is assigned there by hand.")
)
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
    with server() as paidan:
        place = to or _home(paidan, team)
        moving, unplaced = [], {}
        for name in expanded(what):
            order = None if name.startswith("#") else order_named(paidan, name)
            if order is not None and order["state"] in OPEN:
                unplaced[order["id"]] = order["number"]
            else:
                moving.append(name)
        tally = Tally()
        where: dict[str, Any] = {"warehouse": place, "team": team, "reason": reason}
        if moving:
            live = allocations_of(paidan, moving, warehouse=source)
            done_to(tally, live, lambda ids: paidan.allocations.reassign(ids, force=force, **where))
        for key, number in unplaced.items():
            done_to(tally, {key: number}, lambda ids: paidan.orders.assign(ids, partial=partial, **where))
        finish(tally, moved, as_json=as_json)


def _home(paidan: Paidan, team: str) -> str:
    """The warehouse of a team, where none is named."""
    home = paidan.teams.get(team)["warehouse"] if team else None
    if home is None:
        raise Fault(_("Name the warehouse with --to, or a team that belongs to one with --team."), code="usage")
    return str(home)


@remote_app.command(help=_("A team takes allocations on."))
def accept(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    with server() as paidan:
        act_on(allocations_of(paidan, what, warehouse=warehouse), paidan.allocations.accept, accepted, as_json=as_json)


@remote_app.command(help=_("The goods are taken off the shelf."))
def pick(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    with server() as paidan:
        act_on(allocations_of(paidan, what, warehouse=warehouse), paidan.allocations.pick, picked, as_json=as_json)


@remote_app.command(help=_("The goods are packed."))
def pack(what: Names, warehouse: Warehouse = "", as_json: Json = False) -> None:
    with server() as paidan:
        act_on(allocations_of(paidan, what, warehouse=warehouse), paidan.allocations.pack, packed, as_json=as_json)


@remote_app.command("hand-back", help=_("A team gives back what it has accepted or picked; it may move again."))
def hand_back(what: Names, warehouse: Warehouse = "", reason: Reason = "", as_json: Json = False) -> None:
    with server() as paidan:
        do = functools.partial(paidan.allocations.hand_back, reason=reason)
        act_on(allocations_of(paidan, what, warehouse=warehouse), do, handed_back, as_json=as_json)


@remote_app.command(help=_("A parcel leaves the warehouse, with its tracking number."))
def ship(
    what: Names,
    tracking: Annotated[str, typer.Option("--tracking", help=_("The tracking number; for a single parcel."))],
    warehouse: Warehouse = "",
    carrier: Annotated[str, typer.Option("--carrier", help=_("The carrier; the planned one by default."))] = "",
    as_json: Json = False,
) -> None:
    with server() as paidan:
        titles = allocations_of(paidan, what, warehouse=warehouse)
        if len(titles) > 1:
            sentence = _("One tracking number cannot be for %(count)s parcels.") % {"count": len(titles)}
            raise Fault(sentence, code="usage")
        parcel = {"carrier": carrier, "tracking_number": tracking}
        act_on(
            titles,
            lambda ids: paidan.allocations.ship([{"allocation": key, **parcel} for key in ids]),
            shipped,
            as_json=as_json,
        )
