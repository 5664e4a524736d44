"""The pages of the waves: all of them, one, a joint one while it runs; stopping one, asking for one now; files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.joint import ask_stop
from paidan.allocation.models import JointRun, Wave
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.turns import NextWave, alive, ask_wave, next_wave
from paidan.desk.board.cards import city_of
from paidan.desk.newest import newest
from paidan.desk.settings.rows import limited_to_nothing
from paidan.network.models import Warehouse
from paidan.web import formats
from paidan.web.exports import TYPES, download
from paidan.web.pages import page
from paidan.web.replies import go, toast

from . import telling

ORDERS = 100
TOP, MOST_PRICES = 10, 500
SUMS = (
    *("orders", "allocated", "partial", "unallocated", "held", "lost"),
    *("allocations", "freight_minor", "solve_s", "seconds"),
)
"""What the card of the wave's outcome shows of its statistics."""
ABANDONED = timedelta(minutes=10)
"""A wave that runs for so long without a lease on its orders is not under way any more."""
NOBODY = gettext_lazy("unallocated")


def everything(user: User, **_captured: Any) -> bool:
    """A wave takes orders of everybody: only those who see everything may look at one."""
    return limited_to_nothing(user)


def seen(user: User, wave_id: int, **_captured: Any) -> bool:
    return limited_to_nothing(user) and Wave.objects.filter(pk=wave_id).exists()


@page(Capability.SEE_ORDERS, scope=everything)
def waves(request: HttpRequest) -> HttpResponse:
    """All waves, the newest first; the joint ones alone where asked."""
    found = Wave.objects.select_related("version", "joint").order_by("-id")
    mode = "joint" if request.GET.get("mode") == "joint" else ""
    if mode:
        found = found.filter(mode=WaveMode.JOINT)
    rows, older = newest(found, request)
    now = timezone.now()
    context = {
        "heading": _("Waves"),
        "live_topics": ["waves", "orders", "rules"],
        "rows": [row_of(one) for one in rows],
        "older": older,
        "mode": mode,
        **next_of(now),
    }
    return render(request, "desk/waves/list.html", context)


def next_of(now: datetime) -> dict[str, Any]:
    """When the next joint wave is, for a page's bar."""
    coming = next_wave(now)
    return {"coming": coming, "coming_words": next_words(coming, now) if coming else ""}


def next_words(coming: NextWave, now: datetime) -> str:
    """“Next joint wave today 14:30”, or what is the matter."""
    if coming.running is not None:
        return _("A joint wave is being decided.")
    if coming.asked or (coming.at is not None and coming.at <= now):
        return _("A joint wave is due; the worker begins it within a moment.")
    return _("Next joint wave %(at)s.") % {"at": formats.moment_in_full(coming.at, now=now)}


def row_of(one: Wave) -> dict[str, Any]:
    run: JointRun | None = getattr(one, "joint", None)
    figures = one.statistics.get("joint", {})
    orders = one.statistics.get("orders", run.orders_n if run else None)
    saved = None
    if run and run.plans:
        columns = telling.columns_of(run.plans)
        saved = run.plans[columns[-2]]["objective_minor"] - run.plans["joint"]["objective_minor"]
    return {
        "one": one,
        "state": WaveState(one.state).name.lower(),
        "joint": one.mode == WaveMode.JOINT,
        "orders": orders,
        "allocated": one.statistics.get("allocated"),
        "open": sum(one.statistics.get(name, 0) for name in ("unallocated", "partial", "held"))
        if one.statistics
        else None,
        "freight": one.statistics.get("freight_minor"),
        "gap": figures.get("gap"),
        "saved": saved,
    }


@page(Capability.SEE_ORDERS, scope=seen)
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """How far it is, or what came of it."""
    found = get_object_or_404(Wave.objects.select_related("version", "joint__stop_asked_by"), pk=wave_id)
    run: JointRun | None = getattr(found, "joint", None)
    broken = found.state == WaveState.FAILED or is_abandoned(found)
    context: dict[str, Any] = {
        "heading": _("Wave %(number)d") % {"number": found.pk},
        "crumbs": [(_("Waves"), reverse("waves:list"))],
        "live_topics": ["waves"],
        "wave": found,
        "run": run,
        "running": found.state == WaveState.RUNNING and not broken,
        "failed": broken,
        "statistics": {name: found.statistics.get(name) for name in SUMS} if found.statistics else {},
        "may_stop": cast(User, request.user).can(Capability.CHANGE_ORDERS),
    }
    if run is not None:
        context["chart"] = telling.gap_chart(run)
        if run.chart:
            context["gap_now"] = gap_now(run)
        if found.state == WaveState.DONE:
            context |= result_of(request, found, run)
    return render(request, "desk/waves/one.html", context)


def is_abandoned(found: Wave) -> bool:
    """Whether it says that it runs, and nobody has held its orders for long: its worker was killed."""
    young = found.started_at > timezone.now() - ABANDONED
    return found.state == WaveState.RUNNING and not young and not alive(Wave.objects.filter(pk=found.pk)).exists()


