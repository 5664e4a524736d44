"""What each platform writes, read into our words, with its habits: numbers as text, ciphers, zero times."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from paidan.kit.errors import Refusal
from paidan.orders.platforms import PLATFORMS
from paidan.orders.platforms.nodes import Node, Unread, is_cipher
from paidan.orders.platforms.reading import Unreadable, documents_of, read_orders
from paidan.orders.platforms.shapes import LineStanding, PlatformOrder, Standing

from .samples import SAMPLES, sample

EIGHT = datetime(2026, 11, 11, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai."""


def read(platform, document):
    return list(read_orders(PLATFORMS[platform], json.dumps(document, ensure_ascii=False).encode()))


def one(platform, document=None):
    [found] = read(platform, document if document is not None else sample(platform))
    assert isinstance(found, PlatformOrder), found
    return found


def test_taobao():
    order = one("taobao")
    assert (order.number, order.standing, order.amount_minor) == ("2067719225654838", Standing.OPEN, 32358)
    assert [(line.number, line.sku, line.qty, line.amount_minor) for line in order.lines] == [
        ("2067719225654839", "A-RED", 2, 22358),
        ("2067719225654840", "B", 1, 10000),
    ]
    assert (order.paid_at, order.ship_by) == (EIGHT, datetime(2026, 11, 13, tzinfo=UTC))
    assert (order.province, order.city, order.district) == ("广东省", "广州市", "天河区")
    assert order.address == "棠下街道中山大道**号"  # the town stands in the address already
    assert (order.name, order.phone) == ("张**", "")  # masked is shown as it is, a cipher tells nobody anything
    assert (order.buyer_remark, order.seller_remark) == ("请尽快", "VIP")


def test_a_single_line_may_come_without_a_list():
    document = sample("taobao")
    trade = document["trade_fullinfo_get_response"]["trade"]
    trade["orders"]["order"] = trade["orders"]["order"][0]
    assert [line.sku for line in one("taobao", document).lines] == ["A-RED"]


def test_a_refund_inside_an_order_takes_its_line_or_asks_for_a_stop():
    document = sample("taobao")
    lines = document["trade_fullinfo_get_response"]["trade"]["orders"]["order"]
    lines[0]["refund_status"] = "SUCCESS"
    lines[1]["refund_status"] = "WAIT_SELLER_AGREE"
    order = one("taobao", document)
    assert [line.standing for line in order.lines] == [LineStanding.GONE, LineStanding.OPEN]
    assert order.refund_asked


def test_jd_in_either_spelling():
    document = sample("jd")
    inner = document.pop("jingdong_pop_order_get_responce")
    assert one("jd") == one("jd", {"jingdong_pop_order_get_response": inner})
    order = one("jd")
    assert (order.number, order.standing, order.paid_at) == ("271828182845", Standing.OPEN, EIGHT)
    assert [(line.sku, line.qty, line.amount_minor) for line in order.lines] == [("A", 1, 5990), ("1002", 2, 4000)]
    assert (order.province, order.city, order.name) == ("北京", "朝阳区", "李四")


def test_pdd():
    order = one("pdd")
    assert (order.number, order.amount_minor) == ("261111-123456789012345", 1990)
    assert order.ship_by == datetime(2026, 11, 13, 0, 0, tzinfo=UTC)
    assert [(line.sku, line.qty, line.amount_minor) for line in order.lines] == [("A", 2, 1990)]
    assert (order.name, order.phone, order.tags) == ("王*", "1**********", ("no_trace_delivery",))
    assert (order.province, order.district, order.address) == ("浙江省", "余杭区", "文一西路***")
    refunded = sample("pdd")
    refunded["order_info_get_response"]["order_info"]["refund_status"] = 4
    assert one("pdd", refunded).standing is Standing.CANCELLED
    refunded["order_info_get_response"]["order_info"]["refund_status"] = 2
    assert one("pdd", refunded).refund_asked


def test_douyin():
    order = one("douyin")
    assert (order.number, order.standing, order.amount_minor) == ("6920000000000000001", Standing.OPEN, 12345)
    assert order.paid_at == datetime.fromtimestamp(1794355200, UTC)
    assert (order.lat, order.lng) == (30.64, 104.04)
    assert (order.province, order.city, order.district, order.address) == ("四川省", "成都市", "武侯区", "")
    assert [(line.sku, line.qty) for line in order.lines] == [("A", 1)]


def test_shopify():
    order = one("shopify")
    assert (order.number, order.standing, order.paid_at) == ("1001", Standing.OPEN, EIGHT)
    assert [(line.number, line.sku, line.qty) for line in order.lines] == [("1", "A", 2), ("3", "77", 1)]
    assert (order.tags, order.lat, order.country) == (("vip", "gift"), 23.12, "China")
    cancelled = sample("shopify") | {"cancelled_at": "2026-11-11T00:00:00Z"}
    assert one("shopify", cancelled).standing is Standing.CANCELLED
    assert one("shopify", sample("shopify") | {"financial_status": "pending"}).standing is Standing.UNPAID


