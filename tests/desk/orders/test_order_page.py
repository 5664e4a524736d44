"""The page of one order: what it says, to whom, and what its buttons do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.builders import NOW, make_order, make_sku, make_stock

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.trying import try_now
from paidan.orders.models import Order, OrderException
from paidan.orders.states import OrderState

TO = {
    "name": "王小明",
    "phone": "13800005678",
    "province": "广东省",
    "city": "广州市",
    "address": "天河路 385 号 1202 室",
}


@pytest.fixture
def lead(desk):
    return desk.people()["lead"].client


def act(client, order, name, data=None):
    return client.post(f"/orders/{order.id}/{name}", data or {})


def text_of(client, order):
    return client.get(f"/orders/{order.id}/").content.decode()


def stuck(desk, lines, **fields):
    """An order a wave could not serve."""
    order = make_order(lines, shop=desk.tmall, **fields)
    try_now([order.id], now=NOW)
    assert desk.state(order) == OrderState.UNALLOCATED
    return order


def test_four_people_come_to_the_page(desk):
    order, people = desk.waiting(), desk.people()
    codes = {name: person.client.get(f"/orders/{order.id}/").status_code for name, person in people.items()}
    assert codes == {"lead": 200, "viewer": 200, "team": 403, "elsewhere": 404}
    codes = {name: act(person.client, order, "hold/", {"reason": "x"}).status_code for name, person in people.items()}
    assert codes == {"lead": 302, "viewer": 403, "team": 403, "elsewhere": 404}


def test_an_order_that_waits_and_one_that_is_placed_say_so(desk, lead):
    assert "It waits for the next wave" in text_of(lead, desk.waiting())
    order = desk.waiting(region="440106")
    assert act(lead, order, "allocate/").status_code == 302
    page = text_of(lead, order)
    assert "Goes to Guangzhou" in page
    assert "Move it to Beijing" in page
    assert desk.state(order) == OrderState.ALLOCATED


def test_the_page_costs_the_same_for_one_line_and_for_many(desk, lead):
    for code in "BCDEFGHIJK":
        make_stock(desk.gz, code, 5)
    queries = []
    for lines in ({"A": 1}, dict.fromkeys("ABCDEFGHIJK", 1)):
        order = make_order(lines, shop=desk.tmall)
        try_now([order.id], now=NOW)
        text_of(lead, order)  # what is kept in memory is there
        with CaptureQueriesContext(connection) as captured:
            text_of(lead, order)
        queries.append(len(captured))
    assert queries[0] == queries[1]
    assert queries[0] <= 60


def test_pieces_held_orders_keep_are_given_back(desk, lead):
    make_stock(desk.gz, "F", 3)
    keeper = make_order({"F": 3}, shop=desk.tmall)
    assign_by_hand(keeper.id, warehouse=desk.gz, now=NOW)
    hold_orders([keeper.id], reason="wait for the buyer", now=NOW)
    order = stuck(desk, {"F": 2})
    page = text_of(lead, order)
    assert "Give back the 3 pieces held orders keep" in page
    assert "Held orders keep 3 of it in Guangzhou." in page
    act(lead, order, f"give-back/?warehouse={desk.gz.id}")
    assert desk.state(order) == OrderState.ALLOCATED
    assert desk.state(keeper) == OrderState.PENDING
    assert "on hold" in text_of(lead, keeper).lower()


def test_what_orders_of_another_shop_keep_is_not_anybodys_to_give_back(desk):
    make_stock(desk.gz, "F", 3)
    keeper = make_order({"F": 3}, shop=desk.tmall)
    assign_by_hand(keeper.id, warehouse=desk.gz, now=NOW)
    hold_orders([keeper.id], reason="wait for the buyer", now=NOW)
    order = make_order({"F": 2}, shop=desk.jd)
    try_now([order.id], now=NOW)
    clerk = desk.people()["elsewhere"].client
    act(clerk, order, f"give-back/?warehouse={desk.gz.id}")
    assert "outside your shops" in text_of(clerk, order)
    assert Allocation.objects.get(order=keeper).state == AllocationState.ASSIGNED


def test_an_order_is_split_once_though_its_rule_does_not(desk, lead):
    make_stock(desk.gz, "S", 1)
    make_stock(desk.bj, "S", 2)
    order = stuck(desk, {"S": 3})
    assert "Split this one into 2 parcels" in text_of(lead, order)
    act(lead, order, "split/")
    assert desk.state(order) == OrderState.ALLOCATED
    assert Allocation.objects.filter(order=order, state=AllocationState.ASSIGNED).count() == 2


def test_what_is_there_is_shipped_and_the_rest_stays_open(desk, lead):
    make_stock(desk.gz, "P", 1)
    order = stuck(desk, {"P": 3})
    assert "Ship the 1 piece that is there" in text_of(lead, order)
    act(lead, order, f"assign-to/?warehouse={desk.gz.id}&partial=1")
    assert desk.state(order) == OrderState.PARTIAL


def test_a_shops_code_is_mapped_for_all_that_wait(desk, lead):
    one, other = (stuck(desk, {"NEW": 1}, unmapped=["NEW"]) for _number in range(2))
    assert "Say which SKU NEW of tmall is" in text_of(lead, one)
    assert "No SKU has this code" in act(lead, one, "map-sku/?code=NEW", {"sku": "nothing"}).content.decode()
    act(lead, one, "map-sku/?code=NEW", {"sku": "A"})
    assert {desk.state(one), desk.state(other)} == {OrderState.PENDING}
    assert one.lines.get().sku == make_sku("A")


def test_an_address_is_fixed_without_showing_the_street(desk, lead):
    order = make_order({"A": 1}, shop=desk.tmall, recipient=TO, address_state=3)
    try_now([order.id], now=NOW)
    form = lead.get(f"/orders/{order.id}/address/", headers={"HX-Request": "true"}).content.decode()
    assert "广州市" in form
    assert "385" not in form
    act(lead, order, "address/", {"province": "广东省", "city": "广州市", "district": "天河区"})
    changed = Order.objects.get(id=order.id)
    assert changed.region == 440106
    assert changed.recipient.address == TO["address"]


def test_personal_data_is_masked_until_somebody_says_why(desk, lead):
    order = make_order({"A": 1}, shop=desk.tmall, recipient=TO)
    page = text_of(lead, order)
    for secret in ("王小明", "13800005678", "385"):
        assert secret not in page
    assert "138****5678" in page
    assert act(lead, order, "reveal/").status_code == 200
    assert not ChangeLogEntry.objects.filter(action="buyer.revealed").exists()
    shown = act(lead, order, "reveal/", {"reason": "the carrier asked"}).content.decode()
    assert "王小明" in shown
    entry = ChangeLogEntry.objects.get(action="buyer.revealed")
    assert (entry.subject_id, entry.reason) == (str(order.id), "the carrier asked")
    viewer = desk.people()["viewer"].client
    assert act(viewer, order, "reveal/", {"reason": "curious"}).status_code == 403


def test_buttons_of_a_warehouse_stay_within_the_scope(desk):
    from tests.web.clients import sign_in_as

    order, _allocation = desk.assigned()
    clerk = sign_in_as("clerk", warehouses=[desk.gz]).client
    assert act(clerk, order, f"assign-to/?warehouse={desk.bj.id}").status_code == 404
    assert act(clerk, order, f"take-back/?allocation={10**9}").status_code == 404


def test_an_allocation_goes_its_way_from_the_page(desk, lead):
    order, allocation = desk.assigned()
    for state in (AllocationState.ACCEPTED, AllocationState.PICKED, AllocationState.PACKED):
        act(lead, order, f"step/?allocation={allocation}")
        assert Allocation.objects.get(id=allocation).state == state
    act(lead, order, f"ship/?allocation={allocation}", {"tracking_number": "SF1"})
    assert desk.state(order) == OrderState.FULFILLED
    assert "SF1" in text_of(lead, order)


def test_the_small_things_of_the_menu_work_and_are_told(desk, lead):
    order, _allocation = desk.assigned()
    act(lead, order, "tag/", {"tag": "VIP"})
    act(lead, order, "untag/?tag=VIP")
    act(lead, order, "carrier/", {"carrier": "sf"})
    act(lead, order, "remark/", {"seller_remark": "handle with care"})
    act(lead, order, "exception/", {"kind": "0", "note": "odd"})
    problem = OrderException.objects.filter(order=order, note="odd").get()
    act(lead, order, f"resolve/?exception={problem.id}", {"resolution": "was nothing"})
    act(lead, order, "hold/", {"reason": "ask first"})
    act(lead, order, "release/")
    act(lead, order, "cancel/", {"reason": "no longer wanted"})
    page = text_of(lead, order)
    told = ("Tagged VIP", "Tag VIP taken off", "Changed: seller", "Exception: other", "Held: ask first", "Released")
    for sentence in (*told, "Order cancelled", "no longer wanted"):
        assert sentence in page, sentence
    assert desk.state(order) == OrderState.CANCELLED


def test_a_refusal_is_a_toast_or_an_error_in_the_dialog(desk, lead):
    order = desk.waiting()
    act(lead, order, "release/")
    assert f"{order.number} is not on hold." in text_of(lead, order)
    act(lead, order, "hold/", {"reason": "twice"})
    assert "on hold for that reason already" in act(lead, order, "hold/", {"reason": "twice"}).content.decode()
