"""The pages of the what-ifs."""

from datetime import timedelta
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
from paidan.desk.board.cards import city_of
from paidan.desk.newest import newest
from paidan.desk.orders.rows import REASON_WORDS
from paidan.desk.settings.rows import limited_to_nothing
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.web import formats
from paidan.web.exports import TYPES, download
from paidan.web.pages import page
from paidan.web.replies import go, toast
from paidan.whatif.models import WhatIf
from paidan.whatif.running import BUSY, ask, stop

from . import telling
from .forms import WhatIfForm

ORDERS = 100
NOBODY = gettext_lazy("unallocated")


def everything(user: User, **_captured: Any) -> bool:
    """A what-if looks at all orders: only those who see everything may."""
    return limited_to_nothing(user)


def seen(user: User, what_if_id: int, **_captured: Any) -> bool:
    return limited_to_nothing(user) and WhatIf.objects.filter(pk=what_if_id).exists()


@page(Capability.RUN_WHATIF, scope=everything)
def what_ifs(request: HttpRequest) -> HttpResponse:
    """All that were asked for, beside each other."""
    found = WhatIf.objects.select_related("owner").order_by("-created_at", "-id")
    rows, older = newest(found, request)
    context = {
        "heading": _("What-if"),
        "live_topics": ["whatif"],
        "rows": [row_of(one) for one in rows],
        "older": older,
    }
    return render(request, "desk/whatif/list.html", context)


def row_of(one: WhatIf) -> dict[str, Any]:
    done = one.state == WhatIf.State.DONE
    a, b = one.before or {}, one.after or {}
    return {
        "one": one,
        "last": one.until - timedelta(days=1),
        "on_time": telling.on_time(b) - telling.on_time(a) if done else None,
        "freight": b["freight_minor"] - a["freight_minor"] if done else None,
        "unserved": telling.unserved(b) - telling.unserved(a) if done else None,
        "share": one.done_n / one.total_n if one.total_n else 0,
    }


