"""Pending → allocated in PostgreSQL: one worker, durable settings, beside the database's own floor and an ORM loop.

The floor is what the database needs for the same result whatever decides it: COPY of exactly the rows the wave wrote
and the orders' change of state, in the wave's chunks. The peer is the usual way to write it: one order at a time
through the ORM, each in its own transaction.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ORDERS = int(os.environ.get("BENCH_ORDERS", "500000"))
SKUS = 20_000
RESULT_TABLES = ("allocation_allocation", "allocation_allocationline", "allocation_decision", "orders_event")
FLOOR_CHUNK = 25_000


def rows() -> list[dict[str, Any]]:
    """Make the world in a cluster of its own, run the wave, then the floor and the ORM on the same orders."""
    folder = Path(tempfile.mkdtemp(prefix="paidan-bench-"))
    os.environ["PAIDAN_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
    import django

    django.setup()
    from django.db import connection

    from paidan.kit.postgres import Cluster

    try:
        return [_measure()]
    finally:
        connection.close()
        Cluster(folder / "postgres").stop()
        shutil.rmtree(folder, ignore_errors=True)


def _measure() -> dict[str, Any]:
    import numpy as np
    from django.core.management import call_command
    from django.db import connection

    from bench import world
    from paidan.allocation.wave import run_wave

    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(0)
    connection.ensure_connection()
    world.make_network(rng, orders=ORDERS, skus=SKUS, stock_ratio=0.95)
    world.make_rules()
    world.make_orders(rng, ORDERS)
    run_wave(now=world.NOW, limit=100)  # compiles the engine, outside the measure
    _settle()
    report = run_wave(now=world.NOW)
    print(f"# {report}", file=sys.stderr)
    wave_rate = report.outcomes.orders / report.seconds
    floor_rate = _floor()
    orm_rate = _orm(world.NOW)
    ratio = wave_rate / floor_rate
    absolute = floor_rate < 50_000 or wave_rate >= 30_000
    return {
        "name": "pending → allocated in PostgreSQL",
        "figure": f"{wave_rate:,.0f} orders/s ({report.outcomes.orders:,})",
        "floor": f"{floor_rate:,.0f} orders/s COPY + state; ORM {orm_rate:,.0f} ({wave_rate / orm_rate:,.0f}×)",
        "ratio": f"{ratio:.2f}",
        "target": "≥ 0.60 of the floor",
        "verdict": "PASS" if ratio >= 0.60 and absolute else "FALLS SHORT",
    }


def _settle() -> None:
    """Statistics and a checkpoint, so that neither falls into somebody's measure."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("CHECKPOINT")


def _floor() -> float:
    """Write the same rows again into emptied tables, and the same states, chunk by chunk as the wave does."""
    from django.db import connection, transaction

    raw = connection.connection
    chunks: list[tuple[dict[str, bytes], bytes]] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE floor_order AS SELECT id, state, reason FROM orders_order o "
            "WHERE EXISTS (SELECT 1 FROM allocation_decision d WHERE d.order_id = o.id)"
        )
        cursor.execute("SELECT id FROM floor_order ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
        bounds = [*ids[::FLOOR_CHUNK], ids[-1] + 1]
        for low, high in pairwise(bounds):
            chunks.append(_chunk_rows(raw, low, high))
        cursor.execute(f"TRUNCATE {', '.join(RESULT_TABLES)}")
        cursor.execute("UPDATE orders_order SET state = 1, reason = 0")
        cursor.execute("CREATE TEMPORARY TABLE floor_state (id bigint, state smallint, reason smallint) "
                       "ON COMMIT DELETE ROWS")  # fmt: skip
        cursor.execute("VACUUM ANALYZE orders_order")
    _settle()
    started = time.perf_counter()
    for tables, states in chunks:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, body in {**tables, "floor_state": states}.items():
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as out:
                    out.write(body)
            cursor.execute(
                "UPDATE orders_order o SET state = f.state, reason = f.reason FROM floor_state f WHERE f.id = o.id"
            )
    return len(ids) / (time.perf_counter() - started)


def _chunk_rows(raw: Any, low: int, high: int) -> tuple[dict[str, bytes], bytes]:
    selects = {
        "allocation_allocation": f"SELECT * FROM allocation_allocation WHERE order_id >= {low} AND order_id < {high}",
        "allocation_allocationline": "SELECT p.* FROM allocation_allocationline p JOIN allocation_allocation a ON "
        f"a.id = p.allocation_id WHERE a.order_id >= {low} AND a.order_id < {high}",
        "allocation_decision": f"SELECT * FROM allocation_decision WHERE order_id >= {low} AND order_id < {high}",
        "orders_event": f"SELECT * FROM orders_event WHERE order_id >= {low} AND order_id < {high}",
        "": f"SELECT * FROM floor_order WHERE id >= {low} AND id < {high}",
    }
    bodies = {}
    for table, select in selects.items():
        with raw.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT binary)") as out:
            bodies[table] = b"".join(out)
    states = bodies.pop("")
    return bodies, states


def _orm(now: Any, orders: int = 500) -> float:
    """The same work one order at a time: read, nearest warehouse that has everything, write, in a transaction each."""
    from django.db import connection, transaction
    from django.db.models import F

    from paidan.allocation.models import Allocation, AllocationLine
    from paidan.geo import region
    from paidan.network.models import Warehouse
    from paidan.orders.models import Event, Order
    from paidan.orders.states import EventKind, OrderState
    from paidan.stock.models import Stock

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(RESULT_TABLES)}")
        cursor.execute("UPDATE stock_stock SET reserved_qty = 0")
    ids = list(Order.objects.order_by("id").values_list("id", flat=True)[:orders])
    Order.objects.filter(id__in=ids).update(state=OrderState.PENDING)
    _settle()
    started = time.perf_counter()
    for order_id in ids:
        with transaction.atomic():
            order = Order.objects.select_for_update().get(id=order_id)
            here = region(f"{order.region:06d}")
            lines = list(order.lines.all())
            places = sorted(Warehouse.objects.all(), key=lambda w: (w.lat - here.lat) ** 2 + (w.lng - here.lng) ** 2)
            for warehouse in places:
                stock = {s.sku_id: s for s in Stock.objects.select_for_update().filter(
                    warehouse=warehouse, sku_id__in=[line.sku_id for line in lines])}  # fmt: skip
                if all(line.sku_id in stock and stock[line.sku_id].available_qty >= line.qty for line in lines):
                    break
            else:
                order.state = OrderState.UNALLOCATED
                order.save(update_fields=["state"])
                continue
            made = Allocation.objects.create(
                order=order, warehouse=warehouse, work_day=now.date(), created_at=now, state_at=now
            )
            for line in lines:
                AllocationLine.objects.create(allocation=made, line=line, sku_id=line.sku_id, qty=line.qty)
                Stock.objects.filter(sku_id=line.sku_id, warehouse=warehouse).update(
                    reserved_qty=F("reserved_qty") + line.qty
                )
            Event.objects.create(at=now, order=order, allocation_id=made.id, kind=EventKind.ASSIGNED, state=1)
            order.state = OrderState.ALLOCATED
            order.save(update_fields=["state"])
    return len(ids) / (time.perf_counter() - started)


if __name__ == "__main__":
    from bench.__main__ import print_row

    for row in rows():
        print_row(row)
