"""`paidan explain`: why an order is where it is, or why it is stuck and what would help."""

from typing import TYPE_CHECKING, Any

from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import app
from paidan.cli.database import now, use_database
from paidan.cli.language import gettext as _
from paidan.cli.options import Json, OrderName
from paidan.cli.output import Column, out, table_of, write_json

if TYPE_CHECKING:
    from paidan.allocation.explanation import Explanation


STEPS_SHOWN = 8


@app.command(help=_("Explain where an order went, or why it is stuck and what would help."))
def explain(order: OrderName, as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.documents import as_document
    from paidan.allocation.explain import explain_order
    from paidan.cli.references import order_named

    explanation = explain_order(order_named(order).id, now=now())
    if as_json:
        write_json(as_document(explanation))
    else:
        show(explanation)


def show(explanation: "Explanation") -> None:
    """The answer first, then the evidence, then what to do."""
    from paidan.allocation.remedies import remedies_of
    from paidan.allocation.sentences import headline

    out().print(_head(explanation))
    for sentence in headline(explanation):
        out().print(Text(sentence, "bold"), soft_wrap=True)
    if explanation.rule:
        decided = _("Decided by rule “%(rule)s”, version %(version)s, at %(at)s.")
        values = {"rule": explanation.rule.title, "version": explanation.rule.version}
        out().print(Text(decided % (values | {"at": texts.moment(explanation.decided_at)}), "dim"), soft_wrap=True)
    if explanation.candidates and explanation.rule:
        out().print()
        out().print(_candidates(explanation))
    remedies = remedies_of(explanation)
    if remedies:
        out().print()
        out().print(Text(_("What would help"), "bold"))
    for number, remedy in enumerate(remedies, 1):
        out().print(Text(f"{number}. {remedy.sentence}"), soft_wrap=True)
        if remedy.command:
            out().print(Text(f"   {remedy.command}", "cyan"), soft_wrap=True)
    if explanation.events:
        out().print()
        out().print(_history(explanation))


def _head(of: "Explanation") -> Text:
    """Which order, in which state, and by when it must be shipped."""
    state = "held" if of.holds else of.state.code
    style = texts.STATE_STYLES.get(state, "")
    head = Text.assemble((of.title, "bold"), "  ", (texts.order_state_word(state), style))
    if of.region_name:
        head.append(f"  {of.region_name}")
    if of.ship_by_at:
        head.append("  " + _("ship by %(at)s") % {"at": texts.moment(of.ship_by_at)})
    return head


def _candidates(of: "Explanation") -> Any:
    from paidan.allocation.sentences import lost_because

    rows = [
        {
            "rank": c.rank or "",
            "warehouse": Text(c.title, "bold" if c.chosen else ""),
            "distance": texts.kilometres(c.distance_m),
            "freight": texts.money(c.freight_minor),
            "stock": _stock(of, c.available),
            "load": f"{c.load:,}/{c.capacity:,}" if c.capacity is not None else f"{c.load:,}",
            "result": Text(lost_because(of, c), "green" if c.chosen else "red" if c.reason else ""),
        }
        for c in of.candidates
    ]
    columns = [
        Column("rank", _("Rank"), "right"),
        Column("warehouse", _("Warehouse"), fold=True),
        Column("distance", _("Distance"), "right"),
        Column("freight", _("Freight"), "right", wide=True),
        Column("stock", _("Available now / wanted"), fold=True),
        Column("load", _("Load today"), "right", wide=True),
        Column("result", _("Result"), fold=True),
    ]
    return table_of(rows, columns)


def _history(of: "Explanation") -> Any:
    """The latest steps of the order, the last one last: when, what, with which allocation, by whom."""
    from paidan.orders.states import EventKind

    rows = [
        {
            "at": texts.short_moment(event.at),
            "what": str(EventKind[event.kind.upper()].label),
            "allocation": f"#{event.allocation_id}" if event.allocation_id else None,
            "by": event.by,
        }
        for event in of.events[-STEPS_SHOWN:]
    ]
    columns = [
        Column("at", _("When")),
        Column("what", _("What happened")),
        Column("allocation", _("Allocation")),
        Column("by", _("Who")),
    ]
    return table_of(rows, columns)


def _stock(of: "Explanation", available: tuple[int, ...]) -> Text:
    """What is free now beside what is wanted: of what is open, else of the whole order."""
    shown = Text()
    lines = of.open_lines() or list(enumerate(of.lines))
    for at, line in lines[:3]:
        have, wanted = available[at], line.open_qty or line.qty
        text = f"{line.sku or line.shop_code} {have:,}/{wanted:,}"
        shown.append(f"  {text}" if shown else text, "red" if line.open_qty and have < wanted else "")
    if len(lines) > 3:
        shown.append("  …")
    return shown
