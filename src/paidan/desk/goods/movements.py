"""The movement history: what changed a quantity on hand, when, by whom and why."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.stock.models import MovementKind, StockMovement
from paidan.web import components, formats
from paidan.web.lists import ChoiceFilter, Column, DayFilter, ListPage, TextFilter

from .places import warehouses
from .reach import of_skus, settings_crumbs, visible_movements


def sku_cell(row: StockMovement, _now: datetime) -> SafeString:
    return format_html('<a class="no" href="{}">{}</a>', reverse("desk:sku", args=[row.sku_id]), row.sku.code)


def delta_cell(row: StockMovement, _now: datetime) -> SafeString:
    return components.delta(formats.change(row.delta_qty), better=None)


def who_cell(row: StockMovement, _now: datetime) -> object:
    return row.by.display_name if row.by else _("Paidan")


def why(row: StockMovement) -> str:
    if row.allocation_id:
        return _("allocation %(number)s") % {"number": row.allocation_id}
    return row.reason


class MovementList(ListPage[StockMovement]):
    """Every movement within the reader's scope, newest first."""

    key, namespace, heading = "movements", "desk", gettext_lazy("Stock movements")
    capability = Capability.SEE_STOCK
    template = "desk/goods/list.html"
    default_sort = "-id"
    topics = ("stock",)
    columns = (
        Column(
            "at", gettext_lazy("When"), lambda row, now: components.time(row.at, now=now),
            export=lambda row: row.at, width="104px",
        ),
        Column("sku", gettext_lazy("SKU"), sku_cell, export=lambda row: row.sku.code, width="168px"),
        Column(
            "warehouse", gettext_lazy("Warehouse"), lambda row, _now: row.warehouse,
            export=lambda row: row.warehouse.code, width="150px",
        ),
        Column(
            "kind", gettext_lazy("Kind"), lambda row, _now: components.begun(row.get_kind_display()),
            export=lambda row: row.get_kind_display(), width="104px",
        ),
        Column(
            "delta", gettext_lazy("Change"), delta_cell, export=lambda row: row.delta_qty, number=True, width="96px"
        ),
        Column(
            "after", gettext_lazy("On hand after"), lambda row, _now: formats.count(row.on_hand_qty),
            export=lambda row: row.on_hand_qty, number=True, width="120px",
        ),
        Column(
            "by", gettext_lazy("By"), who_cell, export=lambda row: row.by.display_name if row.by else "", width="132px"
        ),
        Column("why", gettext_lazy("Why"), lambda row, _now: why(row) or components.dash(), export=why, title=why),
    )  # fmt: skip
    filters = (
        TextFilter(key="sku", label=gettext_lazy("SKU"), narrow=of_skus, common=True),
        ChoiceFilter(
            key="warehouse", label=gettext_lazy("Warehouse"), field="warehouse_id", choices=warehouses, common=True
        ),
        ChoiceFilter(
            key="kind",
            label=gettext_lazy("Kind"),
            choices=lambda: [(kind.value, components.begun(kind.label)) for kind in MovementKind],
            common=True,
        ),
        DayFilter(key="at", label=gettext_lazy("When"), common=True),
    )

    def rows(self, user: Any) -> QuerySet[StockMovement]:
        return visible_movements(user)

    def shown(self, rows: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
        return rows.select_related("sku", "warehouse", "by")

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"crumbs": settings_crumbs(), "here": "movements"}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"title": _("Nothing has moved yet"), "sentence": _("Counts, adjustments and shipments stand here.")}
