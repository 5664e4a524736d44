"""Splitting one order by hand: who sends what, and all or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, make_order, make_stock

from paidan.allocation.explanation import Candidate, LineFacts
from paidan.allocation.models import Allocation
from paidan.allocation.splitting import plan_split, split_once
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal


def line(number, qty, sku=None):
    return LineFacts(number, sku or number, f"S{sku or number}", "", "", qty, qty, Reason.STOCK_SHORT)


def candidate(number, *available, distance_m=None):
    near = number * 1000 if distance_m is None else distance_m
    return Candidate(number, f"w{number}", "", 0, Reason.STOCK_SHORT, False, 0, near, None, available, 0, None)


def shares(found):
    return {share.candidate.warehouse_id: share.pieces for share in found}


def test_who_has_most_sends_most_and_the_nearest_the_rest():
    lines = [line(1, 5), line(2, 2)]
    found = plan_split(lines, [candidate(1, 2, 0), candidate(2, 2, 0), candidate(3, 3, 2)])
    assert shares(found) == {3: {1: 3, 2: 2}, 1: {1: 2}}


def test_nothing_is_split_that_one_warehouse_has_or_none_have_together():
    assert plan_split([line(1, 5)], [candidate(1, 5), candidate(2, 1)]) == []
    assert plan_split([line(1, 5)], [candidate(1, 2), candidate(2, 2)]) == []
    assert plan_split([line(1, 5)], []) == []


def test_lines_of_one_sku_share_its_stock():
    found = plan_split([line(1, 2, sku=9), line(2, 2, sku=9)], [candidate(1, 3, 3), candidate(2, 1, 1)])
    assert shares(found) == {1: {1: 2, 2: 1}, 2: {2: 1}}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_a_plan_sends_every_piece_once_and_never_more_than_there_is(wanted, data):
    lines = [line(number, qty) for number, qty in enumerate(wanted, 1)]
    stock = st.tuples(*(st.integers(0, 4) for _qty in wanted))
    candidates = [candidate(number, *row) for number, row in enumerate(data.draw(st.lists(stock, max_size=5)), 1)]
    found = plan_split(lines, candidates)
    if found:
        for at, each in enumerate(lines):
            assert sum(share.pieces.get(each.id, 0) for share in found) == each.open_qty
            assert all(share.pieces.get(each.id, 0) <= share.candidate.available[at] for share in found)
    elif all(sum(c.available[at] for c in candidates) >= qty for at, qty in enumerate(wanted)):
        assert any(all(have >= qty for have, qty in zip(c.available, wanted, strict=True)) for c in candidates)


@pytest.mark.django_db
def test_a_split_that_fails_in_part_leaves_nothing(desk):
    make_stock(desk.gz, "F", 2)
    order = make_order({"F": 3})
    [each] = order.lines.all()
    with pytest.raises(Refusal):
        split_once(order.id, {desk.gz.id: {each.id: 2}, desk.bj.id: {each.id: 1}}, now=NOW)
    assert not Allocation.objects.exists()
    with pytest.raises(Refusal):
        split_once(order.id, {}, now=NOW)
