"""The change log as a list: who changed what and when, before and after."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import ChangeLogEntry, User
from paidan.web import components
from paidan.web.lists import ChoiceFilter, Column, DayFilter, ListPage, PresetFilter, TextFilter

from .change_words import ShownChange, shown_changes
from .frame import settings_crumb

THINGS = (
    ("order", gettext_lazy("Orders"), ("order.", "orders.", "buyer.", "exceptions.", "intercept")),
    ("allocation", gettext_lazy("Allocations"), ("allocation.", "allocations.", "shortages.")),
    ("stock", gettext_lazy("Goods and stock"), ("sku.", "bundle.", "stock.", "shop_sku.", "file.")),
    ("network", gettext_lazy("Network"), ("warehouse.", "team.", "shop.", "promotion.", "freight.", "ratios.")),
    ("rules", gettext_lazy("Rules"), ("rules.",)),
    ("people", gettext_lazy("People"), ("user.", "token.", "password.", "session.")),
)


def shown(row: Any) -> ShownChange:
    found: ShownChange = row.shown
    return found


def what_cell(row: ChangeLogEntry, _now: datetime) -> object:
    return format_html('<b>{}</b> <span class="mut">{}</span>', shown(row).sentence, shown(row).words)


COLUMNS = (
    Column(
        "at",
        gettext_lazy("When"),
        lambda row, now: components.time(row.at, now=now),
        sort="at",
        export=lambda row: row.at,
        width="104px",
    ),
    Column(
        "by", gettext_lazy("Who"), lambda row, _now: shown(row).who, export=lambda row: shown(row).who, width="120px"
    ),
    Column(
        "what",
        gettext_lazy("What"),
        what_cell,
        export=lambda row: f"{shown(row).sentence} {shown(row).words}".strip(),
        title=lambda row: f"{shown(row).sentence}\n{shown(row).words}",
    ),
    Column(
        "address",
        gettext_lazy("From"),
        lambda row, _now: row.address or components.dash(),
        export=lambda row: row.address or "",
        width="120px",
        wide=True,
    ),
)


def people() -> list[tuple[int, str]]:
    return [(row.pk, row.display_name) for row in User.objects.order_by("username")]


def of_things(rows: QuerySet[ChangeLogEntry], keys: Sequence[str]) -> QuerySet[ChangeLogEntry]:
    """By the kinds' beginnings, each a range of the index on kinds."""
    found = rows.none()
    for key, _label, beginnings in THINGS:
        if key in keys:
            for beginning in beginnings:
                found = found | rows.filter(action__startswith=beginning)
    return found


class ChangeList(ListPage[ChangeLogEntry]):
    """Newest first."""

    key, namespace, heading, capability = "changes", "desk", gettext_lazy("Change log"), Capability.SEE_CHANGES
    columns = COLUMNS
    filters = (
        ChoiceFilter(key="by", label=gettext_lazy("Who"), field="by_id", choices=people, common=True),
        ChoiceFilter(
            key="thing",
            label=gettext_lazy("About"),
            choices=lambda: [(key, str(label)) for key, label, _beginnings in THINGS],
            narrow=of_things,
            integers=False,
            common=True,
        ),
        TextFilter(key="name", label=gettext_lazy("Name or number"), field="label", lookup="istartswith", common=True),
        DayFilter(key="at", label=gettext_lazy("Day"), field="at"),
        PresetFilter(
            key="since",
            label=gettext_lazy("Since"),
            presets=[
                ("1d", gettext_lazy("24 hours"), lambda rows, now: rows.filter(at__gte=now - timedelta(days=1))),
                ("7d", gettext_lazy("7 days"), lambda rows, now: rows.filter(at__gte=now - timedelta(days=7))),
            ],
        ),
    )
    default_sort = "-at"

    def rows(self, user: User) -> QuerySet[ChangeLogEntry]:  # noqa: ARG002 - whoever sees the log sees all of it
        return ChangeLogEntry.objects.all()

    def shown(self, rows: QuerySet[ChangeLogEntry]) -> QuerySet[ChangeLogEntry]:
        return rows.select_related("by")

    def decorate(self, rows: Sequence[ChangeLogEntry], user: User) -> None:  # noqa: ARG002
        for row, found in zip(rows, shown_changes(rows, timezone.now()), strict=True):
            row.shown = found  # type: ignore[attr-defined]

    def row_label(self, row: ChangeLogEntry) -> str:
        return shown(row).sentence

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"crumbs": settings_crumb()}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"title": _("Nothing was changed yet"), "sentence": "", "mark": "clipboard-list"}
