"""The list of exceptions by kind: who looks after each, how it ended, and what settles it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.desk.teams.queues import why_intercepted
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind
from paidan.web import components, formats
from paidan.web.lists import ChoiceFilter, Column, ListPage, Tab

from .groups import kind_groups, visible_exceptions
from .remedies import people
from .settling import Confirm, EntrustExceptions, Refuse, Resolve, SendBack, label_of


def opened_cell(row: OrderException, now: datetime) -> object:
    return formats.span((row.resolved_at or now) - row.opened_at)


def order_cell(row: OrderException, _now: datetime) -> object:
    if row.order is None:
        return components.dash()
    url = reverse("desk:order", args=[row.order_id])
    return format_html('<a class="no" href="{}">{}</a>{}', url, row.order.number, components.tags(row.order.tags[:2]))


def what_words(row: OrderException) -> str:
    """What is known of it, in one line."""
    parts = []
    if row.sku is not None:
        parts.append(f"{row.sku.name or row.sku.code} · {row.warehouse}")
    if row.kind in (ExceptionKind.INTERCEPT, ExceptionKind.CHANGED_AFTER_SHIPPING):
        detail = row.detail or {}
        parts.append(str(why_intercepted({"causes": detail.get("causes", [detail.get("cause", "")])})))
    return _(", ").join(part for part in (*parts, row.note) if part)


def where_cell(row: OrderException, _now: datetime) -> object:
    found = row.allocation  # type: ignore[attr-defined]
    if found is None:
        return row.warehouse or components.dash()
    return format_html('{} <span class="mut">·</span> {}', found.warehouse, found.team or formats.DASH)


COLUMNS = (
    Column(
        "age",
        gettext_lazy("Open for"),
        opened_cell,
        sort="opened_at",
        export=lambda row: row.opened_at,
        number=True,
        width="96px",
    ),
    Column(
        "kind",
        gettext_lazy("Kind"),
        lambda row, _now: components.state_dot("exception", ExceptionKind(row.kind).label),
        export=lambda row: str(ExceptionKind(row.kind).label),
        width="116px",
        width_en="148px",
    ),
    Column(
        "order",
        gettext_lazy("Order"),
        order_cell,
        export=lambda row: row.order.number if row.order else "",
        width="206px",
    ),
    Column("what", gettext_lazy("What"), lambda row, _now: what_words(row), export=what_words, title=what_words),
    Column("where", gettext_lazy("Warehouse · team"), where_cell, width="170px"),
    Column(
        "by",
        gettext_lazy("Opened by"),
        lambda row, _now: row.opened_by.display_name if row.opened_by else _("the system"),
        export=lambda row: row.opened_by.display_name if row.opened_by else "",
        width="96px",
    ),
    Column(
        "caretaker",
        gettext_lazy("Caretaker"),
        lambda row, _now: row.assignee.display_name if row.assignee else components.dash(),
        export=lambda row: row.assignee.display_name if row.assignee else "",
        width="96px",
    ),
    Column(
        "resolution",
        gettext_lazy("How it ended"),
        lambda row, _now: row.resolution or components.dash(),
        export=lambda row: row.resolution,
        title=lambda row: row.resolution,
        width="180px",
        wide=True,
    ),
)


def of_assignees(rows: QuerySet[OrderException], ids: Sequence[int]) -> QuerySet[OrderException]:
    found = rows.filter(assignee_id__in=[key for key in ids if key])
    return found | rows.filter(assignee=None) if 0 in ids else found


FILTERS = (
    ChoiceFilter(
        key="kind",
        label=gettext_lazy("Kind"),
        choices=lambda: [(int(key), str(words)) for key, words in ExceptionKind.choices],
    ),
    ChoiceFilter(
        key="caretaker",
        label=gettext_lazy("Caretaker"),
        choices=lambda: [(0, str(_("nobody"))), *((person.pk, person.display_name) for person in people())],
        narrow=of_assignees,
        common=True,
    ),
)


class ExceptionList(ListPage[OrderException]):
    """Exceptions within the reader's scope; the open ones first."""

    key, namespace, heading, capability = "exceptions", "desk", gettext_lazy("Exceptions"), Capability.SEE_ORDERS
    columns, filters = COLUMNS, FILTERS
    actions = (Resolve(), EntrustExceptions(), Confirm(), Refuse(), SendBack())
    tabs = (Tab("open", gettext_lazy("Unresolved"), tone="warn"), Tab("settled", gettext_lazy("Settled")))
    default_sort, topics, template = "opened_at", ("orders", "stock"), "desk/attention/exceptions.html"

    def rows(self, user: User) -> QuerySet[OrderException]:
        return visible_exceptions(user)

    def of_tab(self, rows: QuerySet[OrderException], tab: str, now: datetime) -> QuerySet[OrderException]:  # noqa: ARG002
        return rows.filter(resolved_at__isnull=tab == "open")

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:  # noqa: ARG002
        return {"open": visible_exceptions(user).filter(resolved_at=None).count()}

    def shown(self, rows: QuerySet[OrderException]) -> QuerySet[OrderException]:
        return rows.select_related("order", "sku", "warehouse", "assignee", "opened_by")

    def decorate(self, rows: Sequence[OrderException], user: User) -> None:  # noqa: ARG002
        ids = [row.allocation_id for row in rows if row.allocation_id]
        found = Allocation.objects.select_related("warehouse", "team").in_bulk(ids)
        for row in rows:
            row.allocation = found.get(row.allocation_id or 0)  # type: ignore[attr-defined]

    def row_url(self, row: OrderException) -> str:
        return reverse("desk:order", args=[row.order_id]) if row.order_id else ""

    def row_label(self, row: OrderException) -> str:
        return label_of(row)

    def empty(self, request: HttpRequest) -> dict[str, Any]:
        if request.GET.get("tab") == "settled":
            return {"title": _("Nothing was settled yet"), "sentence": "", "mark": "circle-check"}
        sentence = _("What teams report and what the system finds appears here.")
        return {"title": _("No exception is open"), "sentence": sentence, "good": True, "mark": "circle-check"}

    def view(self, request: HttpRequest) -> HttpResponse:
        context = self.page_context(request)
        fragment = bool(request.headers.get("HX-Request"))
        answer = render(request, "desk/attention/exceptions_in.html" if fragment else self.template, context)
        patch_vary_headers(answer, ["HX-Request"])
        return answer

    def context(self, request: HttpRequest) -> dict[str, Any]:
        groups = kind_groups(request.user)  # type: ignore[arg-type]
        word = request.GET.get("kind", "")
        return {
            "groups": groups,
            "total_stuck": sum(group.number for group in groups),
            "oldest_at": min((group.oldest_at for group in groups if group.oldest_at), default=None),
            "kind": int(word) if word.isdecimal() else -1,
        }
