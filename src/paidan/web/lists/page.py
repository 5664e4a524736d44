"""The list page itself: reads the address, asks for one page of rows, renders it whole or as a fragment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from paidan.web.models import ChosenColumns, SavedView
from paidan.web.pages import page

from .batch import BatchAction
from .columns import Column
from .filters import Filter, NumbersFilter
from .keyset import Page, Sort, page_of
from .running import BatchViews
from .saving import SavingViews

Row = TypeVar("Row", bound=Model)
Words = str | Promise
COUNTED = 50_000
"""Filtered rows are counted up to here; beyond it the foot says “more than”. A full count of millions takes seconds."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A standing choice of rows, counted whatever the filter. `tone` (bad, warn) colours a count above zero."""

    key: str
    label: Words
    tone: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    filter: Filter
    value: Any
    words: str
    url_without: str


class ListPage(BatchViews, SavingViews, Generic[Row]):
    """Subclass, declare, and put `*MyList().urls()` into the map of addresses. See docs/dev/pages.md."""

    key: ClassVar[str]
    """Names the page in addresses and saved views; also the view's name within the app's namespace."""
    namespace: ClassVar[str]
    heading: ClassVar[Words]
    capability: ClassVar[str]
    export_capability: ClassVar[str] = "export_files"
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    actions: ClassVar[Sequence[BatchAction]] = ()
    default_sort: ClassVar[str] = "-id"
    page_size: ClassVar[int] = 50
    topics: ClassVar[Sequence[str]] = ()
    template: ClassVar[str] = "web/list/page.html"

    # What a page says.

    def rows(self, user: Any) -> QuerySet[Row]:
        """All rows this user's scope reaches."""
        raise NotImplementedError

    def of_tab(self, rows: QuerySet[Row], tab: str, now: datetime) -> QuerySet[Row]:  # noqa: ARG002
        """The rows of a tab."""
        return rows

    def tab_counts(self, user: Any, now: datetime) -> Mapping[str, int]:  # noqa: ARG002
        """How many rows each tab has, in one query; a tab left out shows no number."""
        return {}

    def shown(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Add what the cells need (select_related, prefetch_related, annotations), for one page of rows."""
        return rows

    def decorate(self, rows: Sequence[Row], user: Any) -> None:
        """Look up, for all rows of a page at once, what cells need and a query set cannot bring."""

    def row_url(self, row: Row) -> str:  # noqa: ARG002
        return ""

    def row_label(self, row: Row) -> str:
        """What a screen reader and a batch's report call the row."""
        return str(row)

    def row_tone(self, row: Row) -> str:  # noqa: ARG002
        return ""

    def summary(self, rows: QuerySet[Row], active: Sequence[ActiveFilter]) -> str:  # noqa: ARG002
        """Sums of the rows left by the active filters, for the foot, beside their number."""
        return ""

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Whatever else the template needs."""
        return {}

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """The empty state when there is nothing at all: title, sentence, url, button, mark, good."""
        return {}

    # What follows from it.

    @property
    def has_menu(self) -> bool:
        """Whether some actions stand behind the three dots."""
        return any(action.in_menu for action in self.actions)

    def urls(self) -> list[URLPattern]:
        """The page, its exports, its batches, its saved views and columns, each guarded."""
        look = page(self.capability)
        return [
            path("", look(self.view), name=self.key),
            path("export.<str:kind>", page(self.export_capability)(look(self.export)), name=f"{self.key}-export"),
            *self.batch_urls(),
            *self.saving_urls(),
        ]

    def url(self, name: str = "", *arguments: Any) -> str:
        return reverse(f"{self.namespace}:{self.key}{'-' + name if name else ''}", args=arguments)

    def view(self, request: HttpRequest) -> HttpResponse:
        """The page, or what stands in its main part where htmx or a live update asks."""
        context = self.page_context(request)
        fragment = bool(request.headers.get("HX-Request"))
        answer = render(request, "web/list/content.html" if fragment else self.template, context)
        patch_vary_headers(answer, ["HX-Request"])
        return answer

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        now, user, query = timezone.now(), request.user, request.GET
        tab = self.tab_of(query)
        sort = self.sort_of(query)
        active = self.active_filters(query)
        rows = self.narrowed(self.of_tab(self.rows(user), tab, now), active)
        found: Page[Row] = page_of(
            self.shown(rows), sort, size=self.page_size, after=query.get("after", ""), before=query.get("before", "")
        )
        self.decorate(found.rows, user)
        columns = self.columns_of(user)
        total = count_up_to(rows, COUNTED)
        return {
            "page": self,
            "heading": self.heading,
            "live_topics": self.topics,
            "columns": [self.head(column, sort, query) for column in columns],
            "rows": [self.line(row, columns, now) for row in found.rows],
            "cursors": found,
            "total": total,
            "more_than_counted": total >= COUNTED,
            "sums": self.summary(rows, active) if total < COUNTED else "",
            "tabs": self.tabs_of(request, tab, now),
            "active": active,
            "offered": self.offered_filters(query, active),
            "all_columns": [(column, column in columns) for column in self.columns],
            "views": self.views_of(user),
            "actions": [action for action in self.actions if user.can(action.capability)],  # type: ignore[union-attr]
            "may_export": user.can(self.export_capability),  # type: ignore[union-attr]
            "sort": sort,
            "query": without(query, "after", "before").urlencode(),
            "hints": self.hints(request, tab, active, now) if not found.rows else {},
            **self.context(request),
        }

    def line(self, row: Row, columns: Sequence[Column], now: datetime) -> dict[str, Any]:
        return {
            "id": row.pk,
            "url": self.row_url(row),
            "label": self.row_label(row),
            "tone": self.row_tone(row),
            "cells": mark_safe("".join(cell_html(column, row, now) for column in columns)),
        }

    def head(self, column: Column, sort: Sort, query: QueryDict) -> dict[str, Any]:
        here = bool(column.sort) and column.sort == sort.field
        turned = f"-{column.sort}" if here and not sort.descending else column.sort
        return {
            "column": column,
            "here": here,
            "descending": sort.descending,
            "url": changed_query(query, sort=turned, after="", before="") if column.sort else "",
        }

    def tab_of(self, query: QueryDict) -> str:
        keys = [tab.key for tab in self.tabs]
        wanted = query.get("tab", "")
        return wanted if wanted in keys else next(iter(keys), "")

    def sort_of(self, query: QueryDict) -> Sort:
        word = query.get("sort", "")
        allowed = {column.sort for column in self.columns if column.sort} | {self.default_sort.lstrip("-")}
        if word.lstrip("-") not in allowed:
            word = self.default_sort
        field = word.lstrip("-")
        return Sort("" if field in ("id", "pk") else field, word.startswith("-"))

    def active_filters(self, query: QueryDict) -> list[ActiveFilter]:
        active = []
        for filter_ in self.filters:
            value = filter_.read(query)
            if value is not None:
                url = changed_query(query, **dict.fromkeys((*filter_.keys(), "after", "before"), ""))
                active.append(ActiveFilter(filter_, value, filter_.words(value), url))
        return active

    def narrowed(self, rows: QuerySet[Row], active: Sequence[ActiveFilter]) -> QuerySet[Row]:
        for one in active:
            rows = one.filter.apply(rows, one.value)
        return rows

    def selection(self, user: Any, query: QueryDict, now: datetime) -> QuerySet[Row]:
        """All rows a query matches: what “select all matching” means."""
        return self.narrowed(self.of_tab(self.rows(user), self.tab_of(query), now), self.active_filters(query))

    def offered_filters(self, query: QueryDict, active: Sequence[ActiveFilter]) -> dict[str, list[Any]]:
        taken = {one.filter.key for one in active}
        forms = [(filter_, filter_.raw(query)) for filter_ in self.filters if filter_.key not in taken]
        return {
            "bar": [form for form in forms if form[0].common and not isinstance(form[0], NumbersFilter)],
            "more": [form for form in forms if not form[0].common and not isinstance(form[0], NumbersFilter)],
            "paste": [form for form in forms if isinstance(form[0], NumbersFilter)],
        }

    def tabs_of(self, request: HttpRequest, here: str, now: datetime) -> list[dict[str, Any]]:
        counts = self.tab_counts(request.user, now) if self.tabs else {}
        return [
            {
                "key": tab.key,
                "label": tab.label,
                "tone": tab.tone,
                "apart": tab.apart,
                "here": tab.key == here,
                "count": counts.get(tab.key),
                "url": changed_query(request.GET, tab=tab.key, after="", before=""),
            }
            for tab in self.tabs
        ]

    def columns_of(self, user: Any) -> list[Column]:
        """The columns this user chose, else those shown at first."""
        chosen = ChosenColumns.objects.filter(owner=user, page=self.key).first()
        if chosen is None:
            return [column for column in self.columns if column.shown]
        return [column for column in self.columns if column.key in set(chosen.columns)] or list(self.columns)

    def views_of(self, user: Any) -> list[SavedView]:
        return list(SavedView.objects.filter(page=self.key).filter(mine_or_shared(user)).order_by("name", "id"))

    def hints(self, request: HttpRequest, tab: str, active: Sequence[ActiveFilter], now: datetime) -> dict[str, Any]:
        """What to drop so that there are rows: the filter whose absence brings most."""
        if not active:
            return {"nothing": self.empty(request)}
        rows = self.of_tab(self.rows(request.user), tab, now)
        options = [
            (count_up_to(self.narrowed(rows, [other for other in active if other is not one]), 1_000), one)
            for one in active
        ]
        best = max(options, key=lambda option: option[0])
        return {"drop": best[1], "then": best[0]}


def cell_html(column: Column, row: Any, now: datetime) -> str:
    """One cell. Made here and not by a template's loop, which took most of a page's time."""
    style = f' class="{column.style}"' if column.style else ""
    title: Any = column.title(row) if column.title else ""
    value: Any = column.cell(row, now)
    hint = f' title="{conditional_escape(title)}"' if title else ""
    return f"<td{style}{hint}>{conditional_escape(value)}</td>"


def mine_or_shared(user: Any) -> Any:
    from django.db.models import Q

    return Q(owner=user) | Q(shared=True)


def count_up_to(rows: QuerySet[Any], limit: int) -> int:
    """How many rows, but never counting further than `limit`."""
    return rows.order_by().values("pk")[:limit].count()


def without(query: QueryDict, *keys: str) -> QueryDict:
    rest = query.copy()
    for key in keys:
        rest.pop(key, None)
    return rest


def changed_query(query: QueryDict, **changes: str) -> str:
    """The query with some values set, or taken out where empty."""
    rest = without(query, *changes)
    for key, value in changes.items():
        if value:
            rest[key] = value
    return "?" + rest.urlencode()
