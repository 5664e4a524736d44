"""Two workers allocate the same orders at once while stock is imported and orders are cancelled."""

import os
import subprocess
import sys

import numpy as np
import pytest
from bench import world
from django.db import connection

from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.orders.models import Order, QueuedOrder
from paidan.orders.states import OrderState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def unleash(database_url: str, *roles: str) -> None:
    """Run a process per role at once, and wait until all have ended well."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    running = [
        subprocess.Popen([sys.executable, "-m", "tests.allocation.storm", role, str(seed)], env=environment)
        for seed, role in enumerate(roles)
    ]
    assert [process.wait(600) for process in running] == [0] * len(running)


def make_world(orders: int, skus: int) -> None:
    rng = np.random.default_rng(7)
    connection.ensure_connection()
    world.make_network(rng, orders=orders, skus=skus, stock_ratio=0.8)
    world.make_rules(10)
    world.make_orders(rng, orders)


def served_twice() -> int:
    """Lines with more pieces on allocations than they have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM allocation_line_pieces WHERE open_qty < 0")
        return int(cursor.fetchone()[0])


def test_two_workers_imports_and_cancellations_leave_nothing_wrong(database_url: str) -> None:
    make_world(50_000, 500)
    unleash(database_url, "allocate", "allocate", "count", "cancel")
    assert list(all_violations()) == []
    assert served_twice() == 0
    assert not QueuedOrder.objects.exists()
    assert not Order.objects.filter(state=OrderState.PENDING).exists()
    assert Allocation.objects.count() > 20_000


def test_control_without_the_guard_the_doctor_sees_the_oversell(database_url: str) -> None:
    make_world(20_000, 10)
    unleash(database_url, "allocate-unguarded", "allocate-unguarded")
    assert any(violation.code == "oversold" for violation in all_violations())
