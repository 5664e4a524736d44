"""One process of a storm: allocate, count stock or cancel, as its first argument says, until its work is done.

Run as `python -m tests.allocation.storm ROLE SEED`; the database is that of DATABASE_URL.
"""

import os
import random
import sys
import time
from typing import Any

ROUNDS = 60
WAVE = 2_500


def main(role: str, seed: int) -> None:
    """Set Django up and play one role."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
    import django

    django.setup()
    {"allocate": allocate, "allocate-unguarded": allocate_unguarded, "count": count, "cancel": cancel}[role](seed)


def allocate(_seed: int, guarded: bool = True) -> None:
    """Run waves of a few thousand orders until the queue stays empty for a while."""
    from tests.builders import NOW

    from paidan.allocation.wave import run_wave

    empty = 0
    while empty < 20:
        if run_wave(now=NOW, limit=WAVE, guarded=guarded).wave_id is None:
            empty += 1
            time.sleep(0.05)  # somebody else may hold the last leases and give some back
        else:
            empty = 0


def allocate_unguarded(seed: int) -> None:
    """The control: the same without the guard; each commit lingers, so that the other reads what is about to go."""
    from paidan.allocation import commit

    reserve = commit.reserve

    def reserve_and_linger(*args: Any, **named: Any) -> None:
        reserve(*args, **named)
        time.sleep(0.2)

    commit.reserve = reserve_and_linger
    allocate(seed, guarded=False)


def count(seed: int) -> None:
    """Import stock: counts of many rows at once, up and down, also below what is reserved."""
    from tests.builders import NOW

    from paidan.allocation.counts import count_stock
    from paidan.stock.models import Stock

    dice = random.Random(seed)
    rows = list(Stock.objects.order_by("sku_id", "warehouse_id").values_list("sku_id", "warehouse_id", "on_hand_qty"))
    for _ in range(ROUNDS):
        some = sorted(dice.sample(rows, min(40, len(rows))))
        counted = [max(0, on_hand + dice.randint(-3, 3)) for _sku, _warehouse, on_hand in some]
        count_stock([row[0] for row in some], [row[1] for row in some], counted, now=NOW)


def cancel(seed: int) -> None:
    """Cancel orders in batches, whatever state they are in."""
    from tests.builders import NOW

    from paidan.allocation.cancelling import cancel_orders
    from paidan.orders.models import Order

    dice = random.Random(seed)
    ids = list(Order.objects.values_list("id", flat=True))
    for _ in range(ROUNDS):
        cancel_orders(dice.sample(ids, 20), now=NOW)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
