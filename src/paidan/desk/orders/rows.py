"""What a page of the orders list shows beside the orders themselves, looked up for all of them at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.allocation.hold_sentences import HOLD_WORDS
from paidan.allocation.models import Allocation
from paidan.allocation.states import COUNTED, STARTED, AllocationState
from paidan.engine.codes import Reason
from paidan.orders.models import Hold, Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.models import Rule

BY_RULE = "rule:"

_LINES = """
SELECT l.order_id, count(*), sum(l.qty - l.cancelled_qty)::integer,
       (array_agg(coalesce(nullif(s.name, ''), s.code, l.shop_code) ORDER BY l.position))[1],
       sum((l.qty - l.cancelled_qty)::bigint * coalesce(s.weight_g, 0))::bigint
FROM orders_orderline l LEFT JOIN catalog_sku s ON s.id = l.sku_id WHERE l.order_id = ANY(%s) GROUP BY l.order_id
"""

REASON_WORDS: dict[int, str | Promise] = {
    Reason.STOCK_SHORT: _("stock short"),
    Reason.PAUSED: _("warehouse paused"),
    Reason.NOT_COVERED: _("region not covered"),
    Reason.TOO_FAR: _("too far"),
    Reason.TOO_LATE: _("too late"),
    Reason.WAREHOUSE_FULL: _("warehouse full"),
    Reason.TEAM_FULL: _("team full"),
    Reason.EXCLUDED: _("excluded by the rule"),
    Reason.NO_TEAM: _("no team for it"),
    Reason.NO_RULE: _("no rule matches"),
    Reason.ADDRESS_UNRESOLVED: _("address unresolved"),
    Reason.UNKNOWN_SKU: _("unknown SKU"),
    Reason.HELD: _("held"),
}


@dataclass(slots=True)
class RowFacts:
    """Everything cells say about one order that is not in its row."""

    item: str = ""
    lines: int = 0
    pieces: int = 0
    weight_g: int = 0
    hold: str = ""
    hold_words: object = ""
    problem: int | None = None
    allocations: list[Allocation] = field(default_factory=list)

    def furthest(self) -> Allocation | None:
        """The allocation that tells most: the one furthest on its way."""
        return max(self.allocations, key=lambda row: row.state, default=None)


def add_facts(orders: Sequence[Order]) -> None:
    """Give each order of a page its `facts`, in four queries."""
    facts = {order.pk: RowFacts() for order in orders}
    ids = list(facts)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [ids])
        for key, lines, pieces, item, weight in cursor.fetchall():
            row = facts[key]
            row.lines, row.pieces, row.item, row.weight_g = lines, pieces, item or "", weight
    for key, reason in Hold.objects.filter(order_id__in=ids, released_at=None).values_list("order_id", "reason"):
        facts[key].hold = reason
    named = rule_names(row.hold for row in facts.values())
    for row in facts.values():
        row.hold_words = hold_words(row.hold, named)
    problems = OrderException.objects.filter(order_id__in=ids, resolved_at=None).values_list("order_id", "kind")
    for key, kind in problems:
        facts[key].problem = kind
    live = Allocation.objects.filter(order_id__in=ids, state__in=COUNTED).select_related("warehouse", "team", "rule")
    for allocation in live.order_by("id"):
        facts[allocation.order_id].allocations.append(allocation)
    for order in orders:
        order.facts = facts[order.pk]  # type: ignore[attr-defined]


def facts_of(order: Any) -> RowFacts:
    found: RowFacts = order.facts
    return found


def shown_state(order: Order) -> tuple[str, object, object]:
    """The state as people say it: its style, its word, and why: exception before hold before the rest."""
    facts = facts_of(order)
    furthest = facts.furthest()
    if facts.problem is not None:
        return "exception", _("exception"), ExceptionKind(facts.problem).label
    if facts.hold:
        return "held", _("held"), facts.hold_words
    if order.state in (OrderState.UNALLOCATED, OrderState.PARTIAL):
        return OrderState(order.state).code, OrderState(order.state).label, REASON_WORDS.get(order.reason, "")
    if order.state == OrderState.FULFILLED:
        return "shipped", AllocationState.SHIPPED.label, ""
    if order.state == OrderState.ALLOCATED and furthest is not None and furthest.state in STARTED:
        return AllocationState(furthest.state).code, AllocationState(furthest.state).label, ""
    return OrderState(order.state).code, OrderState(order.state).label, ""


def hold_words(reason: str, named: Mapping[str, str]) -> object:
    """A hold's reason for people; a rule's hold names the rule."""
    if reason.startswith(BY_RULE):
        code = reason.removeprefix(BY_RULE)
        return named.get(code, code)
    return HOLD_WORDS.get(reason, reason)


def rule_names(reasons: Iterable[str]) -> dict[str, str]:
    """The names of the rules that hold orders, as their newest versions call them."""
    codes = {reason.removeprefix(BY_RULE) for reason in reasons if reason.startswith(BY_RULE)}
    rows = Rule.objects.filter(code__in=codes or [""]).order_by("version_id")
    return {rule.code: str(rule) for rule in rows}
