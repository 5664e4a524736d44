"""A few orders pushed to be decided at once: what a program pushes one by one, at a hundred requests a second."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import OperationalError
from django.utils import timezone

from paidan.accounts.models import User
from paidan.allocation.explanation import Explanation
from paidan.allocation.on_arrival import store_and_decide
from paidan.allocation.sentences import headline
from paidan.allocation.states import COUNTED
from paidan.orders.arrivals import FEW, OutOfTheOrdinary

from .schemas import Decision, OrderIn, OrderResult, OrdersOut
from .together import Together

MOST_OF_A_REQUEST = 5
"""Larger requests gain nothing from company."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The new orders of one request, and for whom."""

    user: User
    orders: Sequence[OrderIn]


def push_few(orders: Sequence[OrderIn], user: User) -> OrdersOut | None:
    """Store these orders and decide them; nothing is stored and None answered where the general way has to."""
    if len(orders) > MOST_OF_A_REQUEST:
        return None
    keys = frozenset((one.shop, one.number) for one in orders)
    try:
        explained = _TOGETHER.run(Pushed(user, orders), user.pk, keys)
    except (OutOfTheOrdinary, OperationalError):
        return None
    results = [_result(one, of) for one, of in zip(orders, explained, strict=True)]
    return OrdersOut.model_construct(created=len(results), changed=0, unchanged=0, rejected=0, orders=results)


def _work(requests: Sequence[Pushed]) -> list[list[Explanation]]:
    """Store and decide the orders of several requests of one user, and say why."""
    orders = [order for request in requests for order in request.orders]
    found = iter(store_and_decide(orders, now=timezone.now(), by=requests[0].user))
    return [[next(found) for _order in request.orders] for request in requests]


_TOGETHER: Together[Pushed, list[Explanation]] = Together(_work, FEW // MOST_OF_A_REQUEST)


def _result(order: OrderIn, of: Explanation) -> OrderResult:
    return OrderResult.model_construct(
        shop=order.shop,
        number=order.number,
        id=of.order_id,
        result="created",
        state=of.state.code,
        errors=[],
        decision=decision_of(of),
    )


def decision_of(of: Explanation) -> Decision:
    """Where an order went and why, in the active language."""
    live = [placement for placement in of.placements if placement.state in COUNTED]
    return Decision(
        warehouses=[placement.warehouse for placement in live],
        teams=[placement.team for placement in live if placement.team],
        reason=of.reason.code if of.reason else None,
        explanation=headline(of),
    )
