"""Bringing an uploaded file in: taken by a worker, its progress and result kept in its row."""

import io
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.desk.goods.reach import limited_to
from paidan.desk.imports import Limits, import_file
from paidan.kit.errors import Refusal
from paidan.kit.tables.report import ImportReport
from paidan.network.models import Warehouse
from paidan.network.scopes import scope_of, visible_shops
from paidan.web.live import note_change
from paidan.web.models import Upload, UploadContent

from .reading import LIMITED_KINDS, kinds_for

BUSY = (Upload.State.CHECKING, Upload.State.IMPORTING)
STARTABLE = (Upload.State.DRAFT, Upload.State.CHECKED, Upload.State.FAILED)


def start(upload: Upload, *, dry_run: bool) -> bool:
    """Hand a file to a worker, once: of two clicks one finds it startable."""
    from .jobs import run_import

    state = Upload.State.CHECKING if dry_run else Upload.State.IMPORTING
    with transaction.atomic():
        found = Upload.objects.filter(pk=upload.pk, state__in=STARTABLE)
        mine = found.update(state=state, done_n=0, total_n=0, problem="", finished_at=None)
        if mine:
            run_import.defer(upload_id=upload.pk, dry_run=dry_run)
    note_change("imports")
    return bool(mine)


def bring_in(upload_id: int, *, dry_run: bool, now: datetime) -> None:
    """Import one file. Run twice (a worker died) it goes on where it was: the same file again changes nothing."""
    upload = Upload.objects.select_related("owner", "content").get(pk=upload_id)
    if upload.state != (Upload.State.CHECKING if dry_run else Upload.State.IMPORTING):
        return
    with translation.override(upload.owner.language or "en"):
        try:
            report, rejects = brought_in(upload, dry_run=dry_run, now=now)
        except Refusal as refusal:
            failed(upload, str(refusal))
        except Exception:
            failed(
                upload,
                _("The import broke off. What is in stays in; importing the same file again goes on from there."),
            )
            raise
        else:
            finished(upload, report, rejects, dry_run=dry_run, now=now)


def brought_in(upload: Upload, *, dry_run: bool, now: datetime) -> tuple[ImportReport, bytes | None]:
    """The report, and the rejected rows as a file that can be mended."""
    limits = limits_of(upload.owner, upload.kind)

    def progress(done: int, total: int) -> None:
        Upload.objects.filter(pk=upload.pk).update(done_n=done, total_n=total)
        note_change("imports")

    with tempfile.TemporaryDirectory(prefix="paidan-import-") as folder:
        rejects = Path(folder) / "rejects.csv"
        report = import_file(
            upload.kind,
            io.BytesIO(bytes(upload.content.body)),
            mapping=upload.mapping,
            dry_run=dry_run,
            now=now,
            by=upload.owner,
            # Whoever waits for a dry run is inside its transaction and would not see a thing.
            progress=None if dry_run else progress,
            rejects_path=rejects,
            limits=limits,
            shop=upload.shop_code,
        )
        return report, rejects.read_bytes() if rejects.exists() else None


def limits_of(user: User, kind: str) -> Limits | None:
    """The shops or warehouses whose rows this user may bring in; refused for what their role cannot do."""
    scope = scope_of(user)
    if kind not in kinds_for(user, limited=not scope.is_everything):
        raise Refusal("not_allowed", _("Your role cannot import this kind of file."))
    column = LIMITED_KINDS.get(kind)
    if column == "shop" and scope.shops is not None:
        names = visible_shops(user).values_list("code", "name")
        return Limits("shop", frozenset(word for pair in names for word in pair if word))
    places = limited_to(user)
    if column == "warehouse" and places is not None:
        return Limits("warehouse", frozenset(Warehouse.objects.filter(id__in=places).values_list("code", flat=True)))
    if column == "shop" and places is not None:
        raise Refusal("not_allowed", _("Your role cannot import this kind of file."))
    return None


def failed(upload: Upload, problem: str) -> None:
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.FAILED, problem=problem, finished_at=timezone.now())
    note_change("imports")


@transaction.atomic
def finished(upload: Upload, report: ImportReport, rejects: bytes | None, *, dry_run: bool, now: datetime) -> None:
    """Keep what came of it; only an import, not a check, stands in the change log."""
    values: dict[str, Any] = {"checked" if dry_run else "result": as_plain(report)}
    state = Upload.State.CHECKED if dry_run else Upload.State.DONE
    Upload.objects.filter(pk=upload.pk).update(state=state, finished_at=timezone.now(), **values)
    UploadContent.objects.filter(upload=upload).update(rejects=rejects)
    if not dry_run:
        record_change(
            "file.imported",
            by=upload.owner,
            now=now,
            of=upload,
            kind=upload.kind,
            created=report.created,
            changed=report.changed,
            rejected=report.rejects.rows,
        )
    note_change("imports")


def as_plain(report: ImportReport) -> dict[str, Any]:
    """A report as JSON can hold it."""
    return {
        "rows": report.rows,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "left_out": report.left_out,
        "rejected": report.rejects.rows,
        "withheld": report.rejects.withheld,
        "encoding": report.encoding,
        "ignored": list(report.ignored)[:50],
        "sample": [
            {
                "line": one.line,
                "column": one.column,
                "value": one.value[:200],
                "reason": one.reason,
                "remedy": one.remedy,
            }
            for one in report.rejects.sample
        ],
    }
