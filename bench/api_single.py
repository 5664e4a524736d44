"""One order pushed and decided in the answer, 100 times a second: 20 warehouses, 100 rules, `paidan web` on loopback.

Requests are due at fixed instants, whether or not earlier ones have been answered; the time of each counts from when it
was due, so a server that falls behind cannot hide it. One web process: requests are gathered per process, and the
database and the callers need the other core.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any

import numpy as np

from .serving import Caller, served

RATE, SECONDS, WARM = 100, int(os.environ.get("BENCH_API_SECONDS", "30")), 300
CALLERS = 32
TARGET_MS = 50.0


def single_push(secret: str) -> dict[str, Any]:
    """The row; the tables are emptied and a network made in them."""
    _make_seller()
    bodies = _bodies(WARM + RATE * SECONDS)
    with served(1, 8) as port:
        callers = [Caller(port, secret) for _ in range(CALLERS)]
        for at, body in enumerate(bodies[:WARM]):
            callers[at % CALLERS].post("/orders?allocate=true", body)
        took_ms = _load(callers, bodies[WARM:])
    p50, p99 = np.percentile(took_ms, [50, 99])
    return {
        "name": "API push with decision",
        "figure": f"p99 {p99:.0f} ms, median {p50:.0f} ms",
        "floor": f"{RATE} requests/s for {SECONDS} s, 20 warehouses, 100 rules",
        "ratio": f"{TARGET_MS / p99:.2f}",
        "target": f"p99 ≤ {TARGET_MS:.0f} ms",
        "verdict": "PASS" if p99 <= TARGET_MS else "FALLS SHORT",
    }


def _make_seller() -> None:
    from paidan.catalog.models import Sku
    from paidan.network.models import Shop

    from . import world
    from .intake import _empty

    _empty()
    Sku.objects.all().delete()
    Shop.objects.all().delete()
    world.make_network(np.random.default_rng(0), orders=100_000, skus=2_000, stock_ratio=20.0)
    world.make_rules(100)


def _bodies(count: int) -> list[bytes]:
    dice = random.Random(1)
    places = [str(code) for code in world_districts()]
    return [
        json.dumps(
            {
                "orders": [
                    {
                        "shop": f"s{n % 5}",
                        "number": f"B{n:07}",
                        "region": dice.choice(places),
                        "amount_minor": dice.randrange(40_000),
                        "lines": [
                            {"sku": f"K{dice.randrange(400):05}", "qty": 1}
                            for _ in range(dice.choices((1, 2, 3), (0.6, 0.3, 0.1))[0])
                        ],
                    }
                ]
            }
        ).encode()
        for n in range(count)
    ]


def world_districts() -> list[int]:
    """Where orders go."""
    from .world import districts

    return [int(number) for number in districts()]


def _load(callers: list[Caller], bodies: list[bytes]) -> list[float]:
    """Milliseconds of every request from when it was due."""
    took: list[float] = []
    numbers, guard = iter(range(len(bodies))), threading.Lock()
    began = time.perf_counter() + 0.5

    def call(caller: Caller) -> None:
        while True:
            with guard:
                at = next(numbers, None)
            if at is None:
                return
            due = began + at / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            answer = caller.post("/orders?allocate=true", bodies[at])
            took.append((time.perf_counter() - due) * 1000)
            assert answer["created"] == 1, answer

    threads = [threading.Thread(target=call, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == len(bodies)
    return took
