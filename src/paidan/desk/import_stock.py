"""Imports counted stock: a file of counts is a count like any other, with all that follows from it."""

from contextlib import nullcontext

from django.db import transaction

from paidan.allocation.counts import count_stock
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.stock.intake import read_counts

from .import_run import Run


def store_stock(sheet: Sheet, run: Run) -> Outcome:
    """Count the faultless rows; a dry run counts in one transaction and takes it back."""
    counts = read_counts(sheet)
    with transaction.atomic() if run.dry_run else nullcontext():
        report = count_stock(
            counts.sku_n,
            counts.warehouse_n,
            counts.on_hand_n,
            counts.safety_n,
            now=run.now,
            by=run.by,
            progress=run.progress,
        )
        if run.dry_run:
            transaction.set_rollback(True)
    return Outcome(report.created, report.changed, report.unchanged)
