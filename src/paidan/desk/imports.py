"""One way in for every kind of file: what it must look like, who stores it, and the report of what became of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.catalog import intake as catalog
from paidan.kit.errors import Refusal
from paidan.kit.tables.fields import Field
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.rejects import added_headings, keep_rejects, summarise, write_rejects
from paidan.kit.tables.report import ImportReport, Outcome
from paidan.kit.tables.sheet import ROW, Sheet, Source, open_sheet
from paidan.network import intake as network
from paidan.network import intake_fields, intake_teams
from paidan.orders.intake_fields import FIELDS as ORDER_FIELDS
from paidan.orders.intake_fields import WITHHELD
from paidan.stock.intake import STOCK_FIELDS

from .exports_of_platforms import give_shop, leave_out, without_shop
from .import_network import at_once, then_map, then_retry
from .import_orders import store_orders
from .import_run import Progress, Run
from .import_stock import store_stock

Store = Callable[[Sheet, Run], Outcome]


@dataclass(frozen=True)
class ImportKind:
    """What can be imported: its name, its columns, and who stores it."""

    name: str
    label: object
    fields: Sequence[Field]
    store: Store


KINDS: Mapping[str, ImportKind] = {
    kind.name: kind
    for kind in (
        ImportKind("order", _("orders"), ORDER_FIELDS, store_orders),
        ImportKind("stock", _("stock"), STOCK_FIELDS, store_stock),
        ImportKind("sku", _("SKUs"), catalog.SKU_FIELDS, then_map(catalog.store_skus, "code")),
        ImportKind("bundle", _("bundles"), catalog.BUNDLE_FIELDS, at_once(catalog.store_bundles)),
        ImportKind("shop", _("shops"), intake_fields.SHOP_FIELDS, at_once(network.store_shops)),
        ImportKind(
            "shop_sku", _("shop SKU codes"), intake_fields.SHOP_SKU_FIELDS, then_map(network.store_shop_skus, "code")
        ),
        ImportKind("warehouse", _("warehouses"), intake_fields.WAREHOUSE_FIELDS, then_retry(network.store_warehouses)),
        ImportKind("team", _("teams"), intake_fields.TEAM_FIELDS, then_retry(intake_teams.store_teams)),
        ImportKind("freight", _("freight rates"), intake_fields.FREIGHT_FIELDS, at_once(network.store_freight)),
        ImportKind("promotion", _("promotions"), intake_fields.PROMOTION_FIELDS, at_once(network.store_promotions)),
        ImportKind("calendar", _("calendar days"), intake_fields.CALENDAR_FIELDS, then_retry(network.store_calendar)),
    )
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Only rows with one of these words in this column may come in: somebody's scope."""

    field: str
    words: frozenset[str]


OUT_OF_SCOPE = Flaw(
    "out_of_scope",
    _("This is outside what you may change."),
    _("Leave the row to somebody who may, or have your scope widened."),
)


def import_file(
    kind: str,
    source: Source,
    *,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    now: datetime,
    by: User | None = None,
    progress: Progress | None = None,
    timezone: str = "Asia/Shanghai",
    rejects_path: Path | str | None = None,
    limits: Limits | None = None,
    shop: str = "",
) -> ImportReport:
    """Import a CSV or XLSX file (a path or an open binary stream) of one kind.

    `mapping` names the field of a heading (``{"买家编号": "buyer"}``); `timezone` is that of times without one of
    their own; `shop` that of orders that name none. Good rows are stored, bad ones are written to `rejects_path`
    (default: beside the file). The same file again changes nothing; rows outside `limits` are rejected. Raises
    `Refusal` for a file that cannot be read as such a table at all.
    """
    began = time.perf_counter()
    if kind not in KINDS:
        raise Refusal(
            "unknown_kind",
            _('"%(kind)s" cannot be imported. What can be: %(kinds)s.'),
            kind=kind,
            kinds=", ".join(KINDS),
        )
    fields, left_out = KINDS[kind].fields, 0
    sheet = open_sheet(source, without_shop(fields) if shop else fields, mapping or {}, _zone(timezone))
    if kind == "order":
        left_out = leave_out(sheet)
        if shop:
            give_shop(sheet, shop)
    if limits and limits.field in sheet.texts.columns:
        named = sheet.texts[limits.field]
        beyond = named.is_not_null() & ~named.is_in(list(limits.words))
        sheet.faults.add(sheet.texts[ROW].filter(beyond), limits.field, OUT_OF_SCOPE)
    outcome = KINDS[kind].store(sheet, Run(now, by, dry_run, progress))
    rejects = summarise(sheet, WITHHELD.code)
    path = _keep_rejects(sheet, source, kind, rejects_path) if rejects.rows else None
    return ImportReport(
        kind=kind,
        dry_run=dry_run,
        rows=sheet.rows,
        created=outcome.created,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        rejects=rejects,
        rejects_path=path,
        encoding=sheet.raw.encoding,
        columns={sheet.raw.headings[index]: name for name, index in sheet.raw.column_of.items()},
        ignored=[heading for heading in sheet.raw.ignored if heading not in added_headings()],
        seconds=time.perf_counter() - began,
        left_out=left_out,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise Refusal("unknown_time_zone", _('There is no time zone "%(name)s".'), name=name) from error


def _keep_rejects(sheet: Sheet, source: Source, kind: str, wanted: Path | str | None) -> Path:
    """Write the rejects where they are wanted, else beside the file they come from."""
    if wanted is not None:
        try:
            write_rejects(sheet, Path(wanted))
            return Path(wanted)
        except OSError:
            pass  # the good rows are in already: the bad ones must not be lost for a folder that is full or closed
    return keep_rejects(sheet, Path(source) if isinstance(source, str | Path) else None, kind)