def test_what_shopify_refunded_is_not_shipped():
    document = sample("shopify")
    for item in document["line_items"]:
        del item["current_quantity"]
    items = [{"line_item_id": 1, "quantity": 3}, {"line_item_id": 3, "quantity": 0}]
    document["refunds"] = [{"refund_line_items": items}]
    assert [line.standing for line in one("shopify", document).lines] == [LineStanding.GONE, LineStanding.OPEN]


def test_woocommerce():
    order = one("woocommerce")
    assert (order.number, order.standing, order.paid_at) == ("727", Standing.OPEN, EIGHT)
    assert [(line.sku, line.qty) for line in order.lines] == [("A", 2), ("23", 1)]
    assert (order.province, order.city, order.name, order.phone) == ("广东", "广州市", "Lin", "13800000000")


@pytest.mark.parametrize("platform", sorted(SAMPLES))
def test_a_file_may_hold_one_a_list_or_one_per_line(platform):
    document = sample(platform)
    text = json.dumps(document)
    assert len(documents_of(text.encode())) == 1
    assert len(documents_of(f"[{text}, {text}]".encode())) == 2
    assert len(documents_of(f"\ufeff{text}\n{text}\n".encode())) == 2


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "no_orders"), (b"<xml/>", "not_json"), (b"\xff\xfe", "not_json"), (b"{}", "no_orders")]
)
def test_what_is_no_order_is_refused_with_a_sentence(body, code):
    with pytest.raises(Refusal) as refused:
        list(read_orders(PLATFORMS["jd"], body))
    assert refused.value.code == code
    assert str(refused.value)


def test_one_bad_order_says_its_place_and_the_others_come():
    good, bad = sample("woocommerce"), sample("woocommerce")
    bad |= {"number": "728"}
    bad["line_items"][1]["quantity"] = "two"
    found = read("woocommerce", [good, bad])
    assert isinstance(found[0], PlatformOrder)
    assert found[1] == Unreadable("728", "/1/line_items/1/quantity", "two", "whole number")


def test_ciphers_are_told_from_what_people_may_read():
    for said in ("~AgAAAAGc0a1Qx7bVnA~0~", "$Xk3b7Qe9zTq0aYw2m$1$", "#Xk3b7Qe9zTq0aYw2mNc4#1#"):
        assert is_cipher(said)
    for said in ("张**", "138****0000", "#8 Jiangnan Road, Building 3", "~", "广东省广州市天河区中山大道1号某某大厦"):
        assert not is_cipher(said)


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("2026-11-11 08:00:00", EIGHT),
        ("2026/11/11 08:00:00", EIGHT),
        ("2026-11-11T00:00:00Z", EIGHT),
        (int(EIGHT.timestamp()), EIGHT),
        (str(int(EIGHT.timestamp() * 1000)), EIGHT),
        (0, None),
        ("0", None),
        ("", None),
        ("0000-00-00 00:00:00", None),
        ("1970-01-01 08:00:00", None),
    ],
)
def test_moments_in_every_spelling(given_, meant):
    assert Node({"at": given_}).instant("at") == meant


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_money_is_the_same_as_text_and_as_a_number(amount):
    minor = int(amount * 100)
    assert Node({"m": str(amount)}).yuan("m") == minor
    assert Node({"m": f"{amount:,}"}).yuan("m") == minor
    assert Node({"m": float(amount)}).yuan("m") == minor


@given(st.integers(min_value=1, max_value=2**63))
def test_ids_are_exact_as_text_and_as_numbers(number):
    assert Node({"id": number}).must("id") == Node({"id": str(number)}).must("id") == str(number)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(document, at=()):
    """Every place of a document."""
    yield at
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield from places(value, (*at, key))


@given(st.data())
def test_whatever_stands_anywhere_is_read_or_said_never_a_crash(data):
    platform = data.draw(st.sampled_from(sorted(SAMPLES)))
    document = sample(platform)
    at = data.draw(st.sampled_from([place for place in places(document) if place]))
    here = document
    for name in at[:-1]:
        here = here[name]
    here[at[-1]] = data.draw(json_values)
    adapter = PLATFORMS[platform]
    try:
        for node in adapter.orders_in(Node.of(document)):
            order = adapter.read(node)
            assert 0 < len(order.number) <= 64
            assert all(line.amount_minor is None or line.amount_minor >= 0 for line in order.lines)
    except Unread:
        event("said")
    else:
        event("read")
