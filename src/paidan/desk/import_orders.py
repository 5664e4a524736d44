"""Imports orders: new ones by the intake, changes of known ones as any other change of an order."""

from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.orders.intake import import_orders
from paidan.orders.intake_compare import OrderChange
from paidan.orders.intake_fields import CANNOT_CHANGE

from .import_run import Run


def store_orders(sheet: Sheet, run: Run) -> Outcome:
    """Insert new orders, apply what the file says differently of known ones; a refused change is a rejected row."""
    refused = 0

    def apply(change: OrderChange) -> None:
        nonlocal refused
        try:
            change_known_order(change, run)
        except Refusal as refusal:
            refused += 1
            sheet.faults.add([change.row], "number", CANNOT_CHANGE, why=refusal)

    outcome = import_orders(
        sheet, now=run.now, by=run.by, dry_run=run.dry_run, progress=run.progress, apply_change=apply
    )
    return Outcome(outcome.created, outcome.changed - refused, outcome.unchanged)


def change_known_order(change: OrderChange, run: Run) -> None:  # noqa: ARG001
    """Changing known orders comes with the services that may take their allocations back."""
    raise Refusal("already_imported", _("it was already imported with other content."))
