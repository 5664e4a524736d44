"""Writing quantities: set-based, with a movement for every change of what is on hand."""

import numpy as np
import pytest
from tests.builders import NOW, make_sku, make_stock, make_warehouse

from paidan.kit.arrays import array_cursor
from paidan.stock.models import MovementKind, Stock, StockMovement
from paidan.stock.services import LEAVE, Pairs, on_hand_after, set_quantities, take_shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def gz():
    return make_warehouse()


def pairs(gz, *codes):
    skus = np.array([make_sku(code).id for code in codes], np.int32)
    return Pairs(skus, np.full(len(codes), gz.id, np.int32))


def write(gz, codes, on_hand, safety=None):
    safety = [LEAVE] * len(on_hand) if safety is None else safety
    return set_quantities(
        array_cursor(), pairs(gz, *codes), np.array(on_hand, np.int64), np.array(safety, np.int64), now=NOW, by=None
    )


def test_rows_are_opened_changed_or_left_and_each_is_counted_once(gz):
    make_stock(gz, "A", 5)
    make_stock(gz, "B", 7)
    written = write(gz, "ABC", [5, 9, 2])
    assert (written.created, written.changed, written.unchanged) == (1, 1, 1)
    assert list(Stock.objects.order_by("sku__code").values_list("on_hand_qty", flat=True)) == [5, 9, 2]


def test_only_a_change_on_hand_is_a_movement(gz):
    make_stock(gz, "A", 5)
    write(gz, "AB", [5, 3], safety=[2, 1])
    movement = StockMovement.objects.get()
    assert (movement.sku.code, movement.kind, movement.delta_qty) == ("B", MovementKind.COUNT, 3)


def test_what_grew_is_what_has_more_to_give(gz):
    for code in "ABCD":
        make_stock(gz, code, 5, safety=2)
    written = write(gz, "ABCD", [6, 5, 6, 4], safety=[2, 1, 3, 2])
    grown = set(written.grown.sku_n.tolist())
    assert grown == {make_sku("A").id, make_sku("B").id}


def test_what_is_short_is_what_promised_more_than_is_there(gz):
    make_stock(gz, "A", 5)
    make_stock(gz, "B", 5)
    Stock.objects.update(reserved_qty=4)
    written = write(gz, "AB", [4, 3])
    assert written.short.sku_n.tolist() == [make_sku("B").id]


def test_what_would_be_on_hand_is_told_also_of_rows_there_are_not(gz):
    make_stock(gz, "A", 5)
    after = on_hand_after(array_cursor(), pairs(gz, "A", "B"), np.array([-6, 2]))
    assert after.tolist() == [-1, 2]


def ship(gz, *parts):
    allocations, codes, qty = zip(*parts, strict=True)
    chosen = pairs(gz, *codes)
    columns = (np.array(allocations), chosen.sku_n, chosen.warehouse_n, np.array(qty, np.int64))
    return take_shipped(array_cursor(), *columns, now=NOW, by=None).tolist()


def test_shipping_takes_from_both_quantities_and_logs_each_allocation(gz):
    make_stock(gz, "A", 10)
    Stock.objects.update(reserved_qty=7)
    assert ship(gz, (1, "A", 3), (2, "A", 4)) == [0]
    stock = Stock.objects.get()
    assert (stock.on_hand_qty, stock.reserved_qty) == (3, 0)
    moved = StockMovement.objects.order_by("id").values_list("allocation_id", "delta_qty", "on_hand_qty")
    assert list(moved) == [(1, -3, 7), (2, -4, 3)]


def test_shipping_more_than_is_there_takes_nothing(gz):
    make_stock(gz, "A", 5)
    make_stock(gz, "B", 5)
    Stock.objects.update(reserved_qty=9)
    assert ship(gz, (1, "A", 3), (2, "B", 9)) == [0, 4]
    assert not StockMovement.objects.exists()
    assert set(Stock.objects.values_list("on_hand_qty", flat=True)) == {5}
