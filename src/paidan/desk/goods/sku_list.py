"""The lists of SKUs and of bundles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import BundleComponent, Sku
from paidan.web import components, formats
from paidan.web.lists import (
    ChoiceFilter,
    Column,
    Filter,
    FlagFilter,
    ListPage,
    NumberFilter,
    NumbersFilter,
    TextFilter,
)

from .places import categories
from .reach import settings_crumbs, skus_named, visible_stock

BUNDLES = Exists(BundleComponent.objects.filter(bundle_id=OuterRef("pk")))
SHOWN_PARTS = 4


def code_cell(row: Sku, _now: datetime) -> SafeString:
    bundle = components.tag(_("bundle")) if getattr(row, "is_bundle", False) else ""
    return format_html('<a class="no" href="{}">{}</a>{}', reverse("desk:sku", args=[row.pk]), row.code, bundle)


def total(name: str) -> Any:
    return lambda row, _now: formats.count(getattr(row, "totals", {}).get(name, 0))


def exported(name: str) -> Any:
    return lambda row: getattr(row, "totals", {}).get(name, 0)


def parts_of(row: Sku) -> str:
    parts = [f"{part.component.code} × {part.qty}" for part in row.components.all()]
    return ", ".join(parts)


def parts_cell(row: Sku, _now: datetime) -> SafeString:
    parts = list(row.components.all())
    words = ", ".join(f"{part.component.code} × {part.qty}" for part in parts[:SHOWN_PARTS])
    return components.more(words, max(0, len(parts) - SHOWN_PARTS))


CODE = Column("code", gettext_lazy("SKU"), code_cell, sort="code", export=lambda row: row.code, width="190px")
NAME = Column(
    "name",
    gettext_lazy("Name"),
    lambda row, _now: row.name,
    export=lambda row: row.name,
    title=lambda row: row.name,
)
CATEGORY = Column(
    "category",
    gettext_lazy("Category"),
    lambda row, _now: row.category or components.dash(),
    export=lambda row: row.category,
    width="110px",
)


class SkuList(ListPage[Sku]):
    """All SKUs, with what the reader's warehouses have of them."""

    key, namespace, heading = "skus", "desk", gettext_lazy("SKUs")
    capability = Capability.SEE_NETWORK
    template = "desk/goods/list.html"
    default_sort = "code"
    topics = ("stock",)
    columns: ClassVar[Sequence[Column]] = (
        CODE,
        NAME,
        CATEGORY,
        Column(
            "tags", gettext_lazy("Tags"), lambda row, _now: components.tags(row.tags[:3]),
            export=lambda row: ", ".join(row.tags), title=lambda row: ", ".join(row.tags), width="120px",
        ),
        Column(
            "weight", gettext_lazy("Weight"), lambda row, _now: formats.weight(row.weight_g),
            export=lambda row: row.weight_g, number=True, width="80px",
        ),
        Column(
            "volume", gettext_lazy("Volume cm³"), lambda row, _now: formats.count(row.volume_cm3),
            export=lambda row: row.volume_cm3, number=True, width="96px", wide=True,
        ),
        Column(
            "on_hand", gettext_lazy("On hand"), total("on_hand"), export=exported("on_hand"),
            number=True, width="90px",
        ),
        Column(
            "reserved", gettext_lazy("Reserved"), total("reserved"), export=exported("reserved"),
            number=True, width="90px",
        ),
        Column("safety", gettext_lazy("Safety"), total("safety"), export=exported("safety"), number=True, width="90px"),
    )  # fmt: skip
    filters: ClassVar[Sequence[Filter]] = (
        TextFilter(
            key="sku",
            label=gettext_lazy("SKU"),
            narrow=lambda rows, words: rows.filter(pk__in=skus_named(words)),
            common=True,
        ),
        ChoiceFilter(key="category", label=gettext_lazy("Category"), choices=categories, integers=False, common=True),
        TextFilter(key="tag", label=gettext_lazy("Tag"), narrow=lambda rows, tag: rows.filter(tags__contains=[tag])),
        NumberFilter(key="weight", label=gettext_lazy("Weight"), field="weight_g", scale=1000, unit="kg"),
        FlagFilter(
            key="bundle",
            label=gettext_lazy("Bundle"),
            narrow=lambda rows, yes: rows.filter(BUNDLES) if yes else rows.exclude(BUNDLES),
        ),
        NumbersFilter(key="codes", label=gettext_lazy("Paste codes"), field="code"),
    )

    def rows(self, user: Any) -> QuerySet[Sku]:  # noqa: ARG002 - what is sold is the same everywhere
        return Sku.objects.all()

    def shown(self, rows: QuerySet[Sku]) -> QuerySet[Sku]:
        return rows.annotate(is_bundle=BUNDLES)

    def decorate(self, rows: Sequence[Sku], user: Any) -> None:
        """What the reader's warehouses have of each, in one query."""
        if not user.can(Capability.SEE_STOCK):
            return
        found = visible_stock(user).filter(sku_id__in=[row.pk for row in rows]).order_by().values("sku_id")
        sums = found.annotate(on_hand=Sum("on_hand_qty"), reserved=Sum("reserved_qty"), safety=Sum("safety_qty"))
        totals = {one["sku_id"]: one for one in sums}
        for row in rows:
            row.totals = totals.get(row.pk, {})  # type: ignore[attr-defined]

    def row_url(self, row: Sku) -> str:
        return reverse("desk:sku", args=[row.pk])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        may = request.user.can(Capability.CHANGE_NETWORK)  # type: ignore[union-attr]
        add = (reverse("desk:sku-new"), _("New SKU")) if may else None
        return {"crumbs": settings_crumbs(), "here": "skus", "add": add}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "title": _("No SKU yet"),
            "sentence": _("Import a file of SKUs, or add the first by hand."),
            "url": reverse("desk:imports"),
            "button": _("Import a file"),
            "mark": "package-off",
        }


class BundleList(SkuList):
    """The SKUs that are made of others, with their parts."""

    key, heading = "bundles", gettext_lazy("Bundles")
    columns = (
        CODE,
        NAME,
        CATEGORY,
        Column(
            "parts", gettext_lazy("Parts"), parts_cell, export=parts_of, title=parts_of, width="480px", width_en="480px"
        ),
    )  # fmt: skip
    filters = (
        *SkuList.filters[:3],
        TextFilter(
            key="part",
            label=gettext_lazy("Contains SKU"),
            narrow=lambda rows, words: rows.filter(components__component_id__in=skus_named(words)).distinct(),
            common=True,
        ),
    )

    def rows(self, user: Any) -> QuerySet[Sku]:  # noqa: ARG002
        return Sku.objects.filter(BUNDLES)

    def shown(self, rows: QuerySet[Sku]) -> QuerySet[Sku]:
        return rows.prefetch_related("components__component")

    def decorate(self, rows: Sequence[Sku], user: Any) -> None:
        """Parts come with the rows."""

    def row_url(self, row: Sku) -> str:
        return reverse("desk:sku", args=[row.pk])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        may = request.user.can(Capability.CHANGE_NETWORK)  # type: ignore[union-attr]
        add = (reverse("desk:bundle-new"), _("New bundle")) if may else None
        return {"crumbs": settings_crumbs(), "here": "bundles", "add": add}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "title": _("No bundles"),
            "sentence": _("A bundle is a SKU made of others; an order for it asks for its parts."),
        }