@page(Capability.RUN_WHATIF, methods=("GET", "POST"), scope=everything)
def new(request: HttpRequest) -> HttpResponse:
    """What shall be tried, over which days."""
    today = timezone.localdate()
    days = {"since": today - timedelta(days=7), "until": today - timedelta(days=1)}
    initial = {**days, "rules": "", **request.GET.dict()}
    form = WhatIfForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        since, until = form.period()
        try:
            asked = ask(
                since,
                until,
                version=form.version(),
                rules_name=form.rules_name(),
                assumed=form.assumed(),
                now=timezone.now(),
                by=cast(User, request.user),
            )
            return go(request, "whatif:one", asked.pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {"heading": _("New what-if"), "crumbs": [(_("What-if"), reverse("whatif:list"))], "form": form}
    return render(request, "desk/whatif/new.html", context, status=422 if form.errors else 200)


@page(Capability.RUN_WHATIF, scope=seen)
def one(request: HttpRequest, what_if_id: int) -> HttpResponse:
    """How far it is, or what came of it."""
    found = get_object_or_404(WhatIf.objects.select_related("owner", "version"), pk=what_if_id)
    warehouses = telling.warehouses_of(found)
    context: dict[str, Any] = {
        "heading": f"#{found.pk}",
        "crumbs": [(_("What-if"), reverse("whatif:list"))],
        "live_topics": ["whatif"],
        "what_if": found,
        "busy": found.state in BUSY,
        "last": found.until - timedelta(days=1),
        "assumed": assumed_words(found, warehouses),
        "may_publish": limited_to_nothing(cast(User, request.user)),
    }
    if found.state == WhatIf.State.DONE:
        context |= result_of(request, found, warehouses)
    return render(request, "desk/whatif/one.html", context)


def result_of(request: HttpRequest, found: WhatIf, warehouses: list[Warehouse]) -> dict[str, Any]:
    peaks = telling.peaks_of(found, warehouses)
    names = {one.pk: str(one) for one in warehouses}
    sentence, tone = telling.verdict(found, peaks)
    flows = telling.flows_of(found)
    chosen = (request.GET.get("from", ""), request.GET.get("to", ""))
    moves = found.moves.select_related("order__shop").order_by("before_id", "after_id", "id")
    if all(key.isdecimal() and len(key) < 10 for key in chosen):
        moves = moves.filter(before_id=int(chosen[0]), after_id=int(chosen[1]))
    return {
        "verdict": sentence,
        "tone": tone,
        "results": telling.rows_of(found, REASON_WORDS),
        "peaks": peaks,
        "peaks_chart": telling.peaks_chart(peaks),
        "teams": telling.team_rows(found, {one.pk: one for one in Team.objects.all()}),
        "map": telling.map_chart(found, warehouses),
        "moved_share": found.moved_n / (found.before or {}).get("orders", 1) if found.moved_n else 0,
        "flows": [
            {
                **flow,
                "from": names.get(flow["before_id"], NOBODY),
                "to": names.get(flow["after_id"], NOBODY),
                "here": chosen == (str(flow["before_id"]), str(flow["after_id"])),
            }
            for flow in flows
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
        "orders_shown": ORDERS,
    }


def assumed_words(found: WhatIf, warehouses: list[Warehouse]) -> list[str]:
    """What was assumed, in words."""
    assumed = found.assumed
    places = {str(one.pk): str(one) for one in warehouses}
    teams = {str(one.pk): str(one) for one in Team.objects.all()}
    words = [_("rules %(name)s") % {"name": found.rules_name}] if found.rules_name else []
    for name, sentence, of in (
        ("ratio_w", _("ratio of %(place)s %(number)s"), places),
        ("capacity_w", _("capacity of %(place)s %(number)s"), places),
        ("ratio_t", _("ratio of %(place)s %(number)s"), teams),
        ("capacity_t", _("capacity of %(place)s %(number)s"), teams),
    ):
        given = assumed.get(name, {}).items()
        words += [sentence % {"place": of.get(key, f"#{key}"), "number": value} for key, value in given]
    for key, value in assumed.get("freight_percent", {}).items():
        percent = {"place": places.get(key, f"#{key}"), "number": formats.change(value)}
        words.append(_("freight of %(place)s %(number)s %%") % percent)
    for one in assumed.get("added", ()):
        share = {"place": one["code"], "number": one["stock_percent"]}
        words.append(_("one more warehouse, %(place)s, with %(number)s %% of the stock") % share)
    for name, sentence in (("paused", _("%(place)s closed")), ("opened", _("%(place)s open"))):
        words += [sentence % {"place": places.get(str(key), f"#{key}")} for key in assumed.get(name, ())]
    return words


@page(Capability.RUN_WHATIF, methods=("POST",), scope=seen)
def stop_it(request: HttpRequest, what_if_id: int) -> HttpResponse:
    """Not wanted any more."""
    if stop(what_if_id, now=timezone.now()):
        toast(request, _("Stopped. Nothing of it was kept."))
    else:
        toast(request, _("It had ended already."), bad=True)
    return go(request, "whatif:one", what_if_id)


@page(Capability.RUN_WHATIF, scope=seen)
def export(request: HttpRequest, what_if_id: int, kind: str) -> HttpResponseBase:  # noqa: ARG001 - every view takes it
    """Every order that would have gone elsewhere, as a file."""
    if kind not in TYPES:
        raise Http404
    found = get_object_or_404(WhatIf, pk=what_if_id)
    names = {one.pk: str(one) for one in telling.warehouses_of(found)}
    heads = (
        *(_("Order"), _("Shop"), _("City"), _("as it was"), _("what-if")),
        *(_("Freight, change"), _("Distance, change (m)")),
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
        )
        for move in moves.iterator(chunk_size=2000)
    )
    return download(kind, f"what-if-{what_if_id}", heads, lines)
