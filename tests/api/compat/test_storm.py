"""Five thousand trades pushed while a worker allocates: each found once, with its warehouse, in any order of pages."""

import random
import threading

import pytest

from paidan.cli.worker import allocate_until
from paidan.orders.models import QueuedOrder

from .conftest import around_now, trade

TRADES, BATCH = 5_000, 50
ORDERS_OF_PAGES = {
    "first to last": lambda pages: pages,
    "last to first": lambda pages: pages[::-1],
    "any": lambda pages: random.Random(7).sample(pages, len(pages)),
}

SIZES = {7: ["last to first"], 40: ["last to first", "any"], 100: list(ORDERS_OF_PAGES)}


@pytest.fixture
def pushed(wdt):
    """All pushed by now, allocated in the meantime and afterwards until nothing waits."""
    stop, quiet = threading.Event(), threading.Event()
    worker = threading.Thread(target=allocate_until, args=(stop,))
    worker.start()
    try:
        for start in range(0, TRADES, BATCH):
            answer = wdt.orders.trade_push("shop01", [trade(f"T{at}") for at in range(start, start + BATCH)])
            assert (answer["code"], answer["new_count"]) == (0, BATCH)
        for _look in range(1200):
            if not QueuedOrder.objects.exists():
                break
            quiet.wait(0.1)
    finally:
        stop.set()
        worker.join()
    return wdt


def found_in(wdt, period, size, order):
    """The trades of all pages, asked for in this order; the first page is asked first for the total."""
    total = wdt.orders.trade_query(*period, page_size=size)["total_count"]
    found = []
    for page in order(list(range(-(-total // size)))):
        found += wdt.orders.trade_query(*period, page_no=page, page_size=size)["trades"]
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_trade_is_found_once_with_its_warehouse_in_any_order_of_pages(pushed):
    period = around_now()
    for size, orders in SIZES.items():
        for name in orders:
            found = found_in(pushed, period, size, ORDERS_OF_PAGES[name])
            numbers = [one["src_tids"] for one in found]
            assert sorted(numbers) == sorted(f"T{at}" for at in range(TRADES)), (size, name)
            assert {one["warehouse_no"] for one in found} <= {"gz", "bj"}
            assert all(one["warehouse_no"] for one in found)
