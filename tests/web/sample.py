"""A list and a form as an app would write them, with a map of addresses of their own: what the toolkit's tests use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path, reverse
from tests.web.patterns import patterns, phone

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.config.urls import urlpatterns as product
from paidan.kit.errors import Refusal
from paidan.network.models import Shop
from paidan.network.scopes import scope_of
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.web import components, formats
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.lists import (
    Applied,
    BatchAction,
    Change,
    ChoiceFilter,
    Column,
    DayFilter,
    Failure,
    FlagFilter,
    ListPage,
    MoneyFilter,
    NumbersFilter,
    Preview,
    Refusals,
    Tab,
    TextFilter,
)
from paidan.web.pages import page


class RaisingForm(PaidanForm):
    by = forms.IntegerField(min_value=1, initial=1, label="Raise by")


class Raise(BatchAction):
    """Raise the priority of what is pending."""

    key, label, capability, shortcut = "raise", "Raise…", Capability.CHANGE_ORDERS, "R"
    form_class, chunk, primary = RaisingForm, 3, True

    def preview(self, user: Any, ids: Sequence[int], choices: Mapping[str, Any], now: datetime) -> Preview:  # noqa: ARG002
        can = Order.objects.filter(pk__in=ids, state=OrderState.PENDING).count()
        change = Change("Priority", "0", str(choices["by"]), formats.change(choices["by"]), better=True)
        cannot = [Refusals("Not pending", len(ids) - can, "Leave them")] if len(ids) > can else []
        return Preview(can, cannot, [change])

    def apply(self, user: Any, ids: Sequence[int], choices: Mapping[str, Any], now: datetime) -> Applied:  # noqa: ARG002
        rows = Order.objects.filter(pk__in=ids)
        can = [row.pk for row in rows if row.state == OrderState.PENDING]
        Order.objects.filter(pk__in=can).update(priority=choices["by"])
        failures = [Failure(row.pk, row.number, "Not pending") for row in rows if row.pk not in can]
        return Applied(len(can), failures, can)

    def undo(self, user: Any, items: Sequence[Any], choices: Mapping[str, Any], now: datetime) -> Applied:  # noqa: ARG002
        return Applied(Order.objects.filter(pk__in=items, priority=choices["by"]).update(priority=0))


class SampleList(ListPage[Order]):
    key, namespace, heading, capability = "orders", "sample", "Orders", Capability.SEE_ORDERS
    columns = (
        Column(
            "due",
            "Ship by",
            lambda row, now: components.deadline(row.ship_by_at, now=now),
            sort="ship_by_at",
            export=lambda row: row.ship_by_at,
            width="112px",
        ),
        Column("number", "Order", lambda row, _now: row.number, export=lambda row: row.number, width="222px"),
        Column("shop", "Shop", lambda row, _now: row.shop.name, export=lambda row: row.shop.name),
        Column(
            "amount",
            "Amount ¥",
            lambda row, _now: formats.amount(row.amount_minor),
            sort="amount_minor",
            export=lambda row: row.amount_minor / 100,
            number=True,
            width="90px",
        ),
        Column(
            "state",
            "State",
            lambda row, _now: components.state_dot(OrderState(row.state).code, row.get_state_display()),
            width="150px",
        ),
        Column(
            "remark", "Remark", lambda row, _now: row.buyer_remark, export=lambda row: row.buyer_remark, shown=False
        ),
    )
    filters = (
        ChoiceFilter(
            key="shop",
            label="Shop",
            field="shop_id",
            choices=lambda: Shop.objects.values_list("id", "name"),
            common=True,
        ),
        MoneyFilter(key="amount", label="Amount", field="amount_minor", common=True),
        DayFilter(key="paid", label="Paid", field="paid_at"),
        TextFilter(key="remark", label="Remark", field="buyer_remark"),
        FlagFilter(
            key="urgent", label="Urgent", narrow=lambda rows, value: rows.filter(priority__gt=0) if value else rows
        ),
        NumbersFilter(key="numbers", label="Paste numbers", field="number"),
    )
    tabs = (Tab("all", "All"), Tab("pending", "Pending"), Tab("unallocated", "Unallocated", tone="bad", apart=True))
    actions = (Raise(),)
    default_sort = "ship_by_at"
    topics = ("orders",)

    def rows(self, user: User) -> QuerySet[Order]:
        return Order.objects.filter(scope_of(user).condition(shop="shop_id"))

    def of_tab(self, rows: QuerySet[Order], tab: str, now: datetime) -> QuerySet[Order]:  # noqa: ARG002
        states = {"pending": OrderState.PENDING, "unallocated": OrderState.UNALLOCATED}
        return rows.filter(state=states[tab]) if tab in states else rows

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:  # noqa: ARG002
        return self.rows(user).aggregate(
            all=Count("id"),
            pending=Count("id", filter=Q(state=OrderState.PENDING)),
            unallocated=Count("id", filter=Q(state=OrderState.UNALLOCATED)),
        )

    def shown(self, rows: QuerySet[Order]) -> QuerySet[Order]:
        return rows.select_related("shop")

    def row_url(self, row: Order) -> str:
        return reverse("sample:order", args=[row.pk])

    def row_label(self, row: Order) -> str:
        return row.number


def within_scope(user: User, order_id: int) -> bool:
    return Order.objects.filter(scope_of(user).condition(shop="shop_id"), pk=order_id).exists()


@page(Capability.SEE_ORDERS, scope=within_scope)
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    row = get_object_or_404(Order, pk=order_id)
    return render(request, "web/search.html", {"heading": row.number, "crumbs": [("Orders", reverse("sample:orders"))]})


class NoteForm(PaidanForm):
    note = forms.CharField(label="Note", max_length=20)
    loud = forms.BooleanField(label="Loud", required=False)


@page(Capability.CHANGE_ORDERS, methods=("GET", "POST"), scope=within_scope)
def note(request: HttpRequest, order_id: int) -> HttpResponse:
    def save(form: NoteForm) -> str:
        if form.cleaned_data["note"] == "no":
            raise Refusal("note_refused", "%(word)s is no note.", pointer="note", word="no")
        Order.objects.filter(pk=order_id).update(seller_remark=form.cleaned_data["note"])
        return "Noted"

    return handle_form(request, NoteForm, save=save, to=reverse("sample:order", args=[order_id]), heading="Note")


sample = (
    [
        path("patterns/", patterns),
        path("phone/", phone),
        path("orders/", include(SampleList().urls())),
        path("orders/<int:order_id>/", order, name="order"),
        path("orders/<int:order_id>/note/", note, name="note"),
    ],
    "sample",
)

urlpatterns = [*product, path("sample/", include(sample))]
