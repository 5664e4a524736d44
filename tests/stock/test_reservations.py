"""Reserving stock: all pairs or none, never more than is available, whoever else is reserving."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection, transaction
from tests.builders import NOW, make_sku, make_stock, make_warehouse

from paidan.kit.arrays import array_cursor
from paidan.network.models import Warehouse
from paidan.stock.models import Stock
from paidan.stock.reservations import give_back, lock_and_reserve, summed_pairs

pytestmark = pytest.mark.django_db

RACERS = 20


def reserve(*needs, guarded=True):
    skus, warehouses, pieces = (np.array(column) for column in zip(*needs, strict=True))
    with transaction.atomic():
        return lock_and_reserve(array_cursor(), skus, warehouses, pieces, now=NOW, guarded=guarded).tolist()


def reserved(stock):
    return Stock.objects.get(pk=stock.pk).reserved_qty


def test_reserves_every_pair_when_all_are_available():
    gz = make_warehouse()
    apples, pears = make_stock(gz, "A", 10), make_stock(gz, "B", 5)
    assert reserve((apples.sku_id, gz.id, 10), (pears.sku_id, gz.id, 4)) == [0, 0]
    assert (reserved(apples), reserved(pears)) == (10, 4)


def test_reserves_nothing_and_says_by_how_much_when_one_pair_is_short():
    gz = make_warehouse()
    apples, pears = make_stock(gz, "A", 10), make_stock(gz, "B", 5)
    assert reserve((apples.sku_id, gz.id, 10), (pears.sku_id, gz.id, 7)) == [0, 2]
    assert (reserved(apples), reserved(pears)) == (0, 0)


def test_safety_stock_and_what_is_reserved_are_not_available():
    gz = make_warehouse()
    apples = make_stock(gz, "A", on_hand=10, safety=3)
    assert reserve((apples.sku_id, gz.id, 5)) == [0]
    assert reserve((apples.sku_id, gz.id, 3)) == [1]


def test_stock_already_overpromised_counts_as_nothing_not_as_less():
    gz = make_warehouse()
    apples = make_stock(gz, "A", on_hand=2, safety=5)
    assert reserve((apples.sku_id, gz.id, 4)) == [4]


def test_a_pair_without_a_stock_row_has_nothing():
    gz = make_warehouse()
    assert reserve((make_sku("A").id, gz.id, 3)) == [3]


def test_takes_djangos_cursor_as_well():
    gz = make_warehouse()
    apples = make_stock(gz, "A", 10)
    with connection.cursor() as cursor:
        short = lock_and_reserve(cursor, np.array([apples.sku_id]), np.array([gz.id]), np.array([4]), now=NOW)
    assert short.tolist() == [0]
    assert reserved(apples) == 4


def test_no_pairs_at_all_are_no_problem():
    nothing = np.zeros(0, np.int64)
    assert lock_and_reserve(array_cursor(), nothing, nothing, nothing, now=NOW).tolist() == []
    give_back(array_cursor(), nothing, nothing, nothing, now=NOW)


def test_refuses_a_pair_named_twice_rather_than_reserve_it_once():
    gz = make_warehouse()
    apples = make_stock(gz, "A", 10)
    with pytest.raises(ValueError, match="twice"):
        reserve((apples.sku_id, gz.id, 1), (apples.sku_id, gz.id, 1))


def test_gives_back_what_was_reserved():
    gz = make_warehouse()
    apples = make_stock(gz, "A", 10)
    reserve((apples.sku_id, gz.id, 7))
    give_back(array_cursor(), np.array([apples.sku_id]), np.array([gz.id]), np.array([3]), now=NOW)
    assert reserved(apples) == 4


def test_giving_back_to_a_row_that_does_not_exist_is_an_error_not_a_silence():
    gz = make_warehouse()
    with pytest.raises(LookupError):
        give_back(array_cursor(), np.array([make_sku("A").id]), np.array([gz.id]), np.array([1]), now=NOW)


def test_sums_repeated_pairs_into_distinct_ones_in_lock_order():
    skus, warehouses, pieces = summed_pairs(np.array([2, 1, 2]), np.array([1, 9, 1]), np.array([3, 4, 5]))
    assert (skus.tolist(), warehouses.tolist(), pieces.tolist()) == ([1, 2], [9, 1], [4, 8])


def race(guarded):
    """Twenty connections want 10 of the same 100 pieces each, at once; answers (winners, reserved)."""
    gz = make_warehouse()
    apples = make_stock(gz, "A", 100)

    def once(_racer):
        try:
            with transaction.atomic():
                return lock_and_reserve(
                    array_cursor(),
                    np.array([apples.sku_id]),
                    np.array([gz.id]),
                    np.array([10]),
                    now=NOW,
                    guarded=guarded,
                ).tolist()
        finally:
            connection.close()

    with ThreadPoolExecutor(RACERS) as racers:
        shortfalls = list(racers.map(once, range(RACERS)))
    return shortfalls.count([0]), reserved(apples)


@pytest.mark.django_db(transaction=True)
def test_twenty_connections_never_reserve_more_than_there_is():
    assert race(guarded=True) == (10, 100)


@pytest.mark.django_db(transaction=True)
def test_control_the_same_race_without_the_lock_oversells():
    # The unguarded window is short: give it some chances to show.
    for _attempt in range(20):
        winners, pieces = race(guarded=False)
        if pieces > 100:
            assert winners > 10
            return
        Stock.objects.all().delete()
        Warehouse.objects.all().delete()
    pytest.fail("the harness never saw an oversell, so the guarded test proves nothing")
