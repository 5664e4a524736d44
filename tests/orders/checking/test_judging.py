"""Each check over columns of orders: whom it finds, whom it leaves alone. No database."""

from datetime import timedelta

import polars as pl
import pytest
from tests.builders import NOW

from paidan.orders.checking import judging
from paidan.orders.checking.book import Facts
from paidan.orders.checking.columns import SCHEMA
from paidan.orders.checking.kinds import Check, defaults_of
from paidan.orders.states import AddressState

NOTHING = Facts({}, {}, {})
PLAIN = {
    "shop_id": 1,
    "paid_at": NOW,
    "ship_by_at": NOW + timedelta(days=5),
    "amount_minor": 10_000,
    "region": 310115,
    "address_state": AddressState.RESOLVED.value,
    "located": False,
    "tags": [],
    "payment": "",
    "buyer_remark": "",
    "seller_remark": "",
    "buyer": "lili",
    "name": "张三",
    "phone": "138-0013-8000",
    "place": "上海市浦东新区",
    "address": "世纪大道100号",
}


def columns(*rows):
    """Orders numbered from 1, plain but for what is said."""
    return pl.DataFrame([{"id": at, **PLAIN, **row} for at, row in enumerate(rows, 1)], SCHEMA)


def found(check, *rows, facts=NOTHING, now=NOW, **settings):
    """The ids a check finds, and what it says of each."""
    set_ = {**defaults_of(check), **settings}
    return {one.order_id: one for one in judging.FINDERS[check](columns(*rows), set_, facts, now)}


def test_no_time_of_payment_is_unpaid_only_where_asked_and_never_on_delivery():
    rows = ({}, {"paid_at": None}, {"paid_at": None, "payment": "COD"})
    assert set(found(Check.UNPAID, *rows, no_time=True)) == {2}
    assert not found(Check.UNPAID, *rows)


def test_a_remark_must_be_read_ours_only_where_asked():
    rows = ({}, {"buyer_remark": "轻放"}, {"seller_remark": "加赠品"}, {"buyer_remark": "  "})
    assert set(found(Check.REMARK, *rows)) == {2}
    assert set(found(Check.REMARK, *rows, seller=True)) == {2, 3}
    assert set(found(Check.REMARK, *rows, buyer=False, seller=True)) == {3}
    assert not found(Check.REMARK, *rows, buyer=False)


def test_a_remark_whose_words_became_tags_need_not_be_read():
    rows = ({"buyer_remark": "加急!"}, {"buyer_remark": "轻放"})
    words = Facts({"加急": "urgent"}, {}, {})
    assert set(found(Check.REMARK, *rows, facts=words)) == {2}
    assert set(found(Check.REMARK, *rows, facts=words, understood=False)) == {1, 2}


def test_another_remark_is_another_cause_and_the_text_is_not_in_it():
    one, two = (found(Check.REMARK, {"buyer_remark": text})[1].detail for text in ("轻放", "重放"))
    assert one["cause"] != two["cause"]
    assert "轻放" not in str(one)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"address_state": AddressState.AMBIGUOUS.value}, "ambiguous"),
        ({"address_state": AddressState.UNRESOLVED.value}, "unresolved"),
        ({"address": "6号"}, "street"),
    ],
)
def test_an_address_is_doubtful(row, why):
    assert found(Check.ADDRESS, {}, row)[2].detail["why"] == why


def test_an_order_without_any_address_or_with_coordinates_is_not_doubtful():
    assert not found(Check.ADDRESS, {"place": "", "address": "", "address_state": 0}, {"address": "", "located": True})


def test_a_village_is_known_by_its_words_but_not_by_names_that_only_sound_so():
    rows = ({"address": "李家村8组"}, {"address": "中关村大街1号"}, {}, {"address": "中关村东李家村"})
    assert set(found(Check.VILLAGE, *rows)) == {1, 4}
    assert not found(Check.VILLAGE, *rows, words=())
    assert set(found(Check.VILLAGE, *rows, but=())) == {1, 2, 4}


def test_amounts_out_of_range_or_far_above_the_shop_s_usual():
    rows = ({"amount_minor": 50}, {}, {"amount_minor": 900_000}, {"amount_minor": 90_000})
    said = found(Check.AMOUNT, *rows, least_minor=100, most_minor=500_000)
    assert {key: one.detail["why"] for key, one in said.items()} == {1: "low", 3: "high"}
    usual = Facts({}, {}, {1: 8_000})
    assert set(found(Check.AMOUNT, *rows, times=10, facts=usual)) == {3, 4}
    assert not found(Check.AMOUNT, *rows, times=10)
    assert not found(Check.AMOUNT, *rows)


def test_the_blacklist_knows_phones_buyers_names_and_parts_of_addresses():
    rows = (
        {},
        {"phone": "139 0000 0000"},
        {"buyer": "thief"},
        {"name": "李四"},
        {"address": "骗子路9号"},
    )
    black = {"phone": {"13900000000": 1}, "buyer": {"thief": 2}, "name": {"李四": 3}, "address": {"骗子路": 4}}
    said = found(Check.BLACKLIST, *rows, facts=Facts({}, black, {}))
    assert {key: one.detail["by"] for key, one in said.items()} == {2: "phone", 3: "buyer", 4: "name", 5: "address"}
    assert not found(Check.BLACKLIST, *rows)


def test_a_presale_waits_for_its_day_or_for_some_days_before_its_deadline():
    rows = ({"tags": ["预售"]}, {}, {"tags": ["预售"], "ship_by_at": NOW + timedelta(days=1)})
    day = NOW + timedelta(days=30)
    assert {key: one.until for key, one in found(Check.PRESALE, *rows, until=day).items()} == {1: day, 3: day}
    assert {key: one.until for key, one in found(Check.PRESALE, *rows).items()} == {1: NOW + timedelta(days=3)}
    assert not found(Check.PRESALE, *rows, until=day, now=day)


def test_an_invoice_is_asked_for_in_a_remark_or_by_a_tag():
    rows = ({}, {"buyer_remark": "请开发票"}, {"tags": ["Invoice"]}, {"seller_remark": "要发票"})
    assert set(found(Check.INVOICE, *rows)) == {2, 3, 4}
    assert not found(Check.INVOICE, *rows, words=())


def test_words_of_remarks_become_tags_once():
    rows = ({"buyer_remark": "发顺丰，加急"}, {"buyer_remark": "SF please", "tags": ["sf"]}, {"seller_remark": "sf"})
    words = {"顺丰": "sf", "SF": "sf", "加急": "urgent"}
    assert judging.tags_of_remarks(columns(*rows), words) == {"sf": [1, 3], "urgent": [1]}
    assert judging.tags_of_remarks(columns(*rows), {}) == {}


@pytest.mark.parametrize("check", list(judging.FINDERS))
def test_no_check_finds_anything_among_no_orders(check):
    black = {"phone": {"1": 1}, "address": {"x": 2}}
    facts = Facts({"a": "b"}, black, {1: 5})
    assert judging.FINDERS[check](pl.DataFrame([], SCHEMA), defaults_of(check), facts, NOW) == []
