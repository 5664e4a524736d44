"""The stock list: what every warehouse holds of every SKU, what is promised, and what is free."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import Sku
from paidan.orders.models import OrderException, OrderLine
from paidan.orders.states import ExceptionKind, OrderState
from paidan.stock.models import StockRow
from paidan.web import components, formats
from paidan.web.lists import ChoiceFilter, Column, ListPage, NumberFilter, Tab, TextFilter

from .places import categories, warehouses
from .reach import of_skus, settings_crumbs, visible_stock
from .stock_batch import AdjustMany

WAITING = (OrderState.UNALLOCATED, OrderState.PARTIAL)


def waited_for() -> Any:
    """The SKUs that stuck orders ask for."""
    return OrderLine.objects.filter(order__state__in=WAITING, sku__isnull=False).values("sku_id")


def short() -> Exists:
    """An open shortage of this very row; the exception is indexed, the quantities must not be (hot updates)."""
    found = OrderException.objects.filter(
        kind=ExceptionKind.SHORTAGE,
        resolved_at=None,
        order=None,
        sku_id=OuterRef("sku_id"),
        warehouse_id=OuterRef("warehouse_id"),
    )
    return Exists(found)


def sku_cell(row: StockRow, _now: datetime) -> SafeString:
    return format_html('<a class="no" href="{}">{}</a>', reverse("desk:sku", args=[row.sku_id]), row.sku.code)


def quantity(name: str) -> Any:
    return lambda row, _now: formats.count(getattr(row, name))


def reserved_cell(row: StockRow, _now: datetime) -> object:
    written = formats.count(row.reserved_qty)
    if row.reserved_qty > row.on_hand_qty:
        return format_html('<b class="bad" title="{}">{}</b>', _("more than is on hand"), written)
    return written


def free_cell(row: StockRow, _now: datetime) -> SafeString:
    style = "b" if row.available_qty else "mut"
    return format_html('<span class="{}">{}</span>', style, formats.count(row.available_qty))


def history_cell(row: StockRow, _now: datetime) -> SafeString:
    url = f"{reverse('desk:movements')}?sku={row.sku.code}&warehouse={row.warehouse_id}"
    return format_html('<a href="{}">{}</a>', url, _("History"))


class StockList(ListPage[StockRow]):
    """Every SKU in every warehouse within the reader's scope."""

    key, namespace, heading = "stock", "desk", gettext_lazy("Stock")
    capability = Capability.SEE_STOCK
    template = "desk/goods/list.html"
    default_sort = "pk"
    topics = ("stock",)
    columns = (
        Column("sku", gettext_lazy("SKU"), sku_cell, export=lambda row: row.sku.code, width="168px"),
        Column(
            "name",
            gettext_lazy("Name"),
            lambda row, _now: row.sku.name,
            export=lambda row: row.sku.name,
            title=lambda row: row.sku.name,
        ),
        Column(
            "warehouse",
            gettext_lazy("Warehouse"),
            lambda row, _now: row.warehouse,
            export=lambda row: row.warehouse.code,
            width="150px",
        ),
        Column(
            "on_hand", gettext_lazy("On hand"), quantity("on_hand_qty"), export=lambda row: row.on_hand_qty,
            number=True, width="96px",
        ),
        Column(
            "reserved", gettext_lazy("Reserved"), reserved_cell, export=lambda row: row.reserved_qty,
            number=True, width="96px",
        ),
        Column(
            "safety", gettext_lazy("Safety"), quantity("safety_qty"), export=lambda row: row.safety_qty,
            number=True, width="96px",
        ),
        Column(
            "available", gettext_lazy("Available"), free_cell, export=lambda row: row.available_qty,
            number=True, width="96px",
        ),
        Column(
            "changed", gettext_lazy("Changed"), lambda row, now: components.time(row.changed_at, now=now),
            export=lambda row: row.changed_at, width="104px",
        ),
        Column("history", gettext_lazy("History"), history_cell, width="84px"),
    )  # fmt: skip
    filters = (
        TextFilter(key="sku", label=gettext_lazy("SKU"), narrow=of_skus, common=True),
        ChoiceFilter(
            key="warehouse", label=gettext_lazy("Warehouse"), field="warehouse_id", choices=warehouses, common=True
        ),
        ChoiceFilter(
            key="category",
            label=gettext_lazy("Category"),
            choices=categories,
            integers=False,
            narrow=lambda rows, names: rows.filter(sku_id__in=Sku.objects.filter(category__in=names).values("id")),
            common=True,
        ),
        NumberFilter(key="on_hand", label=gettext_lazy("On hand"), field="on_hand_qty"),
        NumberFilter(key="reserved", label=gettext_lazy("Reserved"), field="reserved_qty"),
        NumberFilter(key="safety", label=gettext_lazy("Safety"), field="safety_qty"),
    )
    tabs = (
        Tab("all", gettext_lazy("All")),
        Tab("short", gettext_lazy("Less than reserved"), tone="bad"),
        Tab("none", gettext_lazy("Nothing available")),
        Tab("waited", gettext_lazy("Orders wait for it")),
    )
    actions = (AdjustMany(),)

    def rows(self, user: Any) -> QuerySet[StockRow]:
        return visible_stock(user)

    def of_tab(self, rows: QuerySet[StockRow], tab: str, now: datetime) -> QuerySet[StockRow]:  # noqa: ARG002
        match tab:
            case "short":
                return rows.filter(short())
            case "none":
                return rows.filter(on_hand_qty__lte=F("reserved_qty") + F("safety_qty"))
            case "waited":
                return rows.filter(sku_id__in=waited_for())
        return rows

    def tab_counts(self, user: Any, now: datetime) -> dict[str, int]:
        return {"short": self.of_tab(self.rows(user), "short", now).count()}

    def shown(self, rows: QuerySet[StockRow]) -> QuerySet[StockRow]:
        return rows.select_related("sku", "warehouse")

    def row_url(self, row: StockRow) -> str:
        return reverse("desk:sku", args=[row.sku_id])

    def row_label(self, row: StockRow) -> str:
        return f"{row.sku.code} · {row.warehouse}"

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"crumbs": settings_crumbs(), "here": "stock"}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "title": _("No stock yet"),
            "sentence": _("Import a file of counts, or open a SKU and enter what is there."),
            "url": reverse("desk:imports"),
            "button": _("Import a file"),
            "mark": "package-off",
        }
