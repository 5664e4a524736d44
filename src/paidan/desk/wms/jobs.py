"""Once a minute: tell every warehouse that is told by files what is new, and read what it has left."""

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from paidan.allocation.models import WarehouseFile
from paidan.network.models import WarehouseFiles

from .handing_out import hand_out
from .reading import read_status_files

LOG = logging.getLogger("paidan.wms")
KEPT = timedelta(days=60)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exchange_files", name="exchange_files")
def exchange_files(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the moment it was due
    """One warehouse's broken folder is no reason to leave the others without theirs."""
    moved = 0
    for files in WarehouseFiles.objects.select_related("warehouse").order_by("pk"):
        try:
            moved += len(read_status_files(files, timezone.now())) + len(hand_out(files, timezone.now()))
        except OSError as error:
            LOG.warning("No files for %s: %s", files.warehouse.code, error)
    WarehouseFile.objects.filter(done_at__lt=timezone.now() - KEPT).delete()
    return moved
