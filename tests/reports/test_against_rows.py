"""Every figure of every cut, after anything at all happened, equals what plain Python makes of rows and events."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests.allocation.test_any_sequence import World
from tests.builders import make_order, make_shop
from tests.reports import slow

from paidan.allocation.changes import OrderChange, change_order
from paidan.network.models import Shop, Warehouse
from paidan.orders.models import Order
from paidan.reports.cells import MEASURES, SPANS
from paidan.reports.dimensions import Dimension as D
from paidan.reports.models import Cell, ReportedRule
from paidan.reports.questions import Question, figures, figures_by_day
from paidan.reports.refresh import mark_everything, refresh

pytestmark = pytest.mark.django_db
ZONE = "Asia/Shanghai"


class Shops(World):
    """The small shop, with a second one, a warehouse on another clock, and orders paid around midnight and long ago."""

    clocks = False

    def build(self):
        super().build()
        make_shop("other")
        if self.random.random() < 0.5:
            return
        self.clocks = True
        Warehouse.objects.filter(code="bj").update(timezone="Asia/Tokyo")
        Warehouse.objects.filter(code="cd").update(timezone="America/New_York")

    def an_order_comes_in_late(self):
        shop = Shop.objects.get(code=self.random.choice(["shop", "other"]))
        paid = self.now - timedelta(minutes=self.random.choice([0, 3, 900, 4000]))
        region = self.random.choice([None, "310115", "510100", "110105"])
        paid = self.random.choice([paid, paid, paid, None])
        ship_by = self.now + timedelta(hours=self.random.choice([-1, 5, 60]))
        make_order(self.lines(), shop=shop, region=region, paid_at=paid, ship_by_at=ship_by, now=self.now)

    def payment_is_corrected(self):
        paid = self.now - timedelta(minutes=self.random.choice([10, 1500]))
        change_order(OrderChange(self.an_order(), values={"paid_at": paid}), now=self.now)

    ACTIONS = (*World.ACTIONS, *[an_order_comes_in_late] * 6, payment_is_corrected)


def compare(found, expected, rules, *, orders):
    """Row by row: every measure, every bucket, and with `orders` the number of distinct ones where it is told."""
    wanted = {rules.get(key, key): one for key, one in expected.items() if any(one.measures.values())}
    found = {key: one for key, one in found.items() if not one.is_empty}
    assert set(found) == set(wanted)
    for key, sums in wanted.items():
        for name in MEASURES:
            # Which of an order's allocations comes first is another one where some are left out.
            if not name.startswith(("orders_", "split_orders_")):
                assert (key, name, found[key].n[name]) == (key, name, sums.measures[name])
        for span in SPANS:
            counts = found[key].spans[span]
            assert {int(at): int(counts[at]) for at in np.flatnonzero(counts)} == dict(sums.counts[span]), (key, span)
        assert not orders or found[key].orders in (None, len(sums.served)), key


def expected_of(facts, by, only, first, last):
    orders, allocations = facts
    asked = {by, *only}
    found = {} if "reason" in asked else slow.sums(allocations, by, only, first, last)
    if not asked & {"warehouse", "team", "rule"}:
        slow.sums(orders, by, only, first, last, into=found)
    return found


CUTS = ("hour", "warehouse", "team", "shop", "rule", "region", "reason", None)
WIDE = (date(2026, 1, 1), date(2027, 12, 31))


def narrowings():
    ids = list(Warehouse.objects.order_by("id").values_list("id", flat=True))
    shop = Shop.objects.get(code="shop").id
    yield from ({}, {"warehouse": ids[0]}, {"shop": shop}, {"region": 310000}, {"shop": shop, "region": 310000})
    yield {"warehouse": ids[1], "shop": shop}


def check_cuts(world):
    now = world.now
    facts = slow.order_facts(ZONE), slow.allocation_facts(now)
    rules = {row.code: row.id for row in ReportedRule.objects.all()} | {"": 0}
    first = min(fact[1] for fact in facts[0])
    for days in (WIDE, (first + timedelta(days=1), first + timedelta(days=2))):
        for by in CUTS:
            for only in narrowings():
                if by != "reason" or "warehouse" not in only:
                    asked = {D[name.upper()]: (value,) for name, value in only.items()}
                    found = figures(Question(*days, D[by.upper()] if by else D.NONE, asked))
                    # An order in parcels of several clocks counts once, on the clock of its first.
                    told = not world.clocks or (by != "hour" and days == WIDE)
                    compare(found, expected_of(facts, by, only, *days), rules, orders=told)


@pytest.mark.parametrize("seed", range(4))
def test_any_history_is_reported_as_it_was(seed):
    world = Shops(seed)
    for _round in range(2):
        for _ in range(60):
            world.act()
        assert refresh(now=world.now)
        check_cuts(world)


def test_counting_everything_anew_changes_nothing():
    world = Shops(7)
    for _ in range(60):
        world.act()
        if world.random.random() < 0.3:
            refresh(now=world.now)
    refresh(now=world.now)
    before = sorted(Cell.objects.values_list())
    mark_everything()
    refresh(now=world.now)
    assert sorted(Cell.objects.values_list()) == before
    assert Order.objects.count() == sum(one.n["received_n"] for one in figures_by_day(Question(*WIDE)).values())
