"""`paidan checks list|run`: what the order check looks for, and looking again at once."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidan.cli.app import checks_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json

if TYPE_CHECKING:
    from paidan.network.models import Shop

OfShop = Annotated[str, typer.Option("--shop", metavar="CODE", help=_("In this shop; else by default."))]
OnlyShop = Annotated[str, typer.Option("--shop", metavar="CODE", help=_("Only the orders of this shop."))]


@checks_app.command("list", help=_("Show which checks are on, and how they are set."))
def list_checks(shop: OfShop = "", as_json: Json = False) -> None:
    use_database()
    from django.db.models import Count

    from paidan.orders.checking.book import read_book
    from paidan.orders.checking.kinds import SPECS
    from paidan.orders.models import Hold

    row = _shop(shop)
    book = read_book()
    active = Hold.objects.filter(released_at=None)
    active = active.filter(order__shop=row) if row else active
    counted = dict(active.values("reason").annotate(n=Count("id")).values_list("reason", "n"))
    rows = [
        {"check": check.value, "on": settings.pop("on"), "holds": counted.get(check.reason, 0), "settings": settings}
        for check in SPECS
        for settings in [book.settings(check, row.pk if row else None)]
    ]
    if as_json:
        write_json(rows)
        return
    columns = [
        Column("check", _("Check")),
        Column("on", _("On")),
        Column("holds", _("On hold"), "right"),
        Column("how", _("How"), fold=True),
    ]
    out().print(table_of([{**one, "how": _how(one["settings"])} for one in rows], columns))


@checks_app.command(help=_("Check everything that waits or is held again, as the worker does after a change."))
def run(shop: OnlyShop = "", as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.rechecking import recheck_all
    from paidan.orders.checking.book import reckon_usual_amounts

    row = _shop(shop)
    reckon_usual_amounts(now=now())
    done = recheck_all(now=now(), by=acting_user(), shop_id=row.pk if row else None)
    if as_json:
        write_json({"checked": done.orders, "held": done.held, "released": done.released})
        return
    values = {"checked": f"{done.orders:,}", "held": f"{done.held:,}", "released": f"{done.released:,}"}
    say(_("Orders checked: %(checked)s; put on hold: %(held)s; holds ended: %(released)s.") % values, "green")


def _shop(code: str) -> "Shop | None":
    from paidan.cli.references import shop_named

    return shop_named(code) if code else None


def _how(settings: dict[str, object]) -> str:
    """The values that are set, by name."""
    shown = {name: ", ".join(value) if isinstance(value, (list, tuple)) else value for name, value in settings.items()}
    return " ".join(f"{name}={value}" for name, value in shown.items() if value not in (None, False, ""))
