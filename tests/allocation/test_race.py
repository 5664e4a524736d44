"""Races on a real server: nothing oversold, no order twice, and a control that shows that an oversell would be seen."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from tests.builders import NOW, make_order, make_stock, make_warehouse

from paidan.allocation import wave as wave_module
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.orders.models import Order, QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.stock.models import Stock

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS, ORDERS, UNITS = 20, 200, 100


def in_threads(jobs: list[Callable[[], object]]) -> None:
    """Run all jobs at once, each on a connection of its own; the first error is raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.fixture
def scramble(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """200 orders of one piece each, 100 pieces; every connection has decided before the first one writes."""
    make_stock(make_warehouse("gz"), on_hand=UNITS)
    version = RuleSetVersion.objects.create(number=1, state=VersionState.PUBLISHED, created_at=NOW)
    Rule.objects.create(version=version, code="all", then={"strategies": ["ranked"]})
    ids = [make_order().id for _ in range(ORDERS)]
    everybody, first = threading.Barrier(CONNECTIONS), threading.local()
    commit = wave_module.commit_plan

    def commit_together(*args: object, **named: object) -> object:
        if not getattr(first, "done", False):
            first.done = True
            everybody.wait(60)
        return commit(*args, **named)

    monkeypatch.setattr(wave_module, "commit_plan", commit_together)
    return ids


def allocate_until_decided(ids: list[int], guarded: bool = True) -> None:
    while QueuedOrder.objects.filter(order_id__in=ids).exists():
        run_wave(now=NOW, order_ids=ids, guarded=guarded)


def race(ids: list[int], guarded: bool = True) -> None:
    share = ORDERS // CONNECTIONS
    in_threads(
        [
            lambda mine=ids[n * share : (n + 1) * share]: allocate_until_decided(mine, guarded)  # type: ignore[misc]
            for n in range(CONNECTIONS)
        ]
    )


def test_two_hundred_orders_racing_for_a_hundred_units_get_exactly_a_hundred(scramble: list[int]) -> None:
    race(scramble)
    assert Allocation.objects.count() == UNITS
    assert Stock.objects.get().reserved_qty == UNITS
    assert Order.objects.filter(state=OrderState.UNALLOCATED).count() == ORDERS - UNITS


def test_control_without_the_guard_the_same_race_oversells(scramble: list[int]) -> None:
    race(scramble, guarded=False)
    assert Allocation.objects.count() > UNITS
