"""The state of an order follows from its pieces, in Python and in SQL alike."""

from itertools import product

import pytest
from django.db import connection

from paidan.allocation.settle import STATE_OF_PIECES
from paidan.orders.states import OrderState, order_state

CASES = {
    (1, 0, 0, False): OrderState.PENDING,
    (1, 0, 0, True): OrderState.UNALLOCATED,
    (1, 1, 0, True): OrderState.PARTIAL,
    (1, 0, 1, False): OrderState.PARTIAL,
    (0, 1, 0, True): OrderState.ALLOCATED,
    (0, 1, 1, False): OrderState.ALLOCATED,
    (0, 0, 1, True): OrderState.FULFILLED,
    (0, 0, 0, False): OrderState.CANCELLED,
}


@pytest.mark.parametrize(("pieces", "state"), CASES.items())
def test_the_table_of_the_design(pieces, state):
    open_qty, live_qty, shipped_qty, tried = pieces
    assert order_state(open_qty=open_qty, live_qty=live_qty, shipped_qty=shipped_qty, tried=tried) == state


@pytest.mark.django_db
def test_sql_says_the_same_for_every_combination():
    for open_qty, live_qty, shipped_qty, tried in product((0, 1, 7), (0, 1, 7), (0, 1, 7), (False, True)):
        query = STATE_OF_PIECES.format(open=open_qty, live=live_qty, shipped=shipped_qty, tried=tried)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {query}")
            [found] = cursor.fetchone()
        assert found == order_state(open_qty=open_qty, live_qty=live_qty, shipped_qty=shipped_qty, tried=tried)
