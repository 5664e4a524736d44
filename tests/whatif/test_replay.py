"""The live rules replayed over the practice days give what happened, order by order."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from paidan.allocation.models import AllocationLine
from paidan.allocation.states import Origin
from paidan.allocation.wave import run_waves
from paidan.desk.practice import month
from paidan.desk.practice.orders import CHINA
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.rules.drafts import Who, replace_draft
from paidan.whatif.comparing import compare
from paidan.whatif.history import read_history
from paidan.whatif.otherwise import EVERYWHERE, Added, place_of
from paidan.whatif.replay import Assumptions, Replayed, replay

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=CHINA)
DAYS = 3

pytestmark = pytest.mark.usefixtures("_lived")


@pytest.fixture(scope="module")
def _month(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[None]:  # noqa: ARG001
    folder: Path = tmp_path_factory.mktemp("practice")
    with django_db_blocker.unblock(), transaction.atomic():
        month.load_network(folder, NOON, DAYS)
        month.play(folder, NOON, lambda _done, _total: None, DAYS)
        run_waves(now=NOON)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _lived(_month: None, db: None) -> None:
    """The lived days, as they were."""


def happened(since: datetime) -> dict[tuple[int, int], set[Any]]:
    """Every automatic decision: (wave, order) → who sends which pieces."""
    found: dict[tuple[int, int], set[Any]] = defaultdict(set)
    parts = AllocationLine.objects.filter(allocation__origin=Origin.AUTOMATIC, allocation__created_at__gte=since)
    names = ("wave_id", "order_id", "warehouse_id", "team_id")
    for wave, order, *rest in parts.values_list(*(f"allocation__{name}" for name in names), "line_id", "qty"):
        found[wave, order].add(tuple(rest))
    return found


def decided(replayed: Replayed) -> dict[tuple[int, int], set[Any]]:
    found: dict[tuple[int, int], set[Any]] = defaultdict(set)
    for a, line, qty in zip(
        *(c.tolist() for c in (replayed.allocation_p, replayed.line_p, replayed.qty_p)), strict=True
    ):
        place = (int(replayed.warehouse_a[a]), int(replayed.team_a[a]) or None, line, qty)
        found[int(replayed.wave_a[a]), int(replayed.order_a[a])].add(place)
    return found


@pytest.mark.parametrize("back", [DAYS + 1, 1])
def test_the_live_rules_over_a_period_give_what_happened_order_by_order(back):
    since = NOON - timedelta(days=back)
    real = happened(since)
    assert len(real) > 1000
    again = decided(replay(read_history(since, NOON + timedelta(days=1)), Assumptions()))
    differing = {key for key in real.keys() | again.keys() if real.get(key) != again.get(key)}
    assert [(key, real.get(key), again.get(key)) for key in sorted(differing)[:8]] == []


SINCE, UNTIL = NOON - timedelta(days=DAYS + 1), NOON + timedelta(days=1)


def test_beside_itself_nothing_differs():
    found = compare(SINCE, UNTIL, Assumptions())
    assert found.before == found.after
    assert len(found.moves.order_o) == 0
    assert found.before.served > 1000


def test_a_paused_warehouse_gets_nothing_and_others_take_its_orders():
    busiest = max(Warehouse.objects.all(), key=lambda w: sent(compared().before, w.pk))
    found = compare(SINCE, UNTIL, Assumptions(paused=frozenset([busiest.pk])))
    assert sent(found.before, busiest.pk) > 100
    assert sent(found.after, busiest.pk) == 0
    assert {a for a, _b, _n in found.moves.by_flow()} >= {busiest.pk}
    assert busiest.pk not in found.moves.after_o
    assert sum(n for _a, _b, n in found.moves.by_flow()) == len(found.moves.order_o)


def compared():
    return compare(SINCE, UNTIL, Assumptions())


def sent(figures, warehouse_id):
    return sum(n for (key, _day), n in figures.load_w.items() if key == warehouse_id)


def test_a_capacity_is_kept_on_every_day_and_what_finds_no_place_says_why():
    small = {warehouse.pk: 20 for warehouse in Warehouse.objects.all()}
    found = compare(SINCE, UNTIL, Assumptions(capacity_w=small))
    assert max(found.after.load_w.values()) <= 20 < max(found.before.load_w.values())
    assert found.after.served < found.before.served
    assert found.after.orders == found.before.orders


def test_another_ratio_of_teams_shifts_the_work_between_them():
    rows = (
        Team.objects.filter(skills=[], shops=None, active=True).exclude(warehouse=None).order_by("warehouse_id", "id")
    )
    team, other = next((a, b) for a, b in pairwise(rows) if a.warehouse_id == b.warehouse_id)
    unlimited = {team.pk: None, other.pk: None}
    found = compare(SINCE, UNTIL, Assumptions(ratio_t={team.pk: 9, other.pk: 1}, capacity_t=unlimited))

    def work(figures, key):
        return sum(n for (member, _day), n in figures.load_t.items() if member == key)

    assert work(found.after, team.pk) > work(found.before, team.pk)
    assert work(found.after, team.pk) > 4 * work(found.after, other.pk)


def test_other_rules_are_tried_without_being_published_and_nothing_is_oversold():
    rules = [{"id": "most", "then": {"strategies": ["most_stock"]}}]
    version = replace_draft({"rules": rules}, who=Who(None, NOON))
    history = read_history(SINCE, UNTIL)
    replayed = replay(history, Assumptions(version=version))
    assert decided(replayed) != happened(SINCE)
    found = compare(SINCE, UNTIL, Assumptions(version=version))
    assert found.after.served > 1000
    assert len(found.moves.order_o) > 100


def test_a_run_can_be_stopped_and_tells_how_far_it_is():
    told = []

    def progress(done: int, of: int) -> None:
        told.append((done, of))
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        compare(SINCE, UNTIL, Assumptions(), progress)
    assert [done for done, _of in told] == [1, 2, 3]
    assert told[0][1] == told[-1][1] > 3


@pytest.mark.parametrize(
    ("since", "until", "code"), [(UNTIL, SINCE, "empty_period"), (UNTIL, UNTIL + timedelta(days=1), "nothing_happened")]
)
def test_a_period_without_anything_is_refused(since, until, code):
    with pytest.raises(Refusal) as refused:
        compare(since, until, Assumptions())
    assert refused.value.code == code


def test_dearer_freight_changes_what_it_costs_and_nobodys_place_under_rules_that_do_not_ask_for_it():
    near = replace_draft({"rules": [{"id": "near", "then": {"strategies": ["nearest"]}}]}, who=Who(None, NOON))
    as_is = compare(SINCE, UNTIL, Assumptions(version=near)).after
    found = compare(SINCE, UNTIL, Assumptions(version=near, freight_percent={EVERYWHERE: 100}))
    assert found.after.freight_minor == 2 * as_is.freight_minor
    assert found.after.load_w == as_is.load_w
    one = Warehouse.objects.order_by("position").first()
    dearer = compare(SINCE, UNTIL, Assumptions(version=near, freight_percent={one.pk: 50})).after
    assert as_is.freight_minor < dearer.freight_minor < 2 * as_is.freight_minor


def test_one_more_warehouse_shares_the_stock_and_takes_the_orders_near_it():
    like = Warehouse.objects.order_by("position").first()
    near = replace_draft({"rules": [{"id": "near", "then": {"strategies": ["nearest"]}}]}, who=Who(None, NOON))
    new = Added("sh", 31.23, 121.47, stock_percent=40, like=like.pk)
    found = compare(SINCE, UNTIL, Assumptions(version=near, added=(new,)))
    key = found.added_ids[0]
    assert sent(found.after, key) > 50
    assert sent(found.before, key) == 0
    assert key in found.moves.after_o
    alone = compare(SINCE, UNTIL, Assumptions(version=near, added=(Added("sh", 31.23, 121.47),)))
    assert sent(alone.after, alone.added_ids[0]) == 0  # without stock it can serve nothing


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ((Added("x", 0, 0, 60), Added("y", 0, 0, 50)), "too_much_stock"),
        ((Added("x", 0, 0), Added("x", 0, 0)), "code_taken"),
    ],
)
def test_what_cannot_be_added_is_refused(added, code):
    with pytest.raises(Refusal) as refused:
        compare(SINCE, UNTIL, Assumptions(added=added))
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["31.23,121.47", " 31.23 , 121.47 ", "310115", "上海市浦东新区"])
def test_a_place_is_coordinates_a_region_or_a_name(text):
    assert place_of(text) == pytest.approx((31.22, 121.5), abs=0.1)


@pytest.mark.parametrize("text", ["", "nowhere at all", "95,10", "10,200", "999999", "1,2,3"])
def test_no_place_is_refused_with_a_remedy(text):
    with pytest.raises(Refusal) as refused:
        place_of(text)
    assert refused.value.code == "unknown_place"
