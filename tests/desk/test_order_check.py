"""The order check at the intake: held in the same transaction, per shop, the same file again changes nothing."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.builders import NOW, make_shop, make_sku

from paidan.allocation.doctor import all_violations
from paidan.desk.imports import import_file
from paidan.orders.checking.kinds import Check
from paidan.orders.models import Blacklisted, BuyerKey, CheckProfile, Event, Hold, Order, QueuedOrder, RemarkWord
from paidan.orders.states import EventKind

pytestmark = pytest.mark.django_db

HEAD = "店铺,订单号,货品编码,数量,付款时间,实付金额,收货人,手机,省,市,区,详细地址,买家留言,标签"


def row(number, shop="tm", paid="2026-11-11 08:00:00", amount="10", name="张三", remark="", tags="", address=""):
    place = f"上海市,上海市,浦东新区,{address or f'世纪大道{number}号'}"
    return f"{shop},{number},A,1,{paid},{amount},{name},1380013{number:04},{place},{remark},{tags}"


def bring_in(*rows, now=NOW):
    return import_file("order", io.BytesIO("\n".join([HEAD, *rows]).encode()), now=now)


@pytest.fixture
def shops():
    make_sku("A")
    return make_shop("tm"), make_shop("jd")


def set_checks(shop=None, **checks):
    said = {name: {"on": True, **(how if isinstance(how, dict) else {})} for name, how in checks.items()}
    CheckProfile.objects.update_or_create(shop=shop, defaults={"checks": said, "changed_at": NOW})


def held():
    found = Hold.objects.filter(released_at=None).order_by("order__number", "reason")
    return [(int(number), reason) for number, reason in found.values_list("order__number", "reason")]


@pytest.mark.usefixtures("shops")
def test_what_a_check_finds_is_held_and_never_queued():
    set_checks(
        unpaid={"no_time": True},
        remark={},
        address={},
        village={},
        amount={"most_minor": 99_900},
        blacklist={},
        invoice={},
    )
    Blacklisted.objects.create(what="name", text="李四")
    bring_in(
        row(1),
        row(2, paid=""),
        row(3, remark="轻放"),
        row(4, address="1号"),
        row(5, address="李家村8组12号"),
        row(6, amount="1000"),
        row(7, name="李四"),
        row(8, tags="invoice"),
    )
    assert held() == [
        (2, "unpaid"),
        (3, "check:remark"),
        (4, "check:address"),
        (5, "check:village"),
        (6, "check:amount"),
        (7, "check:blacklist"),
        (8, "check:invoice"),
    ]
    assert QueuedOrder.objects.get().order.number == "1"
    assert Event.objects.filter(kind=EventKind.HELD).count() == 7
    assert list(all_violations()) == []


def test_only_the_shops_that_ask_are_checked(shops):
    set_checks(shops[1], remark={})
    bring_in(row(1, remark="轻放"), row(2, shop="jd", remark="轻放"))
    assert held() == [(2, "check:remark")]


@pytest.mark.usefixtures("shops")
def test_the_same_file_again_changes_nothing():
    set_checks(remark={}, together={}, tags={})
    RemarkWord.objects.create(word="加急", tag="urgent")
    rows = row(1, remark="加急"), row(2, remark="轻放")
    for _ in range(2):
        bring_in(*rows)
        assert held() == [(2, "check:remark")]
    assert Order.objects.get(number="1").tags == ["urgent"]
    assert Event.objects.count() == 3


@pytest.mark.usefixtures("shops")
def test_orders_of_one_buyer_are_held_whether_they_come_together_or_later():
    set_checks(together={})
    same = {"address": "世纪大道100号"}
    first, second, third = (row(number, **same).replace(f"1380013{number:04}", "13800138000") for number in (1, 2, 3))
    bring_in(first, second)
    assert held() == [(1, "check:together"), (2, "check:together")]
    bring_in(third)
    assert held()[2:] == [(3, "check:together")]
    assert sorted(Hold.objects.get(order__number="3").detail["orders"]) == ["1", "2"]
    assert Hold.objects.get(order__number="3").detail["twice"]


def test_keys_of_buyers_are_kept_only_where_asked_for(shops):
    bring_in(row(1))
    assert not BuyerKey.objects.exists()
    set_checks(shops[0], together={})
    bring_in(row(2), row(3, shop="jd"))
    assert BuyerKey.objects.get().order.number == "2"


@pytest.mark.usefixtures("shops")
def test_a_file_that_brings_the_payment_releases():
    set_checks(unpaid={"no_time": True})
    bring_in(row(1, paid=""))
    assert held() == [(1, "unpaid")]
    bring_in(row(1))
    assert held() == []
    assert QueuedOrder.objects.count() == 1


class AllOff(TestCase):
    """With every check off nothing is held, tagged or left out of the queue, whatever comes in."""

    @settings(max_examples=15)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["", "轻放", "加急发票"]),
                st.sampled_from(["", "2026-11-11 08:00:00"]),
                st.sampled_from(["", "1号", "李家村"]),
                st.sampled_from(["", "预售", "invoice"]),
                st.integers(0, 10**6),
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_nothing_changes(self, orders):
        make_sku("A")
        make_shop("tm")
        RemarkWord.objects.get_or_create(word="加急", tag="urgent")
        set_checks_off()
        rows = [
            row(at, remark=remark, paid=paid, address=address, tags=tags, amount=str(amount))
            for at, (remark, paid, address, tags, amount) in enumerate(orders, 1)
        ]
        bring_in(*rows, now=datetime(2026, 11, 12, tzinfo=UTC))
        assert not Hold.objects.exists()
        assert QueuedOrder.objects.count() == Order.objects.count() == len(orders)
        assert not Order.objects.filter(tags__contains=["urgent"]).exists()


def set_checks_off():
    off = {check.value: {"on": False} for check in Check}
    CheckProfile.objects.update_or_create(shop=None, defaults={"checks": off, "changed_at": NOW})
