"""A kept preview: made as it was seen, step by step, once, and only while it is fresh."""

from datetime import timedelta

import pytest
from tests.allocation.rebalance.conftest import EAST, NORTH
from tests.builders import NOW, make_user

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.rebalance import previews
from paidan.allocation.rebalance.previews import apply_some, keep_preview, preview_of, stop
from paidan.allocation.transitions import accept_allocations
from paidan.kit.errors import Refusal
from paidan.web.models import Batch


@pytest.fixture
def lead(db):  # noqa: ARG001 - it needs the database
    return make_user("lead")


def keep(house, lead, **asked):
    return keep_preview(house.plan(**asked), owner=lead, asked_by="board", now=NOW)


def test_a_preview_is_made_as_it_was_kept(house, lead):
    ids = [house.at(house.gz, region) for region in (NORTH, EAST)]
    plan = house.plan()
    kept = keep_preview(plan, owner=lead, asked_by="board", now=NOW)
    done = apply_some(preview_of(lead, kept.pk), now=NOW, by=lead)
    assert (done.state, done.done_n, done.choices["saved_minor"]) == (Batch.State.APPLIED, 2, plan.saving_minor)
    assert [house.where(key) for key in ids] == ["bj", "sh"]
    assert ChangeLogEntry.objects.get(action="allocations.rebalanced").after["number"] == 2
    again = apply_some(done, now=NOW, by=lead)
    assert (again.done_n, house.waiting()) == (2, 2)


def test_a_preview_grows_old(house, lead):
    key = house.at(house.gz, NORTH)
    kept = keep(house, lead)
    with pytest.raises(Refusal) as refused:
        apply_some(kept, now=NOW + timedelta(minutes=16), by=lead)
    assert refused.value.code == "preview_expired"
    assert house.where(key) == "gz"


def test_the_next_preview_replaces_the_last_and_another_door_keeps_its_own(house, lead):
    house.at(house.gz, NORTH)
    first, other = keep(house, lead), keep_preview(house.plan(), owner=lead, asked_by="api", now=NOW)
    second = keep(house, lead)
    assert set(Batch.objects.values_list("pk", flat=True)) == {second.pk, other.pk}
    assert preview_of(lead, first.pk) is None
    assert preview_of(make_user("somebody"), second.pk) is None


def test_steps_go_on_until_somebody_stops(house, lead, monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 1)
    for region in (NORTH, EAST):
        house.at(house.gz, region)
    kept = keep(house, lead)
    begun = apply_some(kept, now=NOW, by=lead)
    assert (begun.state, begun.done_n) == (Batch.State.APPLYING, 1)
    assert stop(begun).state == Batch.State.APPLIED
    assert apply_some(begun, now=NOW, by=lead).done_n == 1


def test_one_that_has_begun_may_be_finished_later(house, lead, monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 1)
    for region in (NORTH, EAST):
        house.at(house.gz, region)
    begun = apply_some(keep(house, lead), now=NOW, by=lead)
    assert apply_some(begun, now=NOW + timedelta(hours=1), by=lead).done_n == 2


def test_what_stays_is_counted_by_its_reason(house, lead):
    first, _second = house.at(house.gz, NORTH), house.at(house.gz, NORTH)
    kept = keep(house, lead)
    accept_allocations([first], now=NOW)
    done = apply_some(kept, now=NOW, by=lead)
    assert (done.done_n, done.failures) == (1, [{"reason": "accepted", "number": 1}])
