"""What `paidan demo` does: lives through a month of practice data, allocates the promotion, shows what became of it."""

from __future__ import annotations

import os
import shlex
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from rich.console import Console
from rich.text import Text

from paidan.allocation.explain import explain_order
from paidan.allocation.joint import Jointly
from paidan.allocation.models import JointRun, Wave
from paidan.allocation.wave import run_wave, run_waves
from paidan.cli import texts
from paidan.cli.database import now as clock
from paidan.cli.demo_people import make_sign_ins, serve_demo
from paidan.cli.doctor import doctor
from paidan.cli.explain import show
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.output import Column, say, table_of
from paidan.cli.progress import progress_bar
from paidan.desk.practice.month import load_network, play
from paidan.desk.practice.orders import CHINA, SHOWN_NUMBER
from paidan.desk.practice.rules import LARGE_PIECES
from paidan.desk.waves import telling
from paidan.engine.codes import Reason
from paidan.orders.models import Order
from paidan.orders.states import OrderState

BY_TEAM = """
WITH a AS (
    SELECT a.*, (SELECT sum(p.qty) FROM allocation_allocationline p WHERE p.allocation_id = a.id) AS pieces
    FROM allocation_allocation a WHERE a.wave_id = ANY(%(waves)s)
)
SELECT w.id, w.name, t.name, count(*), sum(a.pieces), count(*) FILTER (WHERE a.late_s > 0),
       sum(a.freight_minor)::bigint, max(d.load_n), t.capacity
FROM a JOIN network_warehouse w ON w.id = a.warehouse_id
LEFT JOIN network_team t ON t.id = a.team_id
LEFT JOIN allocation_teamday d ON d.team_id = a.team_id AND d.day = a.work_day
GROUP BY w.position, w.id, t.id ORDER BY w.position, w.id, t.id
"""
STUCK = """
SELECT d.reason, count(*), (array_agg(o.number ORDER BY o.id))[1]
FROM allocation_decision d JOIN orders_order o ON o.id = d.order_id
WHERE d.wave_id = ANY(%(waves)s) AND d.reason > 0
GROUP BY d.reason ORDER BY count(*) DESC, d.reason
"""
SUMS = """
SELECT count(*), count(*) FILTER (WHERE outcome = 2), count(*) FILTER (WHERE outcome = 1),
       count(*) FILTER (WHERE outcome = 0), count(*) FILTER (WHERE outcome = 3)
FROM allocation_decision WHERE wave_id = ANY(%(waves)s)
"""

FOLDER = "practice"
JOINT_S = 10.0
"""What the promotion's joint wave may take at most."""


def run_demo(console: Console, serve: bool) -> int:
    """Fill an empty data folder, allocate the promotion, show and check what became of it; the exit code."""
    now = clock().replace(microsecond=0)
    _refuse_other_data()
    if not _shown_order():
        _live_through(now)
    _allocate(console, now)
    _heading(console, _("Are all promises kept?"))
    found = _doctor()
    _heading(
        console, _("Why did this order go there? A buyer in Shanghai, a shop with teams in Beijing and Guangzhou:")
    )
    _explain(console, now)
    _heading(console, _("Go on from here"))
    _what_next(console)
    make_sign_ins()
    if serve:
        return serve_demo(console) or found
    return found


def _shown_order() -> Order | None:
    return Order.objects.filter(number=SHOWN_NUMBER).first()


def _refuse_other_data() -> None:
    """The practice data comes alone: it must not mix with anybody's real orders."""
    if Order.objects.exists() and not _shown_order():
        raise Fault(
            _("%(folder)s holds orders already. The demo needs a data folder of its own: set PAIDAN_DATA to a new one.")
            % {"folder": settings.DATA},
            code="not_empty",
            exit_code=FOUND,
        )


def _live_through(now: datetime) -> None:
    """Write the files, import them day by day, and let the teams work for a month."""
    started = time.perf_counter()
    folder = Path(settings.DATA) / FOLDER
    say(_("Making 30 days of practice data in %(folder)s…") % {"folder": _short(folder)}, "dim")
    load_network(folder, now)
    with progress_bar(_("A month goes by")) as progress:
        count = play(folder, now, progress)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sentence = ngettext(
        "%(count)s order came in over 30 days, was allocated, picked, packed and shipped (%(seconds)s s).",
        "%(count)s orders came in over 30 days, were allocated, picked, packed and shipped (%(seconds)s s).",
        count,
    )
    say(sentence % {"count": f"{count:,}", "seconds": round(time.perf_counter() - started)}, "dim")


def _allocate(console: Console, now: datetime) -> None:
    """Run the promotion's waves and show what today's waves did.

    Its first orders are decided one by one, as they came, and so are large ones that may be sent in parts; the rush
    jointly, in one wave.
    """
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0)
    with progress_bar(_("Allocating")) as progress:
        reports = [run_wave(now=now, order_ids=_first_orders(midnight), progress=progress)]
        reports += run_waves(now=now, joint=Jointly(JOINT_S), progress=progress)
    waves = list(Wave.objects.filter(started_at__gte=midnight).values_list("id", flat=True))
    _heading(console, _("Today is the promotion: what each warehouse and team got"))
    console.print(table_of(_by_team(waves), _team_columns()))
    stuck = _query(STUCK, waves)
    if stuck:
        _heading(console, _("What could not be allocated, and why"))
        console.print(table_of([_stuck_row(*row) for row in stuck], _stuck_columns()))
    [sums] = _query(SUMS, waves)
    console.print()
    console.print(Text(_sums_sentence(sums, sum(report.seconds for report in reports))))
    _beside(console)