def gap_now(run: JointRun) -> float | None:
    """The gap of the last point of the chart."""
    _seconds, cost, bound = run.chart[-1]
    return max(0.0, (cost - bound) / bound) if bound else None


def result_of(request: HttpRequest, found: Wave, run: JointRun) -> dict[str, Any]:
    warehouses = list(Warehouse.objects.order_by("position", "id"))
    names = {one.pk: str(one) for one in warehouses}
    figures = found.statistics.get("joint", {})
    sentence, tone = telling.verdict(run)
    chosen = (request.GET.get("from", ""), request.GET.get("to", ""))
    moves = found.moves.select_related("order__shop").order_by("before_id", "after_id", "id")
    if all(key.isdecimal() and len(key) < 10 for key in chosen):
        moves = moves.filter(before_id=int(chosen[0]), after_id=int(chosen[1]))
    every_price = request.GET.get("prices") == "all"
    return {
        "verdict": sentence,
        "tone": tone,
        "gap_words": telling.gap_words(figures),
        "ended_words": telling.ended_words(figures, run),
        "columns": [telling.WORDS[name] for name in telling.columns_of(run.plans)],
        "results": telling.rows_of(run),
        "prices": telling.prices_of(run, 0, MOST_PRICES if every_price else TOP),
        "prices_n": len(run.prices),
        "every_price": every_price,
        "most_prices": MOST_PRICES,
        "maps": telling.maps_of(found, warehouses),
        "moved_share": run.moved_n / run.orders_n if run.orders_n else 0,
        "flows": [
            {
                **flow,
                "from": names.get(flow["before_id"], NOBODY),
                "to": names.get(flow["after_id"], NOBODY),
                "here": chosen == (str(flow["before_id"]), str(flow["after_id"])),
            }
            for flow in telling.flows_of(found)
        ],
        "moves": [
            {
                "order": move.order,
                "city": city_of(move.order.region),
                "from": names.get(move.before_id, NOBODY),
                "to": names.get(move.after_id, NOBODY),
                "freight": move.freight_minor,
                "km": round(move.distance_m / 1000),
            }
            for move in moves[:ORDERS]
        ],
    }


@page(Capability.CHANGE_ORDERS, methods=("POST",), scope=seen)
def stop_it(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Good enough: the best plan so far is taken."""
    if ask_stop(wave_id, now=timezone.now(), by=cast(User, request.user)):
        toast(request, _("The search ends within a moment; the best plan so far is taken."))
    else:
        toast(request, _("It had ended already."), bad=True)
    return go(request, "waves:one", wave_id)


@page(Capability.CHANGE_ORDERS, methods=("POST",), scope=everything)
def ask_now(request: HttpRequest) -> HttpResponse:
    """A joint wave before its time."""
    now = timezone.now()
    if next_wave(now) is None:
        toast(request, _("The rules in force decide orders one by one, as they come."), bad=True)
    else:
        ask_wave(now=now, by=cast(User, request.user))
        toast(request, _("The worker begins a joint wave within a moment."))
    return go(request, "waves:list")


@page(Capability.SEE_ORDERS, scope=seen)
def export_moves(request: HttpRequest, wave_id: int, kind: str) -> HttpResponseBase:  # noqa: ARG001 - every view takes it
    """Every order that went elsewhere than order by order, as a file."""
    if kind not in TYPES:
        raise Http404
    found = get_object_or_404(Wave, pk=wave_id)
    names = {one.pk: str(one) for one in Warehouse.objects.all()}
    heads = (
        *(_("Order"), _("Shop"), _("City"), _("order by order"), _("jointly")),
        *(_("Freight, change"), _("Distance, change (m)"), _("Worth to others")),
    )
    moves = found.moves.select_related("order__shop").order_by("before_id", "after_id", "id")
    lines = (
        (
            move.order.number,
            str(move.order.shop),
            city_of(move.order.region),
            names.get(move.before_id, str(NOBODY)),
            names.get(move.after_id, str(NOBODY)),
            move.freight_minor / 100,
            move.distance_m,
            move.worth_minor / 100,
        )
        for move in moves.iterator(chunk_size=2000)
    )
    return download(kind, f"wave-{wave_id}-moves", heads, lines)


@page(Capability.SEE_ORDERS, scope=seen)
def export_prices(request: HttpRequest, wave_id: int, kind: str) -> HttpResponseBase:  # noqa: ARG001
    """All prices of scarce things, dearest first, as a file."""
    run = get_object_or_404(JointRun, pk=wave_id)
    if kind not in TYPES:
        raise Http404
    heads = (_("What it would have saved"), _("Money"))
    lines = ((one.words, one.minor / 100) for one in telling.prices_of(run, 0, len(run.prices)))
    return download(kind, f"wave-{wave_id}-prices", heads, lines)
