"""What the practice teams do in an hour: accept, pick, pack and ship at their own speed, with a mishap now and then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from paidan.allocation.models import Allocation
from paidan.allocation.states import LIVE, AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    hand_back_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)

from .network import TEAMS, WAREHOUSES
from .orders import CHINA
from .raw import spread

FIRST_HOUR, LAST_HOUR = 9, 20
PICK_UP_HOURS = (12, 16, 20)
"""When the carriers' vans come: what is packed leaves then."""
HANDED_BACK = 0.006
"""Of what a team accepts it gives so much back within the hour."""
STRIDES = {team.code: team.stride for team in TEAMS}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def work_an_hour(now: datetime) -> None:
    """Move what every team has in hand one step, the oldest first and the furthest first: nothing moves two steps."""
    local = now.astimezone(CHINA)
    if not FIRST_HOUR <= local.hour <= LAST_HOUR:
        return
    queues = _queues(_WEEKDAYS[local.weekday()])
    if local.hour in PICK_UP_HOURS:
        ship_allocations([_shipment(key) for key in _all(queues[AllocationState.PACKED])], now=now)
    pack_allocations(_first(queues[AllocationState.PICKED], local), now=now)
    pick_allocations(_first(queues[AllocationState.ACCEPTED], local), now=now)
    accepted = _first(queues[AllocationState.ASSIGNED], local, times=2)
    accept_allocations(accepted, now=now)
    returned = [key for key in accepted if spread(f"back {key} {local:%m%d}", 0, 1) < HANDED_BACK]
    if returned:
        hand_back_allocations(returned, now=now, reason="缺人手")


Queues = dict[AllocationState, dict[str, list[int]]]


def _queues(weekday: str) -> Queues:
    """Ids of the live allocations by state and team, oldest first, where people work on this weekday."""
    working = [warehouse.code for warehouse in WAREHOUSES if weekday not in warehouse.weekdays_off]
    rows = Allocation.objects.filter(state__in=LIVE, frozen=False, warehouse__code__in=working).order_by("id")
    queues: Queues = {state: defaultdict(list) for state in LIVE}
    for key, state, team in rows.values_list("id", "state", "team__code"):
        queues[AllocationState(state)][team].append(key)
    return queues


def _all(of_teams: dict[str, list[int]]) -> list[int]:
    return [key for keys in of_teams.values() for key in keys]


def _first(of_teams: dict[str, list[int]], local: datetime, times: int = 1) -> list[int]:
    """What each team manages of a queue in this hour: its stride, a little more or less each time."""
    chosen: list[int] = []
    for team, keys in of_teams.items():
        mood = spread(f"{team} {local:%m%d%H}", 0.7, 1.3)
        chosen += keys[: max(1, round(STRIDES.get(team, 5) * times * mood))]
    return chosen


def _shipment(key: int) -> Shipment:
    return Shipment(key, tracking_number=f"PX{key:010d}CN")


def hours_between(start: datetime, end: datetime) -> Iterable[datetime]:
    """The moments after `start` and before `end` at which teams are looked at: once an hour, never on the hour."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        at = hour + timedelta(minutes=int(spread(f"look {hour:%m%d%H}", 5, 55)))
        if start < at < end:
            yield at
        hour += timedelta(hours=1)
