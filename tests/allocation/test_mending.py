"""Mending: a mapped code and a mended address let orders be tried again."""

import pytest
from tests.builders import NOW, make_bundle, make_order, make_shop, make_shop_sku, make_sku

from paidan.allocation.cancelling import cancel_pieces
from paidan.allocation.mending import Mapped, map_shop_code, mend_address
from paidan.kit.errors import Refusal
from paidan.network.models import ShopSku
from paidan.orders.models import Order, OrderLine, Recipient
from paidan.orders.states import AddressState, OrderState

pytestmark = pytest.mark.usefixtures("desk")


def stuck(lines, reason, **fields):
    """An order that a wave tried in vain."""
    order = make_order(lines, queued=False, **fields)
    Order.objects.filter(id=order.id).update(state=OrderState.UNALLOCATED, reason=reason)
    order.events.create(at=NOW, kind=4, state=OrderState.UNALLOCATED)
    return order


def test_mapping_a_code_serves_all_orders_that_wait_for_it(desk):
    first, second = (stuck({"X9": 2, "A": 1}, 12, unmapped=["X9"]) for _ in range(2))
    elsewhere = stuck({"X9": 1}, 12, unmapped=["X9"], shop=make_shop("other"))
    assert map_shop_code(shop=first.shop, code="X9", sku=make_sku("C"), now=NOW) == Mapped(lines=2, orders=2)
    for order in (first, second):
        assert OrderLine.objects.get(order=order, shop_code="X9").sku == make_sku("C")
        assert desk.order(order).state == OrderState.PENDING
        assert desk.queued(order)
    assert OrderLine.objects.get(order=elsewhere).sku is None
    assert not desk.queued(elsewhere)


def test_a_mapping_is_kept_for_orders_to_come_and_can_be_changed():
    shop = make_shop()
    make_shop_sku(shop, "X9", "A")
    map_shop_code(shop=shop, code="X9", sku=make_sku("C"), now=NOW)
    assert ShopSku.objects.get().sku == make_sku("C")


def test_a_bundle_is_exploded_into_its_components(desk):
    bundle = make_bundle("SET", {"A": 2, "B": 1})
    order = stuck({"X9": 3, "C": 1}, 12, unmapped=["X9"])
    OrderLine.objects.filter(order=order, shop_code="X9").update(amount_minor=1000)
    map_shop_code(shop=order.shop, code="X9", sku=bundle, now=NOW)
    lines = OrderLine.objects.filter(order=order).order_by("position")
    assert [(line.sku.code, line.qty, line.bundle, line.number, line.amount_minor) for line in lines] == [
        ("A", 6, bundle, "1", 667),
        ("C", 1, None, "2", 0),
        ("B", 3, bundle, "1", 333),
    ]
    assert desk.queued(order)


def test_cancelled_pieces_of_a_bundle_are_cancelled_pieces_of_its_components():
    bundle = make_bundle("SET", {"A": 2, "B": 1})
    order = make_order({"X9": 3}, unmapped=["X9"])
    cancel_pieces(order.id, {OrderLine.objects.get(order=order).id: 1}, now=NOW)
    map_shop_code(shop=order.shop, code="X9", sku=bundle, now=NOW)
    lines = OrderLine.objects.filter(order=order).order_by("position").values_list("qty", "cancelled_qty")
    assert list(lines) == [(6, 2), (3, 1)]


def test_more_pieces_than_a_line_may_have_are_refused():
    bundle = make_bundle("SET", {"A": 1000})
    order = make_order({"X9": 900_000_000}, unmapped=["X9"])
    with pytest.raises(Refusal) as refused:
        map_shop_code(shop=order.shop, code="X9", sku=bundle, now=NOW)
    assert refused.value.code == "too_many_pieces"
    assert not ShopSku.objects.exists()


def test_an_empty_code_is_refused():
    with pytest.raises(Refusal):
        map_shop_code(shop=make_shop(), code=" ", sku=make_sku("A"), now=NOW)


def test_a_mended_address_is_resolved_stored_and_tried_again(desk):
    order = stuck({"A": 1}, 11, address_state=AddressState.UNRESOLVED, lat=1.0, lng=2.0)
    mend_address(order.id, province="上海市", city="上海市", district="浦东新区", address="世纪大道100号", now=NOW)
    mended = desk.order(order)
    assert (mended.region, mended.address_state, mended.lat) == (310115, AddressState.RESOLVED, None)
    assert Recipient.objects.get(order=order).district == "浦东新区"
    assert desk.queued(order)


@pytest.mark.parametrize(("address", "code"), [("鼓楼区", "address_ambiguous"), ("不知道", "address_unresolved")])
def test_an_address_that_is_no_better_is_refused(address, code):
    order = stuck({"A": 1}, 11, address_state=AddressState.UNRESOLVED)
    with pytest.raises(Refusal) as refused:
        mend_address(order.id, address=address, now=NOW)
    assert refused.value.code == code
