"""Random houses with little room: every step fits, limits hold, what was accepted stays, the doctor is content."""

import random

import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_freight,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance import Rebalance, plan_rebalance
from paidan.allocation.rebalance.applying import apply_rebalance, apply_step
from paidan.allocation.rebalanced import Cause
from paidan.allocation.states import LIVE, AllocationState
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.wave import run_waves
from paidan.network.models import Warehouse
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock

pytestmark = pytest.mark.django_db
PLACES = {"gz": GUANGZHOU, "bj": BEIJING, "sh": SHANGHAI, "cd": {"lat": 30.57, "lng": 104.07}}
REGIONS = ("440106", "110105", "310115", "510107", "320102")
RULES = (
    [],
    [{"id": "listed", "when": {"region": ["310000"]}, "then": {"warehouses": ["sh", "gz"], "strategies": ["ranked"]}}],
    [{"id": "shares", "then": {"strategies": ["ratio"], "otherwise": "next"}}],
    [{"id": "near", "then": {"strategies": ["nearest"], "max_km": 1500, "otherwise": "next"}}],
)


class House:
    """Orders that a wave put wherever there was room under one state of things, which then changes."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.places = [
            make_warehouse(code, capacity=self.dice.choice([None, 6, 9]), ratio=25, **where)
            for code, where in PLACES.items()
        ]
        shop = make_shop()
        for place in self.places:
            make_freight(place, first_minor=self.dice.randint(300, 1500), region="440000")
            make_freight(place, first_minor=self.dice.randint(300, 1500))
            make_team(f"t-{place.code}", place, capacity=self.dice.choice([None, 7]))
            for sku in "ABC":
                make_stock(place, sku, self.dice.randint(0, 12))
        publish_rules({"rules": [], "objective": self.objective()}, now=NOW)
        for _n in range(30):
            lines = {sku: self.dice.randint(1, 2) for sku in self.dice.sample("ABC", self.dice.randint(1, 2))}
            make_order(lines, shop=shop, region=self.dice.choice(REGIONS), priority=self.dice.randint(0, 2))
        run_waves(now=NOW)
        self.change()

    def objective(self):
        self.weighs_ratios = self.dice.random() < 0.5
        return {"late_minor_per_h": self.dice.choice([0, 50]), "ratio_minor": 40 if self.weighs_ratios else 0}

    def change(self):
        """Teams accept, a warehouse pauses, stock and rules change: a reason to decide again."""
        waiting = Allocation.objects.filter(state=AllocationState.ASSIGNED).order_by("id")
        accept_allocations([key for key in waiting.values_list("id", flat=True) if self.dice.random() < 0.2], now=NOW)
        for place in self.places:
            Stock.objects.filter(warehouse=place).update(safety_qty=self.dice.choice([0, 0, 2]))
            Warehouse.objects.filter(pk=place.pk).update(capacity=self.dice.choice([None, 5, 9]))
        if self.dice.random() < 0.5:
            Warehouse.objects.filter(pk=self.dice.choice(self.places).pk).update(is_open=False)
        publish_rules({"rules": self.dice.choice(RULES), "objective": self.objective()}, now=NOW)

    def asked(self):
        return Rebalance(
            most=self.dice.choice([None, None, 1, 4]),
            saving_minor=self.dice.choice([None, None, 0, 200]),
            warehouse_ids=self.dice.choice([None, None, (self.places[0].id,)]),
            seconds=0.3,
        )


def live():
    return dict(Allocation.objects.filter(state__in=LIVE).values_list("id", "state"))


@pytest.mark.parametrize("seed", range(12))
def test_every_step_of_a_plan_is_feasible_and_within_the_limits(seed):
    house = House(seed)
    asked, before = house.asked(), live()
    plan = plan_rebalance(asked, now=NOW)
    assert asked.most is None or plan.number <= asked.most
    freely = [move for move in plan.moves if move.cause != Cause.PAUSED]
    if asked.saving_minor is not None and len(freely) == plan.number and not house.weighs_ratios:
        assert plan.saving_minor >= asked.saving_minor * plan.number
    assert live() == before
    for step in plan.steps:
        assert not apply_step(step, now=NOW, by=None).refused
        assert list(all_violations()) == []
    gone = set(before) - set(live())
    assert gone == {move.allocation for move in plan.moves}
    assert all(before[key] == AllocationState.ASSIGNED for key in gone)
    again = plan_rebalance(asked, now=NOW)
    assert not any(move.cause == Cause.PAUSED for move in again.moves) or asked.most is not None


@pytest.mark.parametrize("seed", range(100, 106))
def test_whatever_changes_between_preview_and_apply_breaks_nothing(seed):
    house = House(seed)
    plan = plan_rebalance(house.asked(), now=NOW)
    house.change()
    accepted = [key for key, state in live().items() if state != AllocationState.ASSIGNED]
    applied = apply_rebalance(plan, now=NOW)
    assert applied.done + applied.refused.total() == plan.number
    assert set(accepted) <= set(live())
    assert list(all_violations()) == []


def test_the_houses_do_something():
    # Houses in which nothing ever moved would prove nothing.
    house = House(3)
    moved, causes = 0, set()
    for _round in range(6):
        house.change()
        plan = plan_rebalance(Rebalance(seconds=0.3), now=NOW)
        moved += apply_rebalance(plan, now=NOW).done
        causes |= {move.cause for move in plan.moves}
    assert moved > 5
    assert len(causes) > 1
