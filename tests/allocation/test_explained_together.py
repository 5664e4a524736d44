"""Several orders explained at once: each as it would be alone, and briefly with the same headline."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_order, make_user

from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.explain import explain_order, explain_orders
from paidan.allocation.holds import hold_orders
from paidan.allocation.merging import merge_orders
from paidan.allocation.models import Allocation
from paidan.allocation.sentences import headline
from paidan.allocation.transitions import Shipment, accept_allocations, ship_allocations
from paidan.allocation.trying import try_now
from paidan.orders.checking.kinds import Check
from paidan.orders.models import Hold, Order
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules


@pytest.fixture
def every_state(desk):
    """An order in every state, in more ways than one where the headline differs."""
    publish_rules([], now=NOW)
    lin, chen = make_user("lin"), {"name": "陈一", "phone": "1", "address": "1"}
    gone, gone_by, _by_hand = make_order(), make_order(), desk.assigned()
    cancel_orders([gone.id], now=NOW)
    cancel_orders([gone_by.id], now=NOW, by=lin, reason="no stock")
    held, held_by = make_order(), make_order()
    hold_orders([held.id], now=NOW, reason="check")
    hold_orders([held_by.id], now=NOW, reason="check", by=lin, until_at=NOW + timedelta(days=1))
    merge_orders([make_order(recipient=chen).id, make_order(recipient=chen).id], now=NOW)
    decided = [make_order({"A": 1}, region="440106"), make_order({"A": 900}), make_order({"?": 1}, unmapped=["?"])]
    try_now([order.id for order in decided], now=NOW)
    _shipped, packed = desk.packed()
    ship_allocations([Shipment(packed, "yto", "YT1")], now=NOW)
    partly = make_order({"A": 3, "Z": 2})
    publish_rules([{"id": "r", "then": {"split": "by_piece", "shortage": "partial"}}], now=NOW)
    try_now([partly.id], now=NOW)
    begun = Allocation.objects.get(order=decided[0])
    accept_allocations([begun.id], now=NOW)
    cancel_orders([decided[0].id], now=NOW)  # a team has begun: it is only asked
    make_order()
    return list(Order.objects.values_list("id", flat=True))


def test_the_headline_needs_no_more_than_the_brief_explanation(every_state):
    assert set(Order.objects.values_list("state", flat=True)) == {state.value for state in OrderState}
    brief = explain_orders(every_state, now=NOW, brief=True)
    assert {key: headline(of) for key, of in brief.items()} == {
        key: headline(explain_order(key, now=NOW)) for key in every_state
    }
    for key in every_state:  # the others beside it make no difference
        assert headline(explain_orders([key], now=NOW, brief=True)[key]) == headline(brief[key])


def test_several_are_explained_as_each_alone(every_state):
    assert explain_orders(every_state, now=NOW) == {key: explain_order(key, now=NOW) for key in every_state}


def test_who_is_not_there_is_not_explained(desk):
    order, _allocation = desk.assigned()
    assert set(explain_orders([order.id, order.id + 999], now=NOW)) == {order.id}
    with pytest.raises(Order.DoesNotExist):
        explain_order(order.id + 999, now=NOW)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("brief", [True, False])
def test_a_hold_says_what_the_order_check_found(brief):
    order = make_order(queued=False)
    Hold.objects.create(order=order, reason=Check.TOGETHER.reason, held_at=NOW, detail={"orders": ["jd/2"]})
    of = explain_orders([order.id], now=NOW, brief=brief)[order.id]
    assert of.holds[0].detail == {"orders": ["jd/2"]}
    assert "jd/2" in headline(of)[0]
