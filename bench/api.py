"""The REST API: orders per second in batches of 1,000, and the time of one order pushed and decided in the answer.

`paidan web` serves on loopback with two processes, two programs push at a time, so this is from the bytes of a request
over HTTP (token, checks of every field) to committed rows and the answer as JSON. Beside it the same orders as one CSV
file through the importer, in the same run: what JSON, batches and answers cost.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from .intake import NOW, _empty, _make_catalog, order_file
from .serving import Caller, served

ORDERS = int(os.environ.get("BENCH_API_ORDERS", "60000"))
BATCH = 1_000
CLIENTS = 2
TARGET = 10_000
RUNS = 3


def rows() -> list[dict[str, Any]]:
    """Both rows of this measure."""
    folder = Path(tempfile.mkdtemp(prefix="paidan-bench-"))
    try:
        environment = {**os.environ, "PAIDAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "paidan.config.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.api"], env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        return list(json.loads(done.stdout))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure in this process, on a cluster in PAIDAN_DATA, and print the row as JSON."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from paidan.kit.postgres import Cluster

    from .api_single import single_push

    try:
        call_command("migrate", verbosity=0)
        secret = _token()
        print(json.dumps([measure(secret), single_push(secret)]))
    finally:
        connection.close()
        Cluster(settings.DATA / "postgres").stop()


def measure(secret: str) -> dict[str, Any]:
    """API and file in turn, on empty order tables each; the better run of each counts."""
    _make_catalog()
    file = order_file(ORDERS)
    bodies = _bodies(file)
    pushes, imports = [], []
    with served(threads=2) as port:
        for _ in range(RUNS):
            pushes.append(_push(bodies, port, secret))
            imports.append(_import(file.encode()))
    speed, peer = ORDERS / min(pushes), ORDERS / min(imports)
    return {
        "name": "API intake",
        "figure": f"{speed:,.0f} orders/s ({ORDERS:,} in batches of {BATCH:,})",
        "floor": f"{peer:,.0f} orders/s: the same orders as one file",
        "ratio": f"{speed / peer:.2f}",
        "target": f"≥ {TARGET:,} orders/s",
        "verdict": "PASS" if speed >= TARGET else "FALLS SHORT",
    }


def _token() -> str:
    from paidan.accounts.capabilities import Role
    from paidan.accounts.models import User
    from paidan.accounts.token_scopes import TokenScope
    from paidan.accounts.tokens import add_token

    owner = User.objects.create(username="bench", role=Role.ADMINISTRATOR)
    return add_token("bench", owner=owner, scopes=list(TokenScope), now=NOW, by=None)[1]


def _bodies(file: str) -> list[bytes]:
    """The orders of the file as requests."""
    orders: dict[str, dict[str, Any]] = {}
    for line in file.splitlines()[1:]:
        (
            shop,
            number,
            at,
            sku,
            qty,
            _,
            amount,
            paid,
            buyer,
            name,
            phone,
            province,
            city,
            district,
            address,
            remark,
            tags,
        ) = line.split(",")
        whole, _dot, cents = amount.partition(".")
        order = orders.setdefault(
            number,
            {
                "shop": shop,
                "number": number,
                "paid_at": f"{paid.replace(' ', 'T')}+08:00",
                "amount_minor": int(whole) * 100 + int(cents),
                **{"buyer": buyer, "name": name, "phone": phone, "province": province, "city": city},
                **{"district": district, "address": address, "buyer_remark": remark, "tags": [tags] if tags else []},
                "lines": [],
            },
        )
        order["lines"].append({"sku": sku, "qty": int(qty), "number": at})
    listed = list(orders.values())
    return [
        json.dumps({"orders": listed[at : at + BATCH]}, ensure_ascii=False).encode()
        for at in range(0, len(listed), BATCH)
    ]


def _push(bodies: list[bytes], port: int, secret: str) -> float:
    """Seconds until all are in, pushed by CLIENTS programs at a time."""
    _empty()
    callers = [Caller(port, secret) for _ in range(CLIENTS)]
    began = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        created = sum(pool.map(lambda at: _push_some(callers[at], bodies[at::CLIENTS]), range(CLIENTS)))
    seconds = perf_counter() - began
    assert created == ORDERS, created
    print(f"# API {seconds:.2f} s", file=sys.stderr)
    return seconds


def _push_some(caller: Caller, bodies: list[bytes]) -> int:
    return sum(caller.post("/orders", body)["created"] for body in bodies)


def _import(raw: bytes) -> float:
    from paidan.desk.imports import import_file

    _empty()
    report = import_file("order", io.BytesIO(raw), now=NOW + timedelta(seconds=1))
    assert report.created == ORDERS, report
    print(f"# file {report.seconds:.2f} s", file=sys.stderr)
    return report.seconds


if __name__ == "__main__":
    main()
