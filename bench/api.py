"""Intake over the REST API: orders per second in batches of 1,000, from the bytes of a request to committed rows.

Requests go through the whole application (token, checks of every field, answer as JSON) without a network between.
Beside it the same orders as one CSV file through the importer, in the same run: what JSON, batches and answers cost.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from .intake import NOW, _empty, _make_catalog, order_file

ORDERS = int(os.environ.get("BENCH_API_ORDERS", "60000"))
BATCH = 1_000
TARGET = 10_000
RUNS = 2


def rows() -> list[dict[str, Any]]:
    """The one row of this measure."""
    folder = Path(tempfile.mkdtemp(prefix="paidan-bench-"))
    try:
        environment = {**os.environ, "PAIDAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "paidan.config.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.api"], env=environment, stdout=subprocess.PIPE, check=True, text=True
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
    """API and file in turn, on empty order tables each; the better run of each counts."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _make_catalog()
    secret = _token()
    file = order_file(ORDERS)
    bodies = _bodies(file)
    pushes, imports = [], []
    for _ in range(RUNS):
        pushes.append(_push(bodies, secret))
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


def _push(bodies: list[bytes], secret: str) -> float:
    from django.test import Client

    _empty()
    client = Client(headers={"Authorization": f"Bearer {secret}"}, SERVER_NAME="localhost")
    began = perf_counter()
    created = 0
    for body in bodies:
        answer = client.post("/api/v1/orders", body, content_type="application/json", secure=True)
        assert answer.status_code == 200, answer.content[:300]
        created += answer.json()["created"]
    seconds = perf_counter() - began
    assert created == ORDERS, created
    print(f"# API {seconds:.2f} s", file=sys.stderr)
    return seconds


def _import(raw: bytes) -> float:
    from paidan.desk.imports import import_file

    _empty()
    report = import_file("order", io.BytesIO(raw), now=NOW + timedelta(seconds=1))
    assert report.created == ORDERS, report
    print(f"# file {report.seconds:.2f} s", file=sys.stderr)
    return report.seconds


if __name__ == "__main__":
    main()
