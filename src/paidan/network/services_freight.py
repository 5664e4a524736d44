"""Writing what a carrier asks from a warehouse: the whole table of the two at once, and single days of calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.geo.codes import code_of
from paidan.kit.errors import Refusal

from .calendars import days_off
from .models import CalendarDay, FreightRate, Warehouse

PRICES = ("first_g", "first_minor", "next_g", "next_minor", "transit_s", "volumetric_cm3_per_kg")
Table = dict[str, list[int]]


def rates_of(warehouse: Warehouse, carrier: str) -> list[FreightRate]:
    """The rows of one table, the widest region first."""
    return list(FreightRate.objects.filter(warehouse=warehouse, carrier=carrier).order_by("region"))


def as_table(rates: Sequence[FreightRate]) -> Table:
    """What each region is asked, as plain numbers: for the change log, and to see whether somebody changed it."""
    return {code_of(rate.region) or "": [getattr(rate, name) for name in PRICES] for rate in rates}


@transaction.atomic
def replace_rates(
    warehouse: Warehouse, carrier: str, rows: Mapping[int, Mapping[str, Any]], *, seen: Table | None = None
) -> tuple[Table, Table]:
    """Make the table exactly these rows (by region number); answers what differs, before and after.

    `seen` is the table as its reader had it: if somebody changed it meanwhile, nothing is written.
    """
    Warehouse.objects.select_for_update().get(pk=warehouse.pk)
    kept = rates_of(warehouse, carrier)
    before = as_table(kept)
    if seen is not None and seen != before:
        raise Refusal(
            "rates_changed", _("Somebody changed these rates meanwhile. Open the page again and repeat the change.")
        )
    FreightRate.objects.filter(pk__in=[rate.pk for rate in kept if rate.region not in rows]).delete()
    rates = [FreightRate(warehouse=warehouse, carrier=carrier, region=number, **row) for number, row in rows.items()]
    FreightRate.objects.bulk_create(
        rates, update_conflicts=True, unique_fields=["warehouse", "carrier", "region"], update_fields=list(PRICES)
    )
    after = as_table(rates)
    return (
        {code: row for code, row in before.items() if after.get(code) != row},
        {code: row for code, row in after.items() if before.get(code) != row},
    )


@transaction.atomic
def toggle_day(warehouse: Warehouse, day: date) -> bool:
    """Make a day the other of working and off; a day that is as usual again needs no row. Answers if it is worked."""
    Warehouse.objects.select_for_update().get(pk=warehouse.pk)
    usual = day not in days_off(warehouse, [], day)
    kept = CalendarDay.objects.filter(warehouse=warehouse, day=day).first()
    working = not (usual if kept is None else kept.working)
    if working == usual:
        CalendarDay.objects.filter(warehouse=warehouse, day=day).delete()
    else:
        CalendarDay.objects.update_or_create(warehouse=warehouse, day=day, defaults={"working": working})
    return working
