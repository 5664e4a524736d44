"""Brings order files in: whole orders in chunks, each one transaction, the next one read while this is written."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise

import polars as pl
from django.db import OperationalError, connection, transaction

from paidan.accounts.models import User
from paidan.kit.tables.flaws import Faults
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.network.columns import shops_by_id
from paidan.network.kept import Mark

from .intake_check import ORDER, OrderBatch, Shops, number_orders, whole_orders, withhold
from .intake_compare import Difference, find_differences
from .intake_lines import exploded, with_skus
from .intake_write import TakenMeanwhile, insert_orders
from .states import OrderState

CHUNK_ROWS = 25_000
ATTEMPTS = 5

CREATED, CHANGED, UNCHANGED = 1, 2, 3
STORED = {ORDER: pl.Int64, "order_id": pl.Int64, "state": pl.Int16, "became": pl.Int8}
"""The columns that say what became of an order: its first row, its id, its state and one of the three."""

Progress = Callable[[int, int], None]
Apply = Callable[[Difference], None]


def import_orders(
    sheet: Sheet,
    *,
    now: datetime,
    by: User | None,
    dry_run: bool = False,
    progress: Progress | None = None,
    apply: Apply,
    stored: list[pl.DataFrame] | None = None,
) -> Outcome:
    """Insert the sheet's new orders, and have the known ones that differ changed by `apply`.

    Every chunk is committed by itself, so an import that is cut short has brought in whole orders only, and the
    same file continues it. What is wrong with a row is in the sheet's faults afterwards, and in `stored` a frame per
    chunk with what became of its orders.
    """
    outcome = Outcome()
    done = 0
    for texts, batch in _batches(sheet, known_shops()):
        written, differences, orders = _store(sheet, batch, now=now, by=by, dry_run=dry_run)
        outcome += written
        if stored is not None:
            stored.append(orders)
        for difference in differences:
            if not dry_run:
                apply(difference)
        done += texts.height
        if progress:
            progress(done, sheet.rows)
    return outcome


def known_shops(mark: Mark | None = None) -> Shops:
    """Every shop by code and name, and what it promises."""
    shops = shops_by_id(mark).values()
    id_of: dict[str, int] = {}
    for shop in shops:
        if shop.name:  # a name that two shops bear means neither
            id_of[shop.name] = 0 if shop.name in id_of else shop.id
    id_of = {name: shop_id for name, shop_id in id_of.items() if shop_id}
    id_of |= {shop.code: shop.id for shop in shops}
    return Shops(id_of, {shop.id: shop.ship_within_h for shop in shops})


def _batches(sheet: Sheet, shops: Shops) -> Iterator[tuple[pl.DataFrame, OrderBatch]]:
    """The chunks and their faultless orders; a second thread reads the next chunk while the caller writes this one."""
    chunks = _chunks(number_orders(sheet.texts, shops))
    broken = sheet.faults.rows()
    with ThreadPoolExecutor(1, "paidan-intake") as reader:
        ahead: Future[OrderBatch] | None = None
        for index, chunk in enumerate(chunks):
            batch = ahead.result() if ahead else whole_orders(sheet, chunk, shops, broken)
            following = chunks[index + 1 : index + 2]
            ahead = reader.submit(whole_orders, sheet, following[0], shops, broken) if following else None
            yield chunk, batch


def _chunks(texts: pl.DataFrame) -> Sequence[pl.DataFrame]:
    """Slices of about CHUNK_ROWS rows that end where an order ends."""
    starts = texts.with_row_index("_at").filter(pl.col(ORDER).is_first_distinct())["_at"]
    cuts = [0]
    for start in starts.to_list():
        if start - cuts[-1] >= CHUNK_ROWS:
            cuts.append(start)
    cuts.append(texts.height)
    return [texts.slice(begin, end - begin) for begin, end in pairwise(cuts) if end > begin]


def _store(
    sheet: Sheet, batch: OrderBatch, *, now: datetime, by: User | None, dry_run: bool
) -> tuple[Outcome, list[Difference], pl.DataFrame]:
    """Store a batch in one transaction; try again when another writer got in between."""
    for attempt in range(1, ATTEMPTS + 1):
        noted = Faults()
        try:
            with transaction.atomic():
                result = _store_once(sheet, batch, noted, now=now, by=by)
                if dry_run:
                    transaction.set_rollback(True)
        except TakenMeanwhile:
            if attempt == ATTEMPTS:
                raise
        except OperationalError as error:
            if attempt == ATTEMPTS or not _is_deadlock(error):
                raise
        else:
            sheet.faults.found.extend(noted.found)
            return result
    raise AssertionError("unreachable")


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in ("40P01", "40001")


def _store_once(
    sheet: Sheet, batch: OrderBatch, faults: Faults, *, now: datetime, by: User | None
) -> tuple[Outcome, list[Difference], pl.DataFrame]:
    """1. Find the SKU of every line. 2. Find which orders are known. 3. Insert the new. 4. Compare the others."""
    orders, lines = batch.orders, batch.lines
    if orders.is_empty():
        return Outcome(), [], pl.DataFrame(schema=STORED)
    lines = exploded(with_skus(lines, orders.select(ORDER, "shop_id")), faults)
    if faults.found:
        rejected = withhold(sheet, faults, lines.select(ROW, ORDER).unique(), faults.rows())
        orders, lines = (frame.filter(~pl.col(ORDER).is_in(list(rejected))) for frame in (orders, lines))
    known = _known(orders)
    new = orders.join(known, on=ORDER, how="anti", maintain_order="left")
    ids = insert_orders(new, lines, now=now, by=by)
    differing = orders.join(
        known.filter(pl.col("content_hash") != pl.col("known_hash")).select(ORDER, "order_id"),
        on=ORDER,
        maintain_order="left",
    )
    differences = find_differences(differing, lines, batch.given)
    outcome = Outcome(new.height, len(differences), known.height - len(differences))
    return outcome, differences, _stored(new, ids, known, {one.order_id for one in differences})


def _stored(new: pl.DataFrame, ids: Sequence[int], known: pl.DataFrame, changed: set[int]) -> pl.DataFrame:
    """What became of every order of a chunk."""
    inserted = new.select(
        ORDER,
        pl.Series("order_id", ids, pl.Int64),
        pl.lit(OrderState.PENDING.value, pl.Int16).alias("state"),
        pl.lit(CREATED, pl.Int8).alias("became"),
    )
    differs = pl.col("order_id").is_in(list(changed))
    became = pl.when(differs).then(pl.lit(CHANGED, pl.Int8)).otherwise(pl.lit(UNCHANGED, pl.Int8)).alias("became")
    return pl.concat([inserted, known.select(ORDER, "order_id", "state", became)])


def _known(orders: pl.DataFrame) -> pl.DataFrame:
    """Those of the orders that are in the database, with their id and the hash of what was last said of them."""
    with connection.cursor() as cursor:
        # Few keys, many orders: one look into the index each. A plain join would be planned by statistics that may be
        # older than the import that is filling the table, and walk the whole list for every order.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "SELECT said.at, o.id, o.content_hash, o.state"
            " FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS said (number, shop_id, at)"
            " CROSS JOIN LATERAL (SELECT id, content_hash, state FROM orders_order"
            " WHERE number = said.number AND shop_id = said.shop_id LIMIT 1) o",
            [orders["number"].to_list(), orders["shop_id"].to_list(), orders[ORDER].to_list()],
        )
        schema = {ORDER: pl.Int64, "order_id": pl.Int64, "known_hash": pl.Int64, "state": pl.Int16}
        found = pl.DataFrame(cursor.fetchall(), schema, orient="row")
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found.join(orders.select(ORDER, "content_hash"), on=ORDER)
