"""`paidan rebalance`: decide again what no team has accepted, and say first what that saves."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json
from paidan.cli.progress import progress_bar

if TYPE_CHECKING:
    from paidan.allocation.rebalance import Rebalance

MOST = Annotated[int | None, typer.Option("--most", min=1, metavar="N", help=_("No more moves than this."))]
SAVING = Annotated[
    float | None,
    typer.Option(
        "--saving",
        min=0,
        metavar="¥",
        help=_("Only moves that save so much each; what leaves a paused warehouse is not held to it."),
    ),
]
SECONDS = Annotated[
    float, typer.Option("--seconds", min=0.1, max=3600, metavar="S", help=_("How long to look for a good plan."))
]
APPLY = Annotated[bool, typer.Option("--apply", help=_("Make the moves; else they are only shown."))]
WAREHOUSE = Annotated[
    str, typer.Option("--warehouse", "-w", metavar="WAREHOUSE", help=_("Only what is in this warehouse now."))
]
SHOP = Annotated[str, typer.Option("--shop", metavar="SHOP", help=_("Only orders of this shop."))]
SHOWN = 20


@app.command(help=_("Decide again what no team has accepted: show what would move and what it saves, or move it."))
def rebalance(
    warehouse: WAREHOUSE = "",
    shop: SHOP = "",
    most: MOST = None,
    saving: SAVING = None,
    seconds: SECONDS = 8.0,
    apply: APPLY = False,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.rebalance import plan_rebalance
    from paidan.allocation.rebalance.applying import apply_rebalance
    from paidan.allocation.rebalance.documents import as_document

    plan = plan_rebalance(_asked(warehouse, shop, most, saving, seconds), now=now())
    document = as_document(plan)
    if apply:
        with progress_bar(_("Moving")) as progress:
            applied = apply_rebalance(plan, now=now(), by=acting_user(), progress=progress)
        document["applied"] = {
            "done": applied.done,
            "saving_minor": applied.saving_minor,
            "refused": dict(applied.refused),
        }
    show(document, as_json=as_json)


def _asked(warehouse: str, shop: str, most: int | None, saving: float | None, seconds: float) -> "Rebalance":
    from paidan.allocation.rebalance import Rebalance
    from paidan.cli.references import warehouse_named
    from paidan.network.models import Shop

    if shop and not Shop.objects.filter(code=shop).exists():
        raise Fault(_("There is no shop %(code)s.") % {"code": shop}, code="unknown_shop")
    return Rebalance(
        most=most,
        saving_minor=minor(saving),
        warehouse_ids=(warehouse_named(warehouse).id,) if warehouse else None,
        shop_ids=(Shop.objects.get(code=shop).id,) if shop else None,
        seconds=seconds,
    )


def minor(amount: float | None) -> int | None:
    """An amount of money in its minor units."""
    return None if amount is None else round(amount * 100)


def show(document: dict[str, Any], *, as_json: bool) -> None:
    """What would move, or did; ends with 1 where something did not move as planned."""
    if as_json:
        write_json(document)
    else:
        _show_places(document["warehouses"])
        _show_moves(document)
        _show_stuck(document)
        _say_sums(document)
    if document.get("applied", {}).get("refused"):
        raise typer.Exit(FOUND)


def _show_places(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    shown = [
        {
            "warehouse": row["warehouse"],
            "load": f"{row['load']:,} → {row['load_after']:,}",
            "freight": _change(row, "freight_minor", texts.money),
            "distance": _change(row, "distance_m", texts.kilometres),
            "late": _change(row, "late", lambda number: f"{number:,}"),
        }
        for row in rows
    ]
    columns = [
        Column("warehouse", _("Warehouse")),
        Column("load", _("Load"), "right"),
        Column("freight", _("Freight"), "right"),
        Column("distance", _("Mean distance"), "right"),
        Column("late", _("Late"), "right"),
    ]
    out().print(table_of(shown, columns))


def _change(row: dict[str, Any], name: str, written: Any) -> str:
    return f"{written(row['before'][name])} → {written(row['after'][name])}"


def _show_moves(document: dict[str, Any]) -> None:
    rows = [
        {
            "order": f"{row['shop']}/{row['number']}",
            "from": row["from"],
            "to": row["to"],
            "saving": texts.money(row["saving_minor"]),
            "why": why_word(row["why"]),
        }
        for row in document["moves"][:SHOWN]
    ]
    if not rows:
        return
    columns = [
        Column("order", _("Order")),
        Column("from", _("From")),
        Column("to", _("To")),
        Column("saving", _("Saves"), "right"),
        Column("why", _("Why"), fold=True),
    ]
    out().print(table_of(rows, columns))
    if document["moving"] > len(rows):
        say(_("… and %(number)s more.") % {"number": f"{document['moving'] - len(rows):,}"})


def why_word(code: str) -> str:
    """Why an allocation moves, in a few words."""
    return {
        "paused": _("its warehouse is paused"),
        "saving": _("costs less there"),
        "rule": _("its rule prefers it there"),
        "ratio": _("closer to the ratios"),
        "room": _("makes room for another"),
    }.get(code, code)


def _show_stuck(document: dict[str, Any]) -> None:
    for row in document["stuck"][:SHOWN]:
        sentence = _("%(order)s stays in its paused warehouse: %(reason)s.")
        values = {"order": f"{row['shop']}/{row['number']}", "reason": texts.reason_word(row["reason"])}
        out().print(Text(sentence % values, "yellow"), soft_wrap=True)


def _say_sums(document: dict[str, Any]) -> None:
    applied = document.get("applied")
    if applied is None:
        if document["moving"]:
            say(_would_move(document["moving"], document["saving_minor"]))
        else:
            sentence = _("Nothing would move: %(number)s could be decided again, and all are well where they are.")
            say(sentence % {"number": f"{document['considered']:,}"})
        return
    say(_moved(applied["done"], applied["saving_minor"]), "green")
    stayed = sum(applied["refused"].values())
    if stayed:
        sentence = ngettext(
            "%(number)s did not move after all: something changed meanwhile.",
            "%(number)s did not move after all: something changed meanwhile.",
            stayed,
        )
        say(sentence % {"number": f"{stayed:,}"}, "yellow")


def _would_move(number: int, saving: int) -> str:
    if saving < 0:
        sentence = ngettext(
            "%(number)s would move and cost %(amount)s more; --apply moves it.",
            "%(number)s would move and cost %(amount)s more in all; --apply moves them.",
            number,
        )
    else:
        sentence = ngettext(
            "%(number)s would move and save %(amount)s; --apply moves it.",
            "%(number)s would move and save %(amount)s in all; --apply moves them.",
            number,
        )
    return sentence % {"number": f"{number:,}", "amount": texts.money(abs(saving))}


def _moved(number: int, saving: int) -> str:
    if saving < 0:
        sentence = ngettext("%(number)s moved, at %(amount)s more.", "%(number)s moved, at %(amount)s more.", number)
    else:
        sentence = ngettext("%(number)s moved, saving %(amount)s.", "%(number)s moved, saving %(amount)s.", number)
    return sentence % {"number": f"{number:,}", "amount": texts.money(abs(saving))}
