"""The orders list: the clerk's desk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.web import components, formats
from paidan.web.lists import ActiveFilter, Column, ListPage, Tab
from paidan.web.lists.keyset import Sort

from .batch_assign import AllocateNow, Assign, ChangeCarrier
from .batch_state import Cancel, HoldOrders, MarkException, Merge, Release, Tag, Unmerge
from .filters import FILTERS
from .parcels import TOGETHER, judged_together, said_of
from .queries import COUNTED_UP_TO, counts_of_tabs, of_tab, visible_orders
from .regions import short_place
from .rows import add_facts, facts_of, shown_state

BY_DEADLINE = ("pending", "unallocated", "held", "allocated", "progress", "exception", "late")
"""Tabs of what is still to ship: the clerk works from the top. The others show the newest first."""


def due_cell(order: Order, now: datetime) -> SafeString:
    """The deadline while it counts; afterwards when the parcel left."""
    furthest = facts_of(order).furthest()
    if order.state == OrderState.FULFILLED:
        return components.deadline(
            order.ship_by_at, now=now, done=True, done_at=furthest.state_at if furthest else None
        )
    if order.state in (OrderState.CANCELLED, OrderState.MERGED):
        return components.dash()
    return components.deadline(order.ship_by_at, now=now)


def number_cell(order: Order, _now: datetime) -> SafeString:
    words = list(order.tags)
    remark = components.tag(_("remark")) if order.buyer_remark or order.seller_remark else ""
    url = reverse("desk:order", args=[order.pk])
    return format_html('<a class="no" href="{}">{}</a>{}{}', url, order.number, components.tags(words[:2]), remark)


def item_cell(order: Order, _now: datetime) -> SafeString:
    facts = facts_of(order)
    return components.more(facts.item, max(0, facts.lines - 1))


def state_cell(order: Order, _now: datetime) -> SafeString:
    style, word, why = shown_state(order)
    return components.state_dot(style, word, why)


def place_cell(order: Order, _now: datetime) -> SafeString:
    furthest = facts_of(order).furthest()
    if furthest is None:
        return components.dash()
    split = len(facts_of(order).allocations)
    if split > 1:
        return format_html("{}{}", furthest.warehouse, components.tag(_("split %(number)d") % {"number": split}))
    team = format_html(' <span class="mut">·</span> {}', furthest.team) if furthest.team else ""
    return format_html("{}{}", furthest.warehouse, team)


def place_words(order: Order) -> str:
    return "; ".join(
        " · ".join(map(str, filter(None, (row.warehouse, row.team)))) for row in facts_of(order).allocations
    )


def distance_cell(order: Order, _now: datetime) -> str:
    furthest = facts_of(order).furthest()
    return formats.kilometres(furthest.distance_m if furthest else None)


def rule_cell(order: Order, _now: datetime) -> object:
    furthest = facts_of(order).furthest()
    if furthest is None:
        return components.dash()
    return furthest.rule or _("by hand")


def remarks(order: Order) -> str:
    return " / ".join(filter(None, (order.buyer_remark, order.seller_remark)))


COLUMNS = (
    Column(
        "due",
        gettext_lazy("Ship by"),
        due_cell,
        sort="ship_by_at",
        export=lambda row: row.ship_by_at,
        width="124px",
        width_en="124px",
    ),
    Column(
        "number",
        gettext_lazy("Order"),
        number_cell,
        export=lambda row: row.number,
        title=lambda row: row.number,
        width="214px",
        width_en="214px",
    ),
    Column(
        "shop",
        gettext_lazy("Shop"),
        lambda row, _now: row.shop,
        export=lambda row: str(row.shop),
        title=lambda row: row.shop,
        width="104px",
    ),
    Column(
        "items",
        gettext_lazy("Items"),
        item_cell,
        export=lambda row: facts_of(row).item,
        title=lambda row: facts_of(row).item,
    ),
    Column(
        "pieces",
        gettext_lazy("Pcs"),
        lambda row, _now: formats.count(facts_of(row).pieces),
        export=lambda row: facts_of(row).pieces,
        number=True,
        width="44px",
    ),
    Column(
        "amount",
        gettext_lazy("Amount ¥"),
        lambda row, _now: formats.amount(row.amount_minor, row.currency),
        export=lambda row: row.amount_minor / 100,
        number=True,
        width="80px",
    ),
    Column(
        "place",
        gettext_lazy("Destination"),
        lambda row, _now: short_place(row.region) or components.dash(),
        export=lambda row: short_place(row.region),
        width="98px",
        width_en="104px",
    ),
    Column(
        "state",
        gettext_lazy("State"),
        state_cell,
        export=lambda row: " · ".join(str(word) for word in shown_state(row)[1:] if word),
        title=lambda row: " · ".join(str(word) for word in shown_state(row)[1:] if word),
        width="168px",
        width_en="190px",
    ),
    Column(
        "warehouse",
        gettext_lazy("Warehouse · team"),
        place_cell,
        export=place_words,
        title=place_words,
        width="150px",
    ),
    Column(
        "rule",
        gettext_lazy("Rule"),
        rule_cell,
        export=lambda row: str(rule_cell(row, row.received_at)) if facts_of(row).allocations else "",
        width="150px",
        wide=True,
    ),
    Column(
        "distance",
        gettext_lazy("km"),
        distance_cell,
        export=lambda row: (row.facts.furthest().distance_m or 0) / 1000 if row.facts.furthest() else None,
        number=True,
        width="56px",
    ),
    Column(
        "paid",
        gettext_lazy("Paid"),
        lambda row, now: components.time(row.paid_at, now=now),
        sort="paid_at",
        export=lambda row: row.paid_at,
        width="74px",
    ),
    Column(
        "remark",
        gettext_lazy("Remarks"),
        lambda row, _now: remarks(row),
        export=remarks,
        title=remarks,
        width="220px",
        wide=True,
    ),
    Column(
        "weight",
        gettext_lazy("Weight"),
        lambda row, _now: formats.weight(facts_of(row).weight_g),
        export=lambda row: facts_of(row).weight_g / 1000,
        number=True,
        width="76px",
        shown=False,
    ),
    Column(
        "freight",
        gettext_lazy("Freight ¥"),
        lambda row, _now: formats.amount(sum(part.freight_minor for part in facts_of(row).allocations) or None),
        export=lambda row: sum(part.freight_minor for part in facts_of(row).allocations) / 100,
        number=True,
        width="76px",
        shown=False,
    ),
    Column(
        "platform",
        gettext_lazy("Platform"),
        lambda row, _now: row.shop.platform,
        export=lambda row: row.shop.platform,
        width="88px",
        shown=False,
    ),
)

TABS = (
    Tab("all", gettext_lazy("All")),
    Tab("pending", gettext_lazy("Pending")),
    Tab("unallocated", gettext_lazy("Unallocated"), tone="bad"),
    Tab("held", gettext_lazy("Held")),
    Tab("allocated", gettext_lazy("Allocated")),
    Tab("progress", gettext_lazy("In progress")),
    Tab("shipped", gettext_lazy("Shipped")),
    Tab("exception", gettext_lazy("Exception"), tone="warn"),
    Tab("late", gettext_lazy("Overdue"), tone="bad", apart=True),
    Tab("due1", gettext_lazy("1 h"), tone="bad"),
    Tab("due2", gettext_lazy("2 h"), tone="bad"),
    Tab("due4", gettext_lazy("4 h"), tone="warn"),
    Tab("due8", gettext_lazy("8 h")),
    Tab("due24", gettext_lazy("24 h")),
)


def of_parcels(active: Sequence[ActiveFilter]) -> dict[str, Any]:
    """The values of the filters that are judged together."""
    return {one.filter.key: one.value for one in active if one.filter.key in TOGETHER}


class OrderList(ListPage[Order]):
    """All orders within the reader's scope."""

    key, namespace, heading, capability = "orders", "desk", gettext_lazy("Orders"), Capability.SEE_ORDERS
    columns, filters, tabs = COLUMNS, FILTERS, TABS
    actions = (
        AllocateNow(),
        Assign(),
        HoldOrders(),
        Release(),
        Tag(),
        ChangeCarrier(),
        MarkException(),
        Merge(),
        Unmerge(),
        Cancel(),
    )
    default_sort = "-paid_at"
    topics = ("orders",)

    def rows(self, user: User) -> QuerySet[Order]:
        return visible_orders(user)

    def of_tab(self, rows: QuerySet[Order], tab: str, now: datetime) -> QuerySet[Order]:
        return of_tab(rows, tab, now)

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:
        return counts_of_tabs(user, [tab.key for tab in self.tabs], now)

    def tabs_of(self, request: HttpRequest, here: str, now: datetime) -> list[dict[str, Any]]:
        found = super().tabs_of(request, here, now)
        for tab in found:
            tab["more"] = tab["count"] is not None and tab["count"] >= COUNTED_UP_TO
        return found

    def sort_of(self, query: QueryDict) -> Sort:
        """By deadline where one still counts. Of all orders ever the oldest deadline is of no interest, nor indexed."""
        counts = self.deadline_counts(query)
        if query.get("sort", "").lstrip("-") == ("" if counts else "ship_by_at") or "sort" not in query:
            return Sort("ship_by_at") if counts else Sort("paid_at", True)
        return super().sort_of(query)

    def deadline_counts(self, query: QueryDict) -> bool:
        tab = self.tab_of(query)
        return tab in BY_DEADLINE or tab.startswith("due")

    def head(self, column: Column, sort: Sort, query: QueryDict) -> dict[str, Any]:
        found = super().head(column, sort, query)
        if column.sort == "ship_by_at" and not self.deadline_counts(query):
            found["url"] = ""
        return found

    def shown(self, rows: QuerySet[Order]) -> QuerySet[Order]:
        return rows.select_related("shop")

    def decorate(self, rows: Sequence[Order], user: User) -> None:  # noqa: ARG002
        add_facts(rows)

    def row_url(self, row: Order) -> str:
        return reverse("desk:order", args=[row.pk])

    def row_label(self, row: Order) -> str:
        return row.number

    def narrowed(self, rows: QuerySet[Order], active: Sequence[ActiveFilter]) -> QuerySet[Order]:
        """What is asked of allocations must be true of one and the same."""
        others = [one for one in active if one.filter.key not in TOGETHER]
        return judged_together(super().narrowed(rows, others), of_parcels(active))

    def summary(self, rows: QuerySet[Order], active: Sequence[ActiveFilter]) -> str:
        total = rows.order_by().aggregate(total=Sum("amount_minor"))["total"] or 0
        said = [said_of(rows, of_parcels(active)), _("%(amount)s in all") % {"amount": formats.money(total)}]
        return " · ".join(filter(None, said))

    def empty(self, request: HttpRequest) -> dict[str, Any]:
        tab = request.GET.get("tab", "all")
        if tab in ("unallocated", "exception", "late", "held"):
            good = {
                "unallocated": _("No order is unallocated"),
                "exception": _("No exception is open"),
                "late": _("Nothing is overdue"),
                "held": _("No order is on hold"),
            }
            return {"title": good[tab], "sentence": "", "good": True, "mark": "circle-check"}
        if tab == "all":
            sentence = _("Import a file, or connect a shop, and they appear here.")
            return {"title": _("No orders yet"), "sentence": sentence, "mark": "file-import"}
        return {"title": _("No orders here"), "sentence": "", "mark": "circle-check", "good": True}
