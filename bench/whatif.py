"""What-if over a million orders in a hundred waves: two warehouses closed, beside what happened.

The floor is reading the same orders, lines and allocations from the database in the columns the replay needs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ORDERS = int(os.environ.get("BENCH_WHATIF_ORDERS", "1000000"))
WAVES = 100
SKUS = 20_000
TARGET_S = 10.0


def rows() -> list[dict[str, Any]]:
    """Live the day in a cluster of its own, then ask."""
    folder = Path(tempfile.mkdtemp(prefix="paidan-bench-"))
    os.environ["PAIDAN_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
    import django

    django.setup()
    from django.db import connection

    from paidan.kit.postgres import Cluster

    try:
        live()
        return [measure()]
    finally:
        connection.close()
        Cluster(folder / "postgres").stop()
        shutil.rmtree(folder, ignore_errors=True)


def live() -> None:
    """Orders of a day, allocated in waves."""
    import numpy as np
    from django.core.management import call_command
    from django.db import connection

    from bench import world
    from paidan.allocation.wave import run_wave

    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(0)
    connection.ensure_connection()
    world.make_network(rng, orders=ORDERS, skus=SKUS, stock_ratio=1.05)
    world.make_rules()
    world.make_orders(rng, ORDERS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for wave in range(WAVES):
        run_wave(now=world.NOW + timedelta(minutes=wave), limit=-(-ORDERS // WAVES))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def measure() -> dict[str, Any]:
    from bench import world
    from paidan.network.models import Warehouse
    from paidan.whatif.comparing import compare
    from paidan.whatif.replay import Assumptions

    since, until = world.NOW - timedelta(hours=1), world.NOW + timedelta(hours=3)
    shut = frozenset(Warehouse.objects.filter(code__in=("w00", "w04")).values_list("id", flat=True))
    compare(since, world.NOW + timedelta(seconds=30), Assumptions(paused=shut))  # compiles the engine
    floor_s = floor()
    started = time.perf_counter()
    found = compare(since, until, Assumptions(paused=shut))
    seconds = time.perf_counter() - started
    print(f"# {found.before.orders:,} orders, {len(found.moves.order_o):,} move", file=sys.stderr)
    return {
        "name": "what-if",
        "figure": f"{found.before.orders:,} orders in {seconds:.1f} s ({len(found.moves.order_o):,} move)",
        "floor": f"{floor_s:.1f} s: reading the same orders, lines, allocations",
        "ratio": f"{floor_s / seconds:.2f}",
        "target": f"≤ {TARGET_S:.0f} s",
        "verdict": "PASS" if seconds <= TARGET_S else "FALLS SHORT",
    }


def floor() -> float:
    """Read the orders with their lines and allocations by binary COPY into columns, and nothing else."""
    from django.db import connection

    from paidan.kit.copy import select_columns

    order = dict.fromkeys(("id", "shop", "region", "amount", "ship_by", "paid", "lat", "lng"), "i8")
    order.update(lat="f8", lng="f8", shop="i4", region="i4")
    reads: tuple[tuple[str, dict[str, str]], ...] = (
        (
            "SELECT id, shop_id, region, amount_minor, coalesce(ship_by_at, 'infinity'), "
            "coalesce(paid_at, 'infinity'), coalesce(lat, 'NaN'), coalesce(lng, 'NaN') FROM orders_order",
            order,
        ),
        (
            "SELECT id, order_id, coalesce(sku_id, -1), qty FROM orders_orderline",
            {"id": "i8", "order": "i8", "sku": "i4", "qty": "i4"},
        ),
        (
            "SELECT id, order_id, coalesce(wave_id, 0), warehouse_id, coalesce(team_id, 0), freight_minor "
            "FROM allocation_allocation",
            {"id": "i8", "order": "i8", "wave": "i8", "warehouse": "i4", "team": "i4", "freight": "i8"},
        ),
        (
            "SELECT allocation_id, line_id, sku_id, qty FROM allocation_allocationline",
            {"allocation": "i8", "line": "i8", "sku": "i4", "qty": "i4"},
        ),
    )
    started = time.perf_counter()
    for select, kinds in reads:
        select_columns(connection.connection, select, kinds, [])
    return time.perf_counter() - started


if __name__ == "__main__":
    from bench.__main__ import print_row

    for row in rows():
        print_row(row)
