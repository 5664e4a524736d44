"""Saving a SKU (the row, the change log, and the orders that waited for its code) and the parts of a bundle."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from paidan.accounts.changes import changed_values, record_change
from paidan.accounts.models import User
from paidan.catalog.models import BundleComponent, Sku
from paidan.catalog.services import save_sku, set_components
from paidan.desk.import_network import map_waiting
from paidan.desk.import_run import Run


def values_of(row: Sku) -> dict[str, Any]:
    names = ("code", "name", "category", "tags", "weight_g", "volume_cm3")
    return {name: getattr(row, name) for name in names}


def keep_sku(row: Sku | None, values: Mapping[str, Any], *, by: User, now: datetime, address: str | None = None) -> Sku:
    """Add (`row` None) or change one, log it, and try again the orders that wait for this code."""
    before = values_of(row) if row else {}
    action = "sku.changed" if row else "sku.added"
    with transaction.atomic():
        saved = save_sku(row, values)
        old, new = changed_values(before, values_of(saved))
        record_change(action, by=by, now=now, of=saved, before=old, after=new, address=address)
    map_waiting([saved.code], Run(now, by, dry_run=False, progress=None))
    return saved


def parts_of(row: Sku) -> dict[str, int]:
    """The parts of a bundle, in the order in which they were said: pieces by SKU code."""
    found = BundleComponent.objects.filter(bundle=row).order_by("id")
    return dict(found.values_list("component__code", "qty"))


@transaction.atomic
def keep_parts(row: Sku, parts: Mapping[Sku, int], *, by: User, now: datetime, address: str | None = None) -> None:
    """Make a SKU a bundle of these parts (none: a bundle no more), and log it; orders that are in stay as they are."""
    before, after = parts_of(row), {part.code: qty for part, qty in parts.items()}
    set_components(row, parts)
    record_change("bundle.changed", by=by, now=now, of=row, before=before, after=after, address=address)
