"""What users keep of a list: exports, saved views, chosen columns, pasted numbers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.web.exports import download
from paidan.web.models import ChosenColumns, PastedNumbers, SavedView
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .columns import Column
from .filters import MOST_NUMBERS, split_numbers

MOST_EXPORTED = 1_000_000


class SavingViews:
    """Mixed into ListPage."""

    key: ClassVar[str]
    capability: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    url: Callable[..., str]
    selection: Callable[..., QuerySet[Any]]
    shown: Callable[[QuerySet[Any]], QuerySet[Any]]
    decorate: Callable[[Sequence[Any], Any], None]
    columns_of: Callable[[Any], list[Column]]

    def saving_urls(self) -> list[URLPattern]:
        guard = page(self.capability, methods=("POST",))
        return [
            path("views/", guard(self.save_view), name=f"{self.key}-views"),
            path("views/<int:view>/delete/", guard(self.delete_view), name=f"{self.key}-view-delete"),
            path("columns/", guard(self.choose_columns), name=f"{self.key}-columns"),
            path("paste/", guard(self.paste), name=f"{self.key}-paste"),
        ]

    def export(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """The filtered rows, all of them, as CSV or XLSX in the columns shown."""
        if kind not in ("csv", "xlsx"):
            raise Http404
        now = timezone.now()
        columns = [column for column in self.columns_of(request.user) if column.export]
        rows = self.selection(request.user, request.GET, now).order_by("pk")
        heads = [str(column.label) for column in columns]
        return download(kind, f"{self.key}-{stamp(now)}", heads, self._lines(rows, columns, request.user))

    def _lines(self, rows: QuerySet[Any], columns: list[Column], user: Any) -> Iterator[list[object]]:
        """Row by row, read in chunks by id, so that a million rows need no memory."""
        last, sent = 0, 0
        while sent < MOST_EXPORTED:
            chunk = list(self.shown(rows.filter(pk__gt=last))[:2_000])
            if not chunk:
                return
            self.decorate(chunk, user)
            for row in chunk:
                yield [column.export(row) if column.export else "" for column in columns]
            last, sent = chunk[-1].pk, sent + len(chunk)

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """Keep this filter under a name; the same name again replaces it."""
        name = request.POST.get("name", "").strip()[:60]
        if not name:
            toast(request, _("A view needs a name."), bad=True)
            return go(request, self.url() + "?" + request.POST.get("query", ""))
        query = request.POST.get("query", "")[:20_000]
        SavedView.objects.update_or_create(
            owner=cast(Any, request.user),
            page=self.key,
            name=name,
            defaults={"query": query, "shared": bool(request.POST.get("shared"))},
        )
        toast(request, _("View “%(name)s” saved") % {"name": name})
        return go(request, self.url() + "?" + query)

    def delete_view(self, request: HttpRequest, view: int) -> HttpResponse:
        """Only one's own."""
        found = get_object_or_404(SavedView, pk=view, owner=cast(Any, request.user), page=self.key)
        found.delete()
        toast(request, _("View “%(name)s” deleted") % {"name": found.name})
        return go(request, self.url())

    def choose_columns(self, request: HttpRequest) -> HttpResponse:
        """Show these columns from now on; none chosen means those shown at first."""
        known = {column.key for column in self.columns}
        chosen = [key for key in request.POST.getlist("column") if key in known]
        mine = ChosenColumns.objects.filter(owner=cast(Any, request.user), page=self.key)
        if chosen and not request.POST.get("reset"):
            mine.update_or_create(owner=cast(Any, request.user), page=self.key, defaults={"columns": chosen})
        else:
            mine.delete()
        return go(request, self.url() + "?" + request.POST.get("query", ""))

    def paste(self, request: HttpRequest) -> HttpResponse:
        """Keep a pasted list of numbers, too long for an address, and show what it finds."""
        key = request.POST.get("key", "")
        numbers = split_numbers(request.POST.get("numbers", ""))
        if not numbers:
            return go(request, self.url())
        if len(numbers) > MOST_NUMBERS:
            values = {"number": len(numbers), "most": MOST_NUMBERS}
            toast(request, _("%(number)d numbers pasted; the first %(most)d are shown.") % values, bad=True)
        kept = PastedNumbers.objects.create(owner=cast(Any, request.user), numbers=numbers[:MOST_NUMBERS])
        return go(request, f"{self.url()}?{key}=@{kept.pk}")


def stamp(now: datetime) -> str:
    return timezone.localtime(now).strftime("%Y%m%d-%H%M")
