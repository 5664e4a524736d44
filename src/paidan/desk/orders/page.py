"""The page of one order: where it stands, why, what to do about it, and what has happened."""

from dataclasses import dataclass, fields, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.allocation.explain import explain_order
from paidan.allocation.explanation import Candidate, Explanation, LineFacts
from paidan.allocation.models import Allocation, Wave
from paidan.allocation.sentences import headline, lost_because
from paidan.allocation.states import AllocationState
from paidan.allocation.turns import next_wave
from paidan.desk.settings.rows import limited_to_nothing
from paidan.desk.waves.views import next_words
from paidan.engine.codes import Reason
from paidan.geo import full_name
from paidan.geo.codes import code_of
from paidan.network.models import Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.orders.models import Event, Order, OrderException
from paidan.orders.states import AddressState, ExceptionKind, OrderState
from paidan.stock.models import Stock
from paidan.web import formats
from paidan.web.pages import page

from .acts_frame import order_in_scope
from .elsewhere import elsewhere
from .rows import add_facts, facts_of, hold_words, rule_names, shown_state
from .timeline import steps_of
from .ways_out import held_stock, ways_out

CLOSED = (OrderState.FULFILLED, OrderState.CANCELLED, OrderState.MERGED)
SHOWN_LINES = 3
"""The candidates table has a column for so many lines; beyond it one that says how many are there."""


@dataclass(frozen=True, slots=True)
class ThisOrder(Explanation):
    """An explanation for the order's own page, where its name need not be repeated."""

    @property
    def title(self) -> str:
        return _("this order")


@page(Capability.SEE_ORDERS, scope=order_in_scope)
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    row = get_object_or_404(Order.objects.select_related("shop", "merged_into", "recipient"), pk=order_id)
    now = timezone.now()
    of = shown(as_this_order(explain_order(order_id, now=now)))
    add_facts([row])
    allocations = list(
        Allocation.objects.filter(order_id=order_id).select_related("warehouse", "team", "rule").order_by("id")
    )
    events = list(Event.objects.filter(order_id=order_id).select_related("by").order_by("id"))
    named = rule_names([hold.reason for hold in of.holds])
    style, word, why = shown_state(row)
    for part in allocations:
        part.state_code = AllocationState(part.state).code  # type: ignore[attr-defined]
    counted = [
        part for part in allocations if part.state not in (AllocationState.CANCELLED, AllocationState.REASSIGNED)
    ]
    context = {
        "heading": row.number,
        "crumbs": [(_("Orders"), reverse("desk:orders")), *tab_crumb(row)],
        "live_topics": ["orders", "stock"],
        "order": row,
        "facts": facts_of(row),
        "done": row.state in CLOSED,
        "done_at": max((part.state_at for part in counted), default=None),
        "state": (style, f"{word} · {why}" if why else word),
        "of": of,
        "waiting": row.state == OrderState.PENDING and not of.holds,
        "stuck": bool(of.holds) or (bool(of.open_qty) and row.state not in CLOSED),
        "sentences": sentences(of),
        "rule": of.rule,
        "wave": wave_of(of),
        "sees_waves": limited_to_nothing(request.user),  # type: ignore[arg-type]
        **candidates(of),
        "ways": ways_out(of, request.user, now=now) or elsewhere(of, counted, request.user),
        "place": place(row),
        "stock": stock_table(of, request.user),
        "allocations": [(part, next_step(part)) for part in counted],
        "exceptions": exceptions(order_id),
        "holds": [(hold_words(hold.reason, named), hold) for hold in of.holds],
        "steps": steps_of(events, allocations, row.reason, named),
        "sources": list(Order.objects.filter(merged_into=row).order_by("id")) if row.state != OrderState.MERGED else [],
    }
    return render(request, "desk/orders/order.html", context)


def as_this_order(of: Explanation) -> ThisOrder:
    return ThisOrder(**{field.name: getattr(of, field.name) for field in fields(of)})


def shown(of: ThisOrder) -> ThisOrder:
    """Without what would mislead: candidates nobody looked at, and pieces of a merged order as if they were open."""
    if of.state == OrderState.MERGED:
        return replace(of, candidates=(), lines=[replace(line, open_qty=0) for line in of.lines])
    looked_at = any(c.chosen or c.reason or c.rank for c in of.candidates)
    return of if looked_at else replace(of, candidates=())


def tab_crumb(row: Order) -> list[tuple[Any, str]]:
    """The tab the order stands under, to go back to the others of its kind."""
    tabs = {
        "pending": "pending",
        "unallocated": "unallocated",
        "partial": "unallocated",
        "held": "held",
        "exception": "exception",
        "allocated": "allocated",
        "accepted": "progress",
        "picked": "progress",
        "packed": "progress",
        "shipped": "shipped",
    }
    style, word, _why = shown_state(row)
    return [(word, f"{reverse('desk:orders')}?tab={tabs[style]}")] if style in tabs else []


