"""The order check of known orders: held while there is a cause, released when it is gone, let pass by a person once."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_order, make_shop, make_user

from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.changes import OrderChange, change_order
from paidan.allocation.holds import hold_orders, release_due, release_orders
from paidan.allocation.merging import merge_orders
from paidan.allocation.rechecking import recheck_all, recheck_held, recheck_orders
from paidan.kit.arrays import array_cursor
from paidan.orders.checking.book import reckon_usual_amounts
from paidan.orders.checking.partners import forget_keys
from paidan.orders.models import Blacklisted, BuyerKey, CheckProfile, Event, Hold, RemarkWord, UsualAmount
from paidan.orders.states import EventKind, OrderState

TO = {"name": "张三", "phone": "13800138000", "address": "世纪大道100号", "city": "上海市"}


def set_checks(shop=None, **checks):
    """Checks that are on, with their settings; True for as they come, False for off."""
    said = {name: {"on": bool(how), **(how if isinstance(how, dict) else {})} for name, how in checks.items()}
    CheckProfile.objects.update_or_create(shop=shop, defaults={"checks": said, "changed_at": NOW})


def held(order):
    return sorted(Hold.objects.filter(order=order, released_at=None).values_list("reason", flat=True))


def check(*orders, now=NOW):
    return recheck_orders([order.id for order in orders], now=now)


def test_a_waiting_order_with_a_cause_is_held_and_leaves_the_queue(desk):
    set_checks(remark=True)
    plain, order = make_order(), make_order(buyer_remark="轻放")
    assert check(plain, order).held == 1
    assert (held(order), held(plain)) == (["check:remark"], [])
    assert desk.queued(plain)
    assert not desk.queued(order)
    assert Event.objects.get(kind=EventKind.HELD).detail == {"reason": "check:remark"}


@pytest.mark.usefixtures("desk")
def test_checking_again_changes_nothing():
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    again = check(order)
    assert (again.held, again.released) == (0, 0)
    assert Hold.objects.count() == 1


def test_what_is_allocated_is_not_held_any_more(desk):
    set_checks(remark=True)
    order, allocation = desk.assigned(buyer_remark="轻放")
    assert check(order).held == 0
    assert not desk.allocation(allocation).frozen


@pytest.mark.usefixtures("desk")
def test_a_shop_may_check_what_others_do_not():
    jd, tm = make_shop("jd"), make_shop("tm")
    set_checks(remark=True)
    set_checks(jd, remark=False, invoice=True)
    orders = [make_order(shop=shop, buyer_remark="发票") for shop in (jd, tm)]
    check(*orders)
    assert [held(order) for order in orders] == [["check:invoice"], ["check:remark"]]


def test_a_cleared_remark_releases_at_once(desk):
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    change_order(OrderChange(order.id, values={"buyer_remark": ""}), now=NOW)
    assert held(order) == []
    assert desk.queued(order)


def test_a_payment_that_arrives_releases_at_once(desk):
    set_checks(unpaid={"no_time": True})
    order = make_order(paid_at=None)
    check(order)
    assert held(order) == ["unpaid"]
    change_order(OrderChange(order.id, values={"paid_at": NOW}), now=NOW)
    assert held(order) == []
    assert desk.queued(order)


@pytest.mark.usefixtures("desk")
def test_a_change_with_every_check_off_is_only_a_change():
    order = make_order()
    assert change_order(OrderChange(order.id, values={"buyer_remark": "轻放"}), now=NOW).changed == ("buyer_remark",)
    assert held(order) == []


@pytest.mark.usefixtures("desk")
def test_a_new_remark_holds_what_waits():
    set_checks(remark=True)
    order = make_order()
    change_order(OrderChange(order.id, values={"buyer_remark": "轻放"}), now=NOW)
    assert held(order) == ["check:remark"]


def test_what_a_person_let_pass_is_held_for_a_new_cause_only(desk):
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    release_orders([order.id], now=NOW, by=make_user())
    check(order)
    assert held(order) == []
    assert desk.queued(order)
    change_order(OrderChange(order.id, values={"buyer_remark": "不要了"}), now=NOW)
    assert held(order) == ["check:remark"]


@pytest.mark.usefixtures("desk")
def test_what_went_away_by_itself_is_held_when_it_comes_back():
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    for remark in ("", "轻放"):
        change_order(OrderChange(order.id, values={"buyer_remark": remark}), now=NOW)
    assert held(order) == ["check:remark"]


@pytest.mark.usefixtures("desk")
def test_switched_off_everything_it_held_goes_on_but_no_hold_of_a_person():
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    hold_orders([order.id], reason="call", now=NOW)
    set_checks()
    assert recheck_all(now=NOW).released == 1
    assert held(order) == ["call"]


@pytest.mark.usefixtures("desk")
def test_the_hold_a_platform_s_word_placed_stays_while_that_check_is_on():
    order = make_order()
    hold_orders([order.id], reason="unpaid", now=NOW)
    recheck_all(now=NOW)
    assert held(order) == ["unpaid"]
    set_checks(unpaid=False)
    recheck_all(now=NOW)
    assert held(order) == []


def test_a_presale_is_released_when_its_time_has_come(desk):
    set_checks(presale={"until": (NOW + timedelta(days=3)).isoformat()})
    order = make_order(tags=["预售"])
    check(order)
    assert Hold.objects.get().until_at == NOW + timedelta(days=3)
    assert release_due(now=NOW + timedelta(days=3)) == 1
    check(order, now=NOW + timedelta(days=3))
    assert held(order) == []
    assert desk.queued(order)


@pytest.mark.usefixtures("desk")
def test_another_day_of_the_presale_moves_the_hold():
    order = make_order(tags=["预售"])
    for days in (3, 9):
        set_checks(presale={"until": (NOW + timedelta(days=days)).isoformat()})
        recheck_all(now=NOW)
    assert Hold.objects.get().until_at == NOW + timedelta(days=9)
    assert held(order) == ["check:presale"]


def test_orders_for_one_person_and_address_wait_for_each_other_until_merged(desk):
    set_checks(together=True)
    orders = [make_order(recipient=TO, amount_minor=minor) for minor in (100, 200)]
    other = make_order(recipient={**TO, "address": "世纪大道101号"})
    check(*orders, other)
    assert [held(order) for order in (*orders, other)] == [["check:together"], ["check:together"], []]
    detail = Hold.objects.get(order=orders[0]).detail
    assert (detail["orders"], detail["twice"]) == ([orders[1].number], False)
    [merged] = merge_orders([order.id for order in orders], now=NOW).created
    assert Hold.objects.filter(released_at=None).count() == 0
    assert desk.order(orders[0]).state == OrderState.MERGED
    recheck_all(now=NOW)
    assert Hold.objects.filter(order=merged).count() == 0


@pytest.mark.usefixtures("desk")
def test_the_last_of_several_goes_on_when_nothing_is_left_to_merge_with():
    set_checks(together={"within_h": 24})
    orders = [make_order(recipient=TO, paid_at=NOW + timedelta(hours=h)) for h in (0, 20, 70)]
    check(*orders)
    assert [bool(held(order)) for order in orders] == [True, True, False]
    cancel_orders([orders[0].id], now=NOW)
    assert recheck_held(now=NOW).released == 1
    assert held(orders[1]) == []


@pytest.mark.usefixtures("desk")
def test_a_release_that_is_taken_back_is_a_hold_of_the_check_again():
    set_checks(remark=True)
    order = make_order(buyer_remark="轻放")
    check(order)
    release_orders([order.id], now=NOW, by=make_user())
    hold_orders([order.id], reason="check:remark", now=NOW)
    check(order)
    assert held(order) == ["check:remark"]
    change_order(OrderChange(order.id, values={"buyer_remark": ""}), now=NOW)
    assert held(order) == []


@pytest.mark.usefixtures("desk")
def test_keys_of_finished_orders_are_forgotten():
    set_checks(together=True)
    orders = [make_order(recipient=TO) for _ in range(2)]
    check(*orders)
    cancel_orders([orders[0].id], now=NOW)
    assert forget_keys(array_cursor()) == 1
    assert BuyerKey.objects.get().order == orders[1]


@pytest.mark.usefixtures("desk")
def test_a_remark_s_words_tag_the_order_and_it_is_tried_again():
    set_checks(tags=True)
    RemarkWord.objects.create(word="顺丰", tag="sf")
    order = make_order(buyer_remark="请发顺丰", tags=["vip"])
    check(order)
    check(order)
    order.refresh_from_db()
    assert order.tags == ["vip", "sf"]
    assert held(order) == []
    assert Event.objects.filter(kind=EventKind.CHANGED).count() == 1


@pytest.mark.usefixtures("desk")
def test_who_stands_on_the_blacklist_is_held_until_taken_off():
    set_checks(blacklist=True)
    row = Blacklisted.objects.create(what="phone", text="13800138000")
    order = make_order(recipient=TO)
    check(order)
    assert held(order) == ["check:blacklist"]
    row.delete()
    assert recheck_held(now=NOW).released == 1


@pytest.mark.usefixtures("desk")
def test_a_shop_s_usual_amount_is_the_median_of_its_last_orders():
    for minor in [*range(1, 21), 0, 0]:
        make_order(amount_minor=minor)
    assert reckon_usual_amounts(now=NOW) == 1
    assert UsualAmount.objects.get().amount_minor == 10
    set_checks(amount={"times": 3})
    order = make_order(amount_minor=31)
    check(order)
    assert Hold.objects.get(order=order).detail["why"] == "times"