def _first_orders(midnight: datetime) -> list[int]:
    """What came in before the rush, the first tenth of today's orders, and orders of many pieces."""
    waiting = Order.objects.filter(queued__isnull=False).annotate(pieces=Sum("lines__qty"))
    today = list(waiting.filter(paid_at__gte=midnight).order_by("paid_at", "id").values_list("id", flat=True))
    large = waiting.filter(pieces__gte=LARGE_PIECES).values_list("id", flat=True)
    return sorted({*today[: len(today) // 10], *large})


def _beside(console: Console) -> None:
    """The promotion's joint wave beside the same orders decided one by one."""
    run = JointRun.objects.select_related("wave").order_by("-pk").first()
    if run is None or not run.plans:
        return
    _heading(console, _("The rush was decided jointly. What did that bring?"))
    verdict, _tone = telling.verdict(run)
    console.print(Text(f"{verdict} {telling.gap_words(run.wave.statistics['joint'])}"))
    rows = [
        {"what": row.label} | {f"plan{at}": cell for at, cell in enumerate(row.cells)} | {"change": row.change}
        for row in telling.rows_of(run)
    ]
    names = [str(telling.WORDS[name]) for name in telling.columns_of(run.plans)]
    columns = [Column(f"plan{at}", name, "right") for at, name in enumerate(names)]
    console.print(table_of(rows, [Column("what", ""), *columns, Column("change", _("change"), "right")]))
    console.print(Text(_("The page of that wave: /waves/%(number)s/") % {"number": run.pk}, "dim"))


def _query(sql: str, waves: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"waves": waves})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _by_team(waves: list[int]) -> list[dict[str, Any]]:
    """A row per team; the warehouse is named once."""
    rows, previous = [], None
    for warehouse_id, warehouse, team, count, pieces, late, freight, load, capacity in _query(BY_TEAM, waves):
        rows.append(
            {
                "warehouse": Text(warehouse if warehouse_id != previous else ""),
                "team": team,
                "orders": count,
                "pieces": int(pieces),
                "late": late,
                "freight": texts.money(freight),
                "load": f"{load or 0:,}/{capacity:,}" if capacity else f"{load or 0:,}",
            }
        )
        previous = warehouse_id
    total = {key: sum(row[key] for row in rows) for key in ("orders", "pieces", "late")}
    return [*rows, {key: Text(f"{value:,}", "bold") for key, value in total.items()} | _TOTAL_BLANKS]


_TOTAL_BLANKS = dict.fromkeys(("warehouse", "team", "freight", "load"), Text(""))


def _team_columns() -> list[Column]:
    return [
        Column("warehouse", _("Warehouse")),
        Column("team", _("Team")),
        Column("orders", _("Allocations"), "right"),
        Column("pieces", _("Pieces"), "right"),
        Column("late", _("Late"), "right"),
        Column("freight", _("Freight"), "right"),
        Column("load", _("Load / capacity"), "right"),
    ]


def _stuck_row(reason: int, count: int, example: str) -> dict[str, Any]:
    return {"reason": texts.reason_word(Reason(reason).code), "orders": count, "example": Text(example)}


def _stuck_columns() -> list[Column]:
    return [
        Column("reason", _("Stuck because")),
        Column("orders", _("Orders"), "right"),
        Column("example", _("For example order")),
    ]


def _sums_sentence(sums: tuple[int, ...], seconds: float) -> str:
    sentence = ngettext(
        "%(orders)s order: %(allocated)s allocated, %(partial)s partly, %(unallocated)s unallocated, %(held)s held.",
        "%(orders)s orders: %(allocated)s allocated, %(partial)s partly, %(unallocated)s unallocated, %(held)s held.",
        sums[0],
    )
    names = ("orders", "allocated", "partial", "unallocated", "held")
    said = sentence % {name: f"{count:,}" for name, count in zip(names, sums, strict=True)}
    took = _("Decided and stored in %(seconds)s s.") % {"seconds": f"{seconds:.2f}"}
    return f"{said} {took}" if seconds else said


def _doctor() -> int:
    """The same check as `paidan doctor`; its exit code."""
    try:
        doctor(limit=20, as_json=False)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def _explain(console: Console, now: datetime) -> None:
    order = _shown_order()
    if order is not None:
        console.print(Text(f"$ paidan explain {order.number}", "cyan"))
        show(explain_order(order.id, now=now))


def _what_next(console: Console) -> None:
    """Commands that work as they stand, on the data folder just filled."""
    prefix = ""
    if folder := os.environ.get("PAIDAN_DATA"):
        prefix = f"PAIDAN_DATA={shlex.quote(_short(Path(folder)))} "
    program = _short(Path(sys.argv[0])) if Path(sys.argv[0]).name == "paidan" else "paidan"
    commands = [(f"{prefix}{program} {command}", purpose) for command, purpose in _commands()]
    width = max(len(command) for command, _purpose in commands)
    for command, purpose in commands:
        console.print(Text.assemble((command.ljust(width), "cyan"), f"  {purpose}"), soft_wrap=True)


def _commands() -> list[tuple[str, str]]:
    stuck = Order.objects.filter(state=OrderState.UNALLOCATED, reason=int(Reason.STOCK_SHORT)).order_by("-id").first()
    return [
        ("order list --state unallocated", _("what is stuck")),
        *([(f"explain {stuck.number}", _("why an order is stuck, and what would help"))] if stuck else []),
        (f"explain {SHOWN_NUMBER}", _("why an order went where it went")),
        ("report", _("what the warehouses and teams did")),
        ("rules show", _("the rules that decided")),
        ("stock list --warehouse gz", _("what Guangzhou holds")),
        ("db stop", _("stop the demo's database")),
    ]


def _heading(console: Console, sentence: str) -> None:
    console.print()
    console.print(Text(sentence, "bold"))


def _short(path: Path) -> str:
    """The path as one would type it from here."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