def sentences(of: Explanation) -> list[str]:
    """Why it is there, conclusion first; at its end who holds what is missing."""
    if of.state == OrderState.PENDING and not of.holds and not of.reason and not of.placements:
        now = timezone.now()
        if coming := next_wave(now):
            return [_("It waits to be decided together with others."), next_words(coming, now)]
        return [_("It waits for the next wave."), _("Nothing keeps it; it is tried within a moment.")]
    said = [tidy(sentence) for sentence in headline(of)]
    found = held_stock(of) if of.open_qty and of.reason == Reason.STOCK_SHORT and not of.holds else None
    if found:
        values = {"number": formats.count(found[1].qty), "warehouse": found[0].title}
        said.append(_("Held orders keep %(number)s of it in %(warehouse)s.") % values)
    return said


def tidy(sentence: str) -> str:
    """A sentence that speaks of “this order” where others name one: begun large, and without gaps amid Chinese."""
    if formats.chinese():
        name = _("this order")
        sentence = sentence.replace(f" {name}", name).replace(f"{name} ", name)
    return sentence[:1].upper() + sentence[1:]


def wave_of(of: Explanation) -> Wave | None:
    return Wave.objects.filter(started_at=of.decided_at).first() if of.decided_at else None


def candidates(of: Explanation) -> dict[str, Any]:
    """The candidates table: heads of the first lines, and a row per warehouse."""
    heads = list(of.lines[:SHOWN_LINES]) if len(of.lines) <= SHOWN_LINES else []
    rows = [
        {
            "candidate": c,
            "stock": [stock_cell(line, have) for line, have in zip(heads, c.available, strict=False)],
            "lines": lines_there(of, c),
            "share": c.load / c.capacity if c.capacity else None,
            "result": lost_because(of, c),
            "mark": mark(of, c),
        }
        for c in of.candidates
    ]
    priced = any(c.worth for c in of.candidates)
    return {"line_heads": heads, "candidates": rows, "many_lines": len(of.lines) > SHOWN_LINES, "priced": priced}


def stock_cell(line: LineFacts, have: int) -> tuple[int, bool]:
    return have, bool(line.open_qty) and have < line.open_qty


def lines_there(of: Explanation, candidate: Candidate) -> tuple[int, int]:
    """How many of the lines a warehouse has in full."""
    enough = [have >= line.qty for line, have in zip(of.lines, candidate.available, strict=True)]
    return sum(enough), len(enough)


def mark(of: Explanation, candidate: Candidate) -> tuple[str, str]:
    """The icon before the result: chosen, near miss, failed, not considered."""
    if candidate.chosen:
        return "check", "good"
    if not candidate.reason:
        return "circle", "mut"
    if candidate.reason in (Reason.PAUSED, Reason.EXCLUDED, Reason.NOT_COVERED, Reason.TOO_FAR):
        return "ban", "mut"
    near = candidate.reason == Reason.STOCK_SHORT and candidate.short_qty < of.open_qty
    return ("alert-circle", "warn") if near else ("x", "bad")


def place(row: Order) -> dict[str, Any]:
    code = code_of(row.region)
    return {
        "code": code or "",
        "name": full_name(code) if code else "",
        "known": row.address_state == AddressState.RESOLVED,
        "word": AddressState(row.address_state).label,
    }


def stock_table(of: Explanation, user: Any) -> dict[str, Any]:
    """What every warehouse has free of every line's SKU."""
    places: list[Warehouse] = list(visible_warehouses(user))
    skus = {line.sku_id for line in of.lines if line.sku_id}
    rows = Stock.objects.filter(sku_id__in=skus, warehouse__in=places)
    free = {(stock.sku_id, stock.warehouse_id): stock.available_qty for stock in rows}
    return {
        "places": places,
        "lines": [
            (line, [(have := free.get((line.sku_id or 0, at.pk), 0), have < line.qty) for at in places])
            for line in of.lines
        ],
    }


def next_step(allocation: Allocation) -> tuple[str, str]:
    """The name and the word of what a team would do next."""
    if allocation.frozen:
        return "", ""
    match allocation.state:
        case AllocationState.ASSIGNED:
            return "step", _("Accept")
        case AllocationState.ACCEPTED:
            return "step", _("Picked")
        case AllocationState.PICKED:
            return "step", _("Packed")
        case AllocationState.PACKED:
            return "ship", _("Ship…")
    return "", ""


def exceptions(order_id: int) -> list[OrderException]:
    found = OrderException.objects.filter(order_id=order_id, resolved_at=None).select_related("opened_by", "assignee")
    rows = list(found.order_by("id"))
    for row in rows:
        row.by_team = row.kind == ExceptionKind.INTERCEPT  # type: ignore[attr-defined]
    return rows
