"""The jobs of imports: bring one file in; forget the bytes of old ones."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from paidan.web.models import UploadContent

from .running import bring_in

KEPT = timedelta(days=30)


@app.task(name="import_upload")
def run_import(upload_id: int, dry_run: bool) -> None:
    """Check or import an uploaded file."""
    bring_in(upload_id, dry_run=dry_run, now=timezone.now())


@app.periodic(cron="43 3 * * *")
@app.task(queueing_lock="forget_uploads", name="forget_uploads")
def forget_uploads(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Forget the bytes of files that came in a month ago; their results stay."""
    return UploadContent.objects.filter(upload__created_at__lt=timezone.now() - KEPT).delete()[0]
