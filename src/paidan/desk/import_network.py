"""Imports the tables around the orders: SKUs, shops, warehouses and the rest; what they unblock is tried again."""

from collections.abc import Callable
from contextlib import suppress

from django.db import connection, transaction

from paidan.allocation.mending import map_shop_code
from paidan.catalog.models import Sku
from paidan.kit.errors import Refusal
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.network.models import Shop
from paidan.orders.queue import queue_waiting

from .import_run import Run

Store = Callable[[Sheet], Outcome]

_UNMAPPED = """
SELECT DISTINCT o.shop_id, l.shop_code, coalesce(theirs.sku_id, ours.id)
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
LEFT JOIN network_shopsku theirs ON theirs.shop_id = o.shop_id AND theirs.code = l.shop_code
LEFT JOIN catalog_sku ours ON ours.code = l.shop_code
WHERE l.sku_id IS NULL AND l.shop_code = ANY(%s) AND coalesce(theirs.sku_id, ours.id) IS NOT NULL
"""


def at_once(store: Store) -> Callable[[Sheet, Run], Outcome]:
    """Store a table in one transaction, taken back in a dry run."""

    def run_store(sheet: Sheet, run: Run) -> Outcome:
        with transaction.atomic():
            outcome = store(sheet)
            if run.dry_run:
                transaction.set_rollback(True)
        if run.progress:
            run.progress(sheet.rows, sheet.rows)
        return outcome

    return run_store


def then_retry(store: Store) -> Callable[[Sheet, Run], Outcome]:
    """After a change of what can ship, orders that are stuck are tried again."""

    def run_store(sheet: Sheet, run: Run) -> Outcome:
        outcome = at_once(store)(sheet, run)
        if not run.dry_run and outcome.created + outcome.changed:
            queue_waiting()
        return outcome

    return run_store


def then_map(store: Store, code_field: str) -> Callable[[Sheet, Run], Outcome]:
    """After new SKUs or codes, order lines that waited for them have their SKU."""

    def run_store(sheet: Sheet, run: Run) -> Outcome:
        outcome = at_once(store)(sheet, run)
        if not run.dry_run and outcome.created + outcome.changed:
            map_waiting(sheet.texts[code_field].drop_nulls().unique().to_list(), run)
        return outcome

    return run_store


def map_waiting(codes: list[str], run: Run) -> None:
    """Map each waiting code once per shop. A code that would ask for too many pieces stays unmapped."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMAPPED, [codes])
        waiting = cursor.fetchall()
    shops = Shop.objects.in_bulk([row[0] for row in waiting])
    skus = Sku.objects.in_bulk([row[2] for row in waiting])
    for shop_id, code, sku_id in waiting:
        with suppress(Refusal):
            map_shop_code(shop=shops[shop_id], code=code, sku=skus[sku_id], now=run.now, by=run.by)
