"""Carrying a rebalance out: step by step under lock; what changed since the plan stays and is told."""

import pytest
from tests.allocation.rebalance.conftest import EAST, NORTH, SOUTH
from tests.builders import NOW, make_user

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance.applying import apply_rebalance, apply_step
from paidan.allocation.states import AllocationState, Origin
from paidan.allocation.transitions import accept_allocations
from paidan.orders.models import Event
from paidan.orders.states import EventKind
from paidan.stock.models import Stock


def test_what_was_planned_is_what_moves(house):
    far = [house.at(house.gz, NORTH) for _n in range(3)]
    near = house.at(house.gz, SOUTH)
    plan = house.plan()
    applied = apply_rebalance(plan, now=NOW)
    assert (applied.done, applied.saving_minor, applied.refused.total()) == (3, plan.saving_minor, 0)
    assert {house.where(key) for key in far} == {"bj"}
    assert house.where(near) == "gz"
    freight = sum(Allocation.objects.filter(id__in=applied.created).values_list("freight_minor", flat=True))
    assert freight == plan.after.freight_minor


def test_every_step_is_feasible_when_its_turn_comes(house):
    for warehouse in (house.gz, house.bj, house.sh):
        house.limit(warehouse, 2)
    Stock.objects.filter(sku__code="A").update(on_hand_qty=2, safety_qty=0)
    pairs = ((house.gz, NORTH), (house.gz, EAST), (house.bj, SOUTH), (house.bj, EAST), (house.sh, NORTH))
    ids = [house.at(*pair) for pair in pairs]
    plan = house.plan()
    for step in plan.steps:
        batch = apply_step(step, now=NOW, by=None)
        assert not batch.refused
        assert list(all_violations()) == []
    assert [house.where(key) for key in ids] == ["bj", "sh", "gz", "sh", "bj"]


def test_events_and_log_say_that_it_was_decided_again_and_what_it_saves(house):
    far, by = house.at(house.gz, NORTH), make_user()
    plan = house.plan()
    applied = apply_rebalance(plan, now=NOW, by=by)
    gone = Event.objects.get(kind=EventKind.REASSIGNED)
    said = {"cause": "rebalanced", "why": "saving", "saving_minor": plan.saving_minor}
    assert gone.detail == {"to": applied.created[0], **said}
    came = Event.objects.get(kind=EventKind.ASSIGNED, allocation_id=applied.created[0])
    assert came.detail == {"replaces": far, **said}
    assert Allocation.objects.get(id=applied.created[0]).origin == Origin.REBALANCED
    entry = ChangeLogEntry.objects.get(action="allocations.rebalanced")
    assert (entry.by, entry.after) == (by, {"number": 1, "saving_minor": plan.saving_minor})


def test_what_a_team_accepted_between_preview_and_apply_stays(house):
    first, second = house.at(house.gz, NORTH), house.at(house.gz, NORTH)
    plan = house.plan()
    accept_allocations([first], now=NOW)
    applied = apply_rebalance(plan, now=NOW)
    assert (applied.done, dict(applied.refused)) == (1, {"accepted": 1})
    assert (house.where(first), house.where(second)) == ("gz", "bj")
    assert Allocation.objects.get(id=first).state == AllocationState.ACCEPTED


def test_what_was_cancelled_meanwhile_stays_cancelled(house):
    key = house.at(house.gz, NORTH)
    plan = house.plan()
    cancel_orders([Allocation.objects.get(id=key).order_id], now=NOW)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"closed": 1}


def test_stock_that_went_meanwhile_is_not_promised_twice(house):
    key = house.at(house.gz, NORTH)
    plan = house.plan()
    Stock.objects.filter(warehouse=house.bj).update(safety_qty=10)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"stock_short": 1}
    assert house.where(key) == "gz"


def test_a_capacity_that_filled_up_meanwhile_is_not_exceeded(house):
    ids = [house.at(house.gz, NORTH) for _n in range(3)]
    plan = house.plan()
    house.limit(house.bj, 1)
    applied = apply_rebalance(plan, now=NOW)
    assert (applied.done, dict(applied.refused)) == (1, {"warehouse_full": 2})
    assert sorted(house.where(key) for key in ids) == ["bj", "gz", "gz"]


def test_a_team_that_filled_up_meanwhile_is_not_overloaded(house):
    for _n in range(2):
        house.at(house.gz, NORTH)
    plan = house.plan()
    house.bj.teams.update(capacity=1)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"team_full": 1}


def test_a_target_that_was_paused_meanwhile_gets_nothing(house):
    key = house.at(house.gz, NORTH)
    plan = house.plan()
    house.bj.is_open = False
    house.bj.save()
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"paused": 1}
    assert house.where(key) == "gz"


def test_a_chain_whose_first_stays_leaves_the_rest_where_it_is(house):
    house.limit(house.bj, 1)
    blocking, far = house.at(house.bj, EAST), house.at(house.gz, NORTH)
    plan = house.plan()
    accept_allocations([blocking], now=NOW)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"accepted": 1, "warehouse_full": 1}
    assert (house.where(blocking), house.where(far)) == ("bj", "gz")


@pytest.fixture
def exchange(house):
    """Two that can only change places, for either has the last piece the other needs."""
    house.limit(house.gz, 1)
    house.limit(house.bj, 1)
    house.limit(house.sh, 0)
    Stock.objects.update(on_hand_qty=1)
    return house.at(house.gz, NORTH), house.at(house.bj, SOUTH)


def test_two_that_can_only_change_places_do(house, exchange):
    assert house.apply().done == 2
    assert [house.where(key) for key in exchange] == ["bj", "gz"]


def test_an_exchange_is_made_whole_or_not_at_all(house, exchange):
    plan = house.plan()
    accept_allocations(exchange[:1], now=NOW)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"accepted": 1, "only_together": 1}
    assert [house.where(key) for key in exchange] == ["gz", "bj"]


def test_an_exchange_for_which_there_is_no_stock_any_more_leaves_no_trace(house, exchange):
    plan = house.plan()
    Stock.objects.filter(warehouse=house.bj).update(safety_qty=5)
    events = Event.objects.count()
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"stock_short": 2}
    assert Event.objects.count() == events
    house.limit(house.gz, 0)
    Stock.objects.update(safety_qty=0)
    assert dict(apply_rebalance(plan, now=NOW).refused) == {"warehouse_full": 2}
    assert [house.where(key) for key in exchange] == ["gz", "bj"]


def test_a_killed_worker_leaves_whole_moves_only(house):
    ids = [house.at(house.gz, region) for region in (NORTH, EAST)]
    plan = house.plan()

    def killed(_tried, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_rebalance(plan, now=NOW, progress=killed)
    assert sorted(house.where(key) for key in ids) in (["bj", "gz"], ["gz", "sh"])
    assert list(all_violations()) == []


def test_deciding_again_right_after_moves_nothing(house):
    for region in (NORTH, EAST, SOUTH):
        house.at(house.gz, region)
    assert house.apply().done == 2
    assert house.plan().moves == []
