"""The addresses of a list page's batch actions: select → preview → apply chunk by chunk → result, undo.

A batch is a row, so that what was previewed is what is applied, any web process can do the next chunk, and stopping
half-way is simply not asking for the next one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.web.models import Batch
from paidan.web.pages import page
from paidan.web.replies import refused, toast, toasts_only

from .batch import Applied, BatchAction, Failure

MOST_ROWS = 200_000
"""More than anybody means to touch at once; a batch's ids are kept in its row."""
SHOWN_FAILURES = 200


class BatchViews:
    """Mixed into ListPage."""

    key: ClassVar[str]
    capability: ClassVar[str]
    actions: ClassVar[Sequence[BatchAction]]
    rows: Callable[[Any], QuerySet[Any]]
    selection: Callable[..., QuerySet[Any]]
    url: Callable[..., str]

    def batch_urls(self) -> list[URLPattern]:
        guard = page(self.capability, methods=("POST",))
        return [
            path("batch/<slug:action>/", guard(self.open_batch), name=f"{self.key}-batch"),
            path("batches/<uuid:batch>/preview/", guard(self.preview_batch), name=f"{self.key}-batch-preview"),
            path("batches/<uuid:batch>/apply/", guard(self.apply_batch), name=f"{self.key}-batch-apply"),
            path("batches/<uuid:batch>/undo/", guard(self.undo_batch), name=f"{self.key}-batch-undo"),
        ]

    def action_of(self, key: str) -> BatchAction:
        for action in self.actions:
            if action.key == key:
                return action
        raise Http404

    def open_batch(self, request: HttpRequest, action: str) -> HttpResponse:
        """Take the selection down and show the dialog, with its preview where no form stands before it."""
        chosen = self.action_of(action)
        if not cast(Any, request.user).can(chosen.capability):
            return refused(request)
        ids = self.selected_ids(request)
        if not ids:
            toast(request, _("Nothing is selected."), bad=True)
            return toasts_only(request)
        batch = Batch.objects.create(
            owner=cast(Any, request.user), page=self.key, action=action, created_at=timezone.now(), row_ids=ids
        )
        return self.dialog(request, batch, chosen, QueryDict())

    def selected_ids(self, request: HttpRequest) -> list[int]:
        """The ids ticked, or all rows the query matches; always only those within this user's scope."""
        if request.POST.get("all"):
            rows = self.selection(request.user, QueryDict(request.POST.get("query", "")), timezone.now())
        else:
            ticked = [int(word) for word in ",".join(request.POST.getlist("id")).split(",") if word.isdecimal()]
            rows = self.rows(request.user).filter(pk__in=[number for number in ticked if number < 2**63])
        return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_ROWS])

    def preview_batch(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """The dialog again, with the form as filled in."""
        found, action = self.own_batch(request, batch)
        if found.state not in (Batch.State.OPENED, Batch.State.PREVIEWED):
            return self.report(request, found, action)
        return self.dialog(request, found, action, request.POST)

    def dialog(self, request: HttpRequest, batch: Batch, action: BatchAction, given: QueryDict) -> HttpResponse:
        form = action.form(request.user, given or None)
        choices: dict[str, Any] | None = {}
        if form is not None:
            choices = plain(form.cleaned_data) if form.is_bound and form.is_valid() else None
        preview = None
        if choices is not None:
            preview = action.preview(request.user, batch.row_ids, choices, timezone.now())
        batch.choices = choices or {}
        batch.state = Batch.State.OPENED if preview is None else Batch.State.PREVIEWED
        batch.save(update_fields=["choices", "state"])
        context = {
            "page": self,
            "batch": batch,
            "action": action,
            "form": form,
            "preview": preview,
            "title": action.title(len(batch.row_ids)),
            "button": action.button(preview.can) if preview else "",
        }
        return render(request, "web/list/preview.html", context)

    def apply_batch(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """One chunk; the answer asks for the next one until all are tried or somebody stopped."""
        found, action = self.own_batch(request, batch)
        if found.state == Batch.State.OPENED:
            return self.dialog(request, found, action, request.POST)
        if found.state not in (Batch.State.PREVIEWED, Batch.State.APPLYING):
            return self.report(request, found, action)
        ids = self.claim_chunk(found, action)
        if ids:
            now = timezone.now()
            done = action.apply(request.user, ids, found.choices, now)
            until = now + timedelta(minutes=action.undo_minutes)
            found = self.note(found, done, until=until, stop=bool(request.POST.get("stop")))
        if found.state == Batch.State.APPLYING:
            return render(request, "web/list/applying.html", {"page": self, "batch": found, "action": action})
        return self.report(request, found, action)

    def claim_chunk(self, batch: Batch, action: BatchAction) -> list[int]:
        """The next ids, ours alone: of two clicks one moves the counter. No lock is held while they are applied,
        for an action may run a wave, which commits on its own."""
        first = batch.tried_n
        ids = list(batch.row_ids[first : first + action.chunk])
        mine = Batch.objects.filter(pk=batch.pk, tried_n=first).update(
            tried_n=first + len(ids), state=Batch.State.APPLYING
        )
        return ids if mine else []

    def note(self, batch: Batch, done: Applied, *, until: datetime, stop: bool) -> Batch:
        """Add a chunk's result."""
        with transaction.atomic():
            found = Batch.objects.select_for_update().get(pk=batch.pk)
            found.done_n += done.done
            found.failures = [*found.failures, *map(written, done.failures)]
            found.undo = [*found.undo, *done.undo]
            if stop or found.tried_n >= len(found.row_ids):
                found.state = Batch.State.APPLIED
            found.undo_until_at = until if found.undo else None
            found.save(update_fields=["done_n", "failures", "undo", "state", "undo_until_at"])  # not the ids again
        return found

    def report(self, request: HttpRequest, batch: Batch, action: BatchAction) -> HttpResponse:
        """A toast when all went well; else the dialog says which rows were refused and why."""
        undo = self.url("batch-undo", batch.pk) if can_undo(batch) else ""
        toast(request, action.result(batch.done_n, batch.choices), bad=not batch.done_n, undo=undo)
        context = {
            "page": self,
            "batch": batch,
            "action": action,
            "failures": batch.failures[:SHOWN_FAILURES],
            "out_of_band": True,
        }
        answer = render(request, "web/list/applied.html", context)
        answer["HX-Trigger"] = "paidan:applied"
        return answer

    def undo_batch(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """Take back what can still be taken back."""
        found, action = self.own_batch(request, batch)
        with transaction.atomic():
            found = Batch.objects.select_for_update().get(pk=found.pk)
            if not can_undo(found):
                toast(request, _("This can no longer be undone."), bad=True)
                return toasts_only(request)
            undone = action.undo(request.user, found.undo, found.choices, timezone.now())
            found.state, found.undo = Batch.State.UNDONE, []
            found.save(update_fields=["state", "undo"])
        if undone.failures:
            values = {"done": undone.done, "left": len(undone.failures), "reason": undone.failures[0].reason}
            toast(request, _("%(done)d undone, %(left)d not: %(reason)s") % values, bad=True)
        else:
            toast(request, _("%(done)d undone") % {"done": undone.done})
        return toasts_only(request, changed="paidan:applied")

    def own_batch(self, request: HttpRequest, batch: UUID) -> tuple[Batch, BatchAction]:
        """A batch is its owner's alone, and only as long as the owner may do what it does."""
        found = get_object_or_404(Batch, pk=batch, owner=cast(Any, request.user), page=self.key)
        action = self.action_of(found.action)
        if not cast(Any, request.user).can(action.capability):
            raise Http404
        return found, action


def can_undo(batch: Batch) -> bool:
    until = batch.undo_until_at
    return batch.state == Batch.State.APPLIED and bool(batch.undo) and until is not None and until > timezone.now()


def written(failure: Failure) -> dict[str, Any]:
    return {"id": failure.row_id, "label": failure.label, "reason": failure.reason}


def plain(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Cleaned form values as JSON can hold them: rows by id, moments in ISO 8601."""
    return {key: _plain(value) for key, value in cleaned.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, QuerySet | list | tuple | set):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
