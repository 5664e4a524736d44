"""The list of unallocated orders, by reason, with the ways out for all of a reason above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.orders.filters import in_regions, shops, with_sku
from paidan.desk.orders.list import due_cell, item_cell, number_cell, state_cell
from paidan.desk.orders.queries import due_within
from paidan.desk.orders.regions import region_choices, short_place
from paidan.desk.orders.rows import REASON_WORDS, add_facts, facts_of, shown_state
from paidan.engine.codes import Reason
from paidan.orders.models import Caretaker, Order, OrderLine
from paidan.web import components, formats
from paidan.web.lists import ChoiceFilter, Column, ListPage, PresetFilter, TextFilter
from paidan.web.lists.batch import BatchAction
from paidan.web.pages import page

from .groups import missing_goods, places, reason_groups, stuck_orders, unmapped_codes
from .remedies import ACTIONS, OF_REASON, GiveBack, Once, people

MOST_FORESEEN = 300
"""The ways out are foreseen for so many orders of a group, the most urgent first."""
GOODS = (Reason.STOCK_SHORT, Reason.TOO_FAR, Reason.NOT_COVERED)


def waited_cell(order: Order, now: datetime) -> str:
    return formats.span(now - order.received_at)


def caretaker_cell(order: Order, _now: datetime) -> object:
    person = order.care  # type: ignore[attr-defined]
    return person.display_name if person else components.dash()


def why_cell(order: Order, now: datetime) -> SafeString:
    return state_cell(order, now)


COLUMNS = (
    Column(
        "due",
        gettext_lazy("Ship by"),
        due_cell,
        sort="ship_by_at",
        export=lambda row: row.ship_by_at,
        width="134px",
        width_en="138px",
    ),
    Column(
        "number",
        gettext_lazy("Order"),
        number_cell,
        export=lambda row: row.number,
        title=lambda row: row.number,
        width="206px",
    ),
    Column("shop", gettext_lazy("Shop"), lambda row, _now: row.shop, export=lambda row: str(row.shop), width="104px"),
    Column(
        "items",
        gettext_lazy("Items"),
        item_cell,
        export=lambda row: facts_of(row).item,
        title=lambda row: facts_of(row).item,
    ),
    Column(
        "place",
        gettext_lazy("Destination"),
        lambda row, _now: short_place(row.region) or components.dash(),
        export=lambda row: short_place(row.region),
        width="98px",
    ),
    Column(
        "why",
        gettext_lazy("Why"),
        why_cell,
        export=lambda row: " · ".join(str(word) for word in shown_state(row)[1:] if word),
        width="168px",
        width_en="190px",
    ),
    Column("waited", gettext_lazy("Waited"), waited_cell, number=True, width="84px", width_en="92px"),
    Column("caretaker", gettext_lazy("Caretaker"), caretaker_cell, width="84px", width_en="96px"),
)


def caretakers() -> list[tuple[int, str]]:
    return [(0, str(_("nobody"))), *((person.pk, person.display_name) for person in people())]


def of_caretakers(rows: QuerySet[Order], ids: Sequence[int]) -> QuerySet[Order]:
    looked_after = Caretaker.objects.filter(user_id__in=[key for key in ids if key])
    found = rows.filter(pk__in=looked_after.values("order_id"))
    return found | rows.exclude(pk__in=Caretaker.objects.values("order_id")) if 0 in ids else found


def with_code(rows: QuerySet[Order], code: str) -> QuerySet[Order]:
    return rows.filter(pk__in=OrderLine.objects.filter(sku=None, shop_code=code).values("order_id"))


FILTERS = (
    ChoiceFilter(
        key="reason",
        label=gettext_lazy("Reason"),
        field="reason",
        choices=lambda: [(int(key), str(words)) for key, words in REASON_WORDS.items()],
    ),
    TextFilter(key="sku", label=gettext_lazy("SKU"), narrow=with_sku, common=True),
    TextFilter(key="code", label=gettext_lazy("Shop's code"), narrow=with_code),
    ChoiceFilter(key="shop", label=gettext_lazy("Shop"), field="shop_id", choices=shops, common=True),
    ChoiceFilter(key="region", label=gettext_lazy("Region"), choices=region_choices, narrow=in_regions, common=True),
    PresetFilter(
        key="due",
        label=gettext_lazy("Due"),
        presets=[
            ("late", gettext_lazy("overdue"), lambda rows, now: rows.filter(ship_by_at__lt=now)),
            ("4h", gettext_lazy("within 4 h"), lambda rows, now: rows.filter(due_within(4, now))),
            ("24h", gettext_lazy("within 24 h"), lambda rows, now: rows.filter(due_within(24, now))),
        ],
    ),
    ChoiceFilter(key="caretaker", label=gettext_lazy("Caretaker"), choices=caretakers, narrow=of_caretakers),
)


class StuckList(ListPage[Order]):
    """Unallocated orders within the reader's scope."""

    key, namespace, heading, capability = "stuck", "desk", gettext_lazy("Unallocated"), Capability.SEE_ORDERS
    columns, filters, actions = COLUMNS, FILTERS, ACTIONS
    default_sort, topics, template = "ship_by_at", ("orders", "stock", "network"), "desk/attention/stuck.html"

    def urls(self) -> list[URLPattern]:
        look = page(self.capability)
        return [path("remedies/", look(self.remedies), name="stuck-remedies"), *super().urls()]

    def rows(self, user: User) -> QuerySet[Order]:
        return stuck_orders(user)

    def shown(self, rows: QuerySet[Order]) -> QuerySet[Order]:
        return rows.select_related("shop")

    def decorate(self, rows: Sequence[Order], user: User) -> None:  # noqa: ARG002
        add_facts(rows)
        care = Caretaker.objects.filter(order_id__in=[row.pk for row in rows]).select_related("user")
        found = {one.order_id: one.user for one in care}
        for row in rows:
            row.care = found.get(row.pk)  # type: ignore[attr-defined]

    def row_url(self, row: Order) -> str:
        return reverse("desk:order", args=[row.pk])

    def row_label(self, row: Order) -> str:
        return row.number

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        sentence = _("Every order that could be tried has a warehouse and a team.")
        return {"title": _("No order is unallocated"), "sentence": sentence, "good": True, "mark": "circle-check"}

    def view(self, request: HttpRequest) -> HttpResponse:
        """The page; a fragment brings the groups and the goods too."""
        context = self.page_context(request)
        fragment = bool(request.headers.get("HX-Request"))
        answer = render(request, "desk/attention/stuck_in.html" if fragment else self.template, context)
        patch_vary_headers(answer, ["HX-Request"])
        return answer

    def context(self, request: HttpRequest) -> dict[str, Any]:
        groups, user = reason_groups(request.user), request.user  # type: ignore[arg-type]
        reason = chosen_reason(request)
        rows = self.selection(user, request.GET, timezone.now())
        warehouses = places(user) if reason in GOODS else []  # type: ignore[arg-type]
        return {
            "groups": groups,
            "total_stuck": sum(group.number for group in groups),
            "oldest_at": min((group.oldest_at for group in groups if group.oldest_at), default=None),
            "reason": reason,
            "reason_words": REASON_WORDS.get(reason, ""),
            "reason_number": next((group.number for group in groups if group.key == reason), 0),
            "warehouses": warehouses,
            "goods": missing_goods(rows, warehouses) if warehouses else [],
            "codes": unmapped_codes(rows) if reason == Reason.UNKNOWN_SKU else [],
            "may_map": user.can(Capability.CHANGE_ORDERS),  # type: ignore[union-attr]
            "one_by_one": reason == Reason.ADDRESS_UNRESOLVED,
        }

    def remedies(self, request: HttpRequest) -> HttpResponse:
        """The ways out of what is chosen, each foreseen; asked for when the page stands, for it takes a moment."""
        user, now = request.user, timezone.now()
        rows = self.selection(user, request.GET, now)
        ids = list(rows.order_by("ship_by_at", "pk").values_list("pk", flat=True)[: MOST_FORESEEN + 1])
        offered = {one.key: one for one in self.actions if user.can(one.capability)}  # type: ignore[union-attr]
        actions = [offered[key] for key in OF_REASON.get(chosen_reason(request), ()) if key in offered]
        found = [way_of(action, user, ids[:MOST_FORESEEN], now) for action in actions] if ids else []
        ways = [way for way in found if way.can or not isinstance(way.action, Once | GiveBack)]
        ways.sort(key=lambda way: -1 if way.can is None else way.can, reverse=True)
        context = {"ways": ways, "looked_at": MOST_FORESEEN, "more": len(ids) > MOST_FORESEEN}
        return render(request, "desk/attention/remedies.html", context)


@dataclass(frozen=True, slots=True)
class Way:
    """One remedy for all that is chosen, and what it would come to; `can` None = it asks something first."""

    action: BatchAction
    can: int | None
    cannot: int = 0
    freight: str = ""
    distance: str = ""
    late: str = ""

    @property
    def label(self) -> str:
        return str(self.action.label).rstrip("…")


def way_of(action: BatchAction, user: Any, ids: Sequence[int], now: datetime) -> Way:
    """Foresee a remedy; those that ask something first (where to, how long) are left to their dialogs."""
    if action.form(user) is not None:
        return Way(action, None)
    foreseen = action.preview(user, ids, {}, now)
    after = {str(change.what): change.after for change in foreseen.changes}
    figures = (after.get(_(what), "") for what in ("Freight", "Average distance", "Late parcels"))
    return Way(action, foreseen.can, foreseen.cannot_number, *figures)


def chosen_reason(request: HttpRequest) -> int:
    """The group the address names, 0 = all."""
    word = request.GET.get("reason", "")
    return int(word) if word.isdecimal() and int(word) in REASON_WORDS else 0
