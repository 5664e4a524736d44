"""`paidan allocate`: waves over everything that waits."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli import texts
from paidan.cli.app import app
from paidan.cli.database import now, use_database
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json
from paidan.cli.progress import progress_bar

if TYPE_CHECKING:
    from datetime import datetime

    from paidan.allocation.joint import Jointly
    from paidan.allocation.wave import WaveReport

# Both find a wave's rows by their time, which is indexed, and not by the wave, which is not.
BY_REASON = """
SELECT d.reason, count(*) FROM orders_event e
JOIN allocation_decision d ON d.order_id = e.order_id AND d.wave_id = e.wave_id
WHERE e.at >= %(since)s AND e.wave_id = ANY(%(waves)s) AND e.kind = %(tried)s AND d.reason > 0
GROUP BY d.reason ORDER BY count(*) DESC, d.reason
"""
BY_PLACE = """
SELECT w.code, w.name, t.code, t.name, count(*), sum(a.freight_minor)::bigint
FROM allocation_allocation a JOIN network_warehouse w ON w.id = a.warehouse_id
LEFT JOIN network_team t ON t.id = a.team_id
WHERE a.created_at >= %(since)s AND a.wave_id = ANY(%(waves)s)
GROUP BY w.position, w.id, t.id ORDER BY w.position, w.id, t.id
"""


@app.command(help=_("Allocate the orders that wait: every order to a warehouse and a team, or a reason why not."))
def allocate(
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help=_("Take only so many orders, the most urgent first."))
    ] = None,
    order: Annotated[list[str] | None, typer.Option("--order", metavar="ORDER", help=_("Only this order."))] = None,
    retry: Annotated[bool, typer.Option("--retry", help=_("Also try again what is unallocated."))] = False,
    joint: Annotated[
        bool | None,
        typer.Option(
            "--joint/--one-by-one", help=_("Decide all of them together, or one by one; as the rules say by default.")
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, max=3600, help=_("Jointly: look for a plan at most so long."))
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option("--gap", min=0, max=1, help=_("Jointly: end when this near the best possible, 0.001 = 0.1 %.")),
    ] = None,
    as_json: Json = False,
) -> None:
    use_database()
    moment = now()
    if retry:
        from paidan.allocation.retry import queue_retries

        queue_retries(now=moment)
    with progress_bar(_("Allocating")) as progress:
        reports = _waves(moment, limit, order, progress, _how(joint, seconds, gap, named=bool(order)))
    document = as_document(reports, moment)
    if as_json:
        write_json(document)
    elif not reports:
        say(_("No order waits to be allocated."))
    else:
        _show(document)


def _how(joint: bool | None, seconds: float | None, gap: float | None, *, named: bool) -> "Jointly | None":
    """Jointly, and how far, or one by one; named orders are decided at once, one by one."""
    from paidan.allocation.joint import Jointly
    from paidan.allocation.turns import as_rules_say

    says = as_rules_say()
    if joint is False or (joint is None and (named or says is None)):
        return None
    how = says or Jointly()
    return Jointly(how.seconds if seconds is None else seconds, how.gap if gap is None else gap)


def _waves(
    moment: "datetime", limit: int | None, names: list[str] | None, progress: Any, how: "Jointly | None"
) -> "list[WaveReport]":
    from paidan.allocation.wave import run_wave, run_waves

    if limit is None and not names:
        return run_waves(now=moment, progress=progress, joint=how)
    ids = None
    if names:
        from paidan.cli.references import orders_named

        ids = [order.id for order in orders_named(names)]
    report = run_wave(now=moment, limit=limit, order_ids=ids, progress=progress, joint=how)
    return [report] if report.wave_id is not None else []


def as_document(reports: "list[WaveReport]", moment: "datetime") -> dict[str, Any]:
    """What the waves of that moment did, for programs; per warehouse and team, and per reason."""
    from django.db import connection

    from paidan.engine.codes import Reason
    from paidan.orders.states import EventKind

    waves = [report.wave_id for report in reports]
    sums = {
        name: sum(getattr(report.outcomes, name) for report in reports)
        for name in ("orders", "allocated", "partial", "unallocated", "held", "lost", "allocations")
    }
    seconds = sum(report.seconds for report in reports)
    parameters: dict[str, Any] = {
        "waves": waves,
        "since": moment.replace(microsecond=0),
        "tried": EventKind.TRIED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_REASON, parameters)
        reasons = {Reason(reason).code: count for reason, count in cursor.fetchall()}
        cursor.execute(BY_PLACE, parameters)
        places = [
            {"warehouse": row[0], "warehouse_name": row[1], "team": row[2], "team_name": row[3] or ""}
            | {"allocations": row[4], "freight_minor": row[5]}
            for row in cursor.fetchall()
        ]
    return {
        "waves": waves,
        **sums,
        "unallocated_by_reason": reasons,
        "places": places,
        "seconds": round(seconds, 3),
        "orders_per_s": round(sums["orders"] / seconds) if seconds else None,
        "joint": _joint_of(waves),
    }


def _joint_of(waves: "list[int | None]") -> list[dict[str, Any]]:
    """What the joint ones among the waves came to."""
    from paidan.allocation.models import JointRun

    return [
        {"wave": run.pk, "orders": run.orders_n, "moved": run.moved_n, "plans": run.plans}
        | {key: run.wave.statistics["joint"][key] for key in ("objective_minor", "bound_minor", "gap", "kept", "ended")}
        for run in JointRun.objects.filter(pk__in=waves).select_related("wave").order_by("pk")
    ]


def _show(document: dict[str, Any]) -> None:
    if document["places"]:
        rows = [
            {
                "warehouse": row["warehouse_name"] or row["warehouse"],
                "team": row["team_name"] or row["team"],
                "allocations": row["allocations"],
                "freight": texts.money(row["freight_minor"]),
            }
            for row in document["places"]
        ]
        columns = [
            Column("warehouse", _("Warehouse"), fold=True),
            Column("team", _("Team"), fold=True),
            Column("allocations", _("Allocations"), "right"),
            Column("freight", _("Freight"), "right"),
        ]
        out().print(table_of(rows, columns))
        out().print()
    if document["unallocated_by_reason"]:
        stuck = [
            {"reason": texts.reason_word(code), "orders": count}
            for code, count in document["unallocated_by_reason"].items()
        ]
        out().print(table_of(stuck, [Column("reason", _("Stuck because")), Column("orders", _("Orders"), "right")]))
        out().print()
    out().print(_sums(document))
    from paidan.desk.waves.telling import gap_words

    for one in document["joint"]:
        out().print(_beside(one["plans"]), gap_words(one))


def _beside(plans: dict[str, Any]) -> str:
    """The joint plan beside the same orders decided one by one."""
    values = {"joint": texts.money(plans["joint"]["objective_minor"])}
    values["rules"] = texts.money(plans.get("rules", plans["nearest"])["objective_minor"])
    return _("Jointly the plan costs %(joint)s, order by order %(rules)s.") % values


def _sums(document: dict[str, Any]) -> str:
    sentence = ngettext(
        "%(orders)s order: %(allocated)s allocated, %(partial)s partly, %(unallocated)s unallocated, %(held)s held; "
        "%(seconds)s s, %(speed)s orders/s.",
        "%(orders)s orders: %(allocated)s allocated, %(partial)s partly, %(unallocated)s unallocated, %(held)s held; "
        "%(seconds)s s, %(speed)s orders/s.",
        document["orders"],
    )
    names = ("orders", "allocated", "partial", "unallocated", "held")
    values = {name: f"{document[name]:,}" for name in names}
    return sentence % (values | {"seconds": document["seconds"], "speed": f"{document['orders_per_s'] or 0:,}"})
