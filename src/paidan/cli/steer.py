"""`paidan hold|release|cancel`: what a clerk decides about whole orders."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from paidan.cli.app import app
from paidan.cli.batches import Tally, finish
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json, OrderNames

Reason = Annotated[str, typer.Option("--reason", help=_("Why."))]


@app.command(help=_("Keep orders out of allocation and freeze what is allocated of them."))
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
    use_database()
    from paidan.allocation.holds import hold_orders
    from paidan.cli.references import orders_named

    rows = orders_named(orders)
    tally = Tally()
    batch = hold_orders(
        [order.id for order in rows],
        reason=reason,
        until_at=instant(until),
        give_back=give_back,
        now=now(),
        by=acting_user(),
    )
    tally.add(batch, {order.id: order.number for order in rows})
    finish(tally, held, as_json=as_json)


@app.command(help=_("End the holds of orders; what is open of them is tried again."))
def release(orders: OrderNames, as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.holds import release_orders
    from paidan.cli.references import orders_named

    rows = orders_named(orders)
    tally = Tally()
    batch = release_orders([order.id for order in rows], now=now(), by=acting_user())
    tally.add(batch, {order.id: order.number for order in rows})
    finish(tally, released, as_json=as_json)


@app.command(help=_("Cancel orders: what is open at once, what teams have begun once they confirm."))
def cancel(orders: OrderNames, reason: Reason = "", as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.cancelling import cancel_orders
    from paidan.cli.references import orders_named

    rows = orders_named(orders)
    tally = Tally()
    batch = cancel_orders([order.id for order in rows], reason=reason, now=now(), by=acting_user())
    tally.add(batch, {order.id: order.number for order in rows})
    finish(tally, cancelled, as_json=as_json)


def instant(text: str) -> datetime | None:
    """A moment; without a zone of its own it is China's time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        sentence = _("%(text)s is not a time; write it as 2026-11-12T09:00.") % {"text": text}
        raise Fault(sentence, code="usage") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def held(count: int) -> str:
    return ngettext("%(count)s order held.", "%(count)s orders held.", count)


def released(count: int) -> str:
    return ngettext("%(count)s order released.", "%(count)s orders released.", count)


def cancelled(count: int) -> str:
    return ngettext("%(count)s order cancelled.", "%(count)s orders cancelled.", count)
