"""Intake of an order file: orders per second from the bytes of a CSV to committed rows, beside the database's floor.

The floor is what the database needs for the same rows if they come for nothing: in the same chunks, COPY of ready
bytes into temporary tables and INSERT … ON CONFLICT into the real ones, durable settings for both. Each is run twice
in turn and the better run counts. It runs in a process of its own, for it needs a database of its own.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

ORDERS = int(os.environ.get("BENCH_INTAKE_ORDERS", "200000"))
SKUS = 20_000
SHOPS = 5
TARGET = 0.60
RUNS = 2
NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
TABLES = ("orders_order", "orders_recipient", "orders_orderline", "orders_queuedorder", "orders_event")
HEADINGS = (
    "店铺,订单号,子订单号,货品编码,数量,行金额,实付金额,付款时间,买家昵称,收货人,手机,省,市,区,详细地址,买家留言,标签"
)


def rows() -> list[dict[str, Any]]:
    """The one row of this measure."""
    folder = Path(tempfile.mkdtemp(prefix="paidan-bench-"))
    try:
        environment = {**os.environ, "PAIDAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "paidan.config.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.intake"], env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        return [json.loads(done.stdout)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure in this process, on a cluster in PAIDAN_DATA, and print the row as JSON."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from paidan.kit.postgres import Cluster

    try:
        print(json.dumps(measure()))
    finally:
        connection.close()
        Cluster(settings.DATA / "postgres").stop()


def measure() -> dict[str, Any]:
    """Import and floor in turn, on empty order tables each."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _make_catalog()
    raw = order_file(ORDERS).encode()
    imports, floors = [], []
    for _ in range(RUNS):
        imports.append(_import(raw))
        floors.append(_floor())
    speed, floor = ORDERS / min(imports), ORDERS / min(floors)
    return {
        "name": "intake of an order file",
        "figure": f"{speed:,.0f} orders/s ({ORDERS:,}, {len(raw) / 1e6:.0f} MB)",
        "floor": f"{floor:,.0f} orders/s: COPY + INSERT … ON CONFLICT",
        "ratio": f"{speed / floor:.2f}",
        "target": f"≥ {TARGET:.2f} of the floor",
        "verdict": "PASS" if speed >= TARGET * floor else "FALLS SHORT",
    }


def _make_catalog() -> None:
    from paidan.catalog.models import Sku
    from paidan.network.models import Shop

    Shop.objects.bulk_create(Shop(code=f"s{n}", name=f"店铺{n}") for n in range(SHOPS))
    Sku.objects.bulk_create(Sku(code=f"K{n:05}") for n in range(SKUS))


def order_file(orders: int) -> str:
    """A CSV of orders with 1.6 lines each, all addresses different, some remarks and tags."""
    from paidan.geo import children

    dice = random.Random(0)
    places = [(p.name, c.name, d.name) for p in children("CN") for c in children(p.code) for d in children(c.code)]
    lines = [HEADINGS]
    for n in range(orders):
        paid = NOW - timedelta(seconds=dice.randrange(86_400 * 3))
        province, city, district = dice.choice(places)
        amount = dice.randrange(100, 100_000)
        who = f"买家{n % 9973},收货人{n},138{n:08d}"
        where = f"{province},{city},{district},人民路{n}号{n % 30}单元"
        notes = f"{'请尽快发货' if n % 7 == 0 else ''},{'VIP' if n % 20 == 0 else ''}"
        tail = f"{amount // 100}.{amount % 100:02d},{paid:%Y-%m-%d %H:%M:%S},{who},{where},{notes}"
        for line in range(dice.choices((1, 2, 3, 4), (0.6, 0.25, 0.1, 0.05))[0]):
            sku, qty = dice.randrange(SKUS), dice.randrange(1, 4)
            lines.append(f"s{n % SHOPS},{2026_000_000_000_000_000 + n * 7},{line + 1},K{sku:05},{qty},,{tail}")
    return "\n".join(lines) + "\n"


def _import(raw: bytes) -> float:
    from paidan.desk.imports import import_file

    _empty()
    report = import_file("order", io.BytesIO(raw), now=NOW)
    assert report.created == ORDERS, report
    print(f"# import {report.seconds:.2f} s", file=sys.stderr)
    return report.seconds


def _floor() -> float:
    """The rows the import left, taken out as bytes, put back by the plainest statements that keep them once."""
    from django.db import connection, transaction

    from paidan.orders.intake import CHUNK_ROWS

    chunks = range(0, ORDERS, CHUNK_ROWS * 10 // 16)
    bodies = [_bodies(first, CHUNK_ROWS * 10 // 16) for first in chunks]
    _empty()
    began = perf_counter()
    for body_of in bodies:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, body in body_of.items():
                cursor.execute(f"CREATE TEMPORARY TABLE floor (LIKE {table}) ON COMMIT DROP")
                with cursor.copy("COPY floor FROM STDIN (FORMAT csv)") as out:
                    out.write(body)
                cursor.execute(f"INSERT INTO {table} SELECT * FROM floor ON CONFLICT DO NOTHING")
                cursor.execute("DROP TABLE floor")
    seconds = perf_counter() - began
    print(f"# floor {seconds:.2f} s", file=sys.stderr)
    return seconds


def _bodies(first: int, count: int) -> dict[str, bytes]:
    """The rows of some orders, by table, as CSV."""
    from django.db import connection

    chosen = f"(SELECT id FROM orders_order ORDER BY id OFFSET {first} LIMIT {count})"
    bodies = {}
    for table in TABLES:
        key = "id" if table == "orders_order" else "order_id"
        query = f"SELECT * FROM {table} WHERE {key} IN {chosen} ORDER BY {key}"
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as out:
            bodies[table] = b"".join(out)
    return bodies


def _empty() -> None:
    """Empty order tables, and neither statistics nor a checkpoint due in somebody's measure."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute("VACUUM ANALYZE catalog_sku")
        cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    main()
