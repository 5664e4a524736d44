"""What waves and changes keep for replays."""

import pytest
from tests.builders import NOW, make_order, make_stock, make_team, make_user, make_warehouse

from paidan.allocation.changes import Destination, OrderChange, change_order
from paidan.allocation.models import Wave
from paidan.allocation.wave import run_wave
from paidan.orders.models import Event
from paidan.orders.states import AddressState, EventKind

pytestmark = pytest.mark.django_db


def test_a_wave_keeps_the_limits_ratios_and_credits_it_saw() -> None:
    north = make_warehouse("north", ratio=3, capacity=9)
    south = make_warehouse("south", is_open=False)
    team = make_team(warehouse=north, ratio=2)
    make_stock(north)
    for _round in range(2):
        make_order()
        run_wave(now=NOW)
    seen = Wave.objects.latest("pk").parameters
    assert seen["warehouses"] == [north.id, south.id]
    assert (seen["open_w"], seen["capacity_w"], seen["ratio_w"]) == ([1, 0], [9, -1], [3, 0])
    assert (seen["teams"], seen["ratio_t"]) == ([team.id], [2])


def test_a_change_keeps_what_earlier_decisions_saw() -> None:
    order = make_order(region="440100", priority=2)
    change = OrderChange(order.id, {"priority": 5}, Destination(310000, AddressState.RESOLVED))
    change_order(change, now=NOW, by=make_user())
    was = Event.objects.get(order=order, kind=EventKind.CHANGED).detail["was"]
    assert was == {"address_state": AddressState.RESOLVED, "lat": None, "lng": None, "priority": 2, "region": 440100}
