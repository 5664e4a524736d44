"""Imports counted stock: a file of counts is a count like any other, with all that follows from it."""

from django.db import transaction

from paidan.kit.arrays import array_cursor
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.stock.intake import read_counts
from paidan.stock.services import Pairs, set_quantities

from .import_run import Run


def store_stock(sheet: Sheet, run: Run) -> Outcome:
    """Store the counts of the faultless rows in one transaction."""
    counts = read_counts(sheet)
    with transaction.atomic():
        written = set_quantities(
            array_cursor(),
            Pairs(counts.sku_n, counts.warehouse_n),
            counts.on_hand_n,
            counts.safety_n,
            now=run.now,
            by=run.by,
        )
        transaction.set_rollback(run.dry_run)
    return Outcome(written.created, written.changed, written.unchanged)
