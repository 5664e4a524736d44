"""The plain case of the intake leaves behind what the general one leaves, and keeps its hands off everything else."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import product, zip_longest
from random import Random

import polars as pl
import pytest
from django.db import transaction
from tests.builders import NOW, make_bundle, make_shop, make_shop_sku, make_sku, make_user

from paidan.accounts.models import User
from paidan.api.intake import push_orders
from paidan.api.schemas import LineIn, OrderIn
from paidan.orders.arrivals import OutOfTheOrdinary, insert_arrivals, read_arrivals
from paidan.orders.checking.kinds import Check
from paidan.orders.intake import known_shops
from paidan.orders.intake_address import place_of, region_number, resolve_addresses
from paidan.orders.models import CheckProfile, Event, Hold, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import AddressState

pytestmark = pytest.mark.django_db

PROVINCES = ("", "广东省", "广东", "上海市", "香港", "台湾省", "Ontario", " ")
CITIES = ("", "广州市", "上海市", "朝阳", "台北市", "北京市")
DISTRICTS = ("", "天河区", "浦东新区", "朝阳区", "鼓楼区", "没有这个区")
STREETS = ("", "体育西路1号", "广东省深圳市南山区科技园", "九龙弥敦道1号", "1 Main St", "\n")
COUNTRIES = ("", "CN", "中国", " prc ", "US", "美国", "Germany", "HK", "香港", "TW", "Taiwan", "MO", "澳门", "Nowhere")
REGIONS = ("", "440106", "310115", "440000", "HK", "US")


SIGNS = "A1z '\"\\,;|{}[]=%é发£“…'`$&<>/_-+.\t\n\xa0\u3000\u200b😀𠮷"
CURRENCIES = ("", "CNY", "USD", "HKD")
AMOUNTS = (None, 0, 1, 99, 100, 101, 123_456, 10**15)
TAGS = ("vip", "a'b", 'a"b', "a\\b", "{a}", "NULL", "null", "加急", "two words", "\\")
SKUS = ("A", "B", "theirs", "both", "nobody's")


class Pen:
    """Writes orders with nothing wrong, whatever people and platforms may say in them; the same again for a seed."""

    def __init__(self, seed):
        self.lot = Random(seed)

    def orders(self, count):
        return [self.order(f"{at}{self.text(20)}") for at in range(count)]

    def order(self, number):
        pick, text = self.lot.choice, self.text
        said = ("payment", "delivery", "buyer_remark", "seller_remark", "buyer", "name", "phone")
        lat, lng = pick(
            [(None, None), (23.1, 113.264385), (0, -0.0), (self.degrees(90), self.degrees(180)), (-90, 180)]
        )
        return OrderIn(
            shop=pick(["jd", "tmall", "Tmall Flagship"]),
            number=number,
            paid_at=self.instant(),
            ship_by=self.instant(),
            amount_minor=pick(AMOUNTS),
            currency=pick(CURRENCIES),
            priority=pick([None, 0, -1_000_000, 1_000_000]),
            tags=self.lot.sample(TAGS, pick([0, 0, 1, 3])),
            lines=[self.line(at) for at in range(pick([1, 1, 2, 5]))],
            country=pick(COUNTRIES),
            province=pick(PROVINCES),
            city=pick(CITIES),
            district=pick(DISTRICTS),
            address=pick([*STREETS, text(60)]),
            region=pick(REGIONS),
            lat=lat,
            lng=lng,
            **{name: pick(["", text(20)]) for name in said},
        )

    def line(self, at):
        pick = self.lot.choice
        return LineIn(
            sku=pick([*SKUS, self.text(30)]),
            qty=pick([1, 2, 10**6, 10**9]),
            number=pick(["", f"{at}{self.text(20)}"]),
            amount_minor=pick(AMOUNTS),
        )

    def text(self, most):
        return "".join(self.lot.choices(SIGNS, k=self.lot.randint(1, most)))

    def degrees(self, most):
        return round(self.lot.uniform(1, most), self.lot.randint(0, 15))

    def instant(self):
        """From the first to the last year there is, in any zone."""
        if self.lot.random() < 0.3:
            return None
        zone = timezone(timedelta(minutes=30 * self.lot.randint(-22, 26)))
        first, last = (datetime(year, 6, 1, tzinfo=UTC).timestamp() for year in (2000, 2099))
        return datetime.fromtimestamp(self.lot.randint(int(first), int(last)), zone)


def make_seller():
    """Two shops, of which one promises a time, with codes of their own; answers who pushes."""
    jd, tmall = make_shop("jd", ship_within_h=36), make_shop("tmall", name="Tmall Flagship", ship_within_h=0)
    for code in ("A", "B", "both"):
        make_sku(code)
    make_shop_sku(jd, "theirs", "A")
    make_shop_sku(jd, "both", "B")  # the shop's meaning of a code goes before ours
    make_shop_sku(tmall, "theirs", "B")
    return make_user()


def store(orders, by=None):
    with transaction.atomic():
        return insert_arrivals(read_arrivals(orders, known_shops()), now=NOW, by=by)[0]


def rows_left():
    """Everything orders consist of, by shop and number, without the ids that a sequence gave."""
    return {
        (order.shop_id, order.number): (
            plain(Order, id=order.id),
            plain(Recipient, order_id=order.id),
            plain(OrderLine, order_id=order.id),
            plain(QueuedOrder, order_id=order.id),
            plain(Event, order_id=order.id),
            plain(Hold, order_id=order.id),
        )
        for order in Order.objects.all()
    }


def plain(model, **of):
    key = "position" if model is OrderLine else "pk"
    rows = model.objects.filter(**of).order_by(key).values()
    return [{name: value for name, value in row.items() if name not in ("id", "order_id")} for row in rows]


def after(way):
    """What is left behind, taken back afterwards."""
    with transaction.atomic():
        way()
        rows = rows_left()
        transaction.set_rollback(True)
    return rows


def differences(found, expected):
    """What differs, and nothing else: orders are long."""
    if found.keys() != expected.keys():
        return [found.keys() ^ expected.keys()]
    pairs = [pair for key in expected for pair in zip(found[key], expected[key], strict=True)]
    return [
        (name, one.get(name), other.get(name))
        for ours, theirs in pairs
        for one, other in zip_longest(ours, theirs, fillvalue={})
        for name in {**one, **other}
        if one.get(name, ...) != other.get(name, ...)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_faultless_orders_leave_the_same_rows_as_by_the_general_way(seed):
    by, orders = make_seller(), Pen(seed).orders(80)
    general = after(lambda: push_orders(orders, by=by, now=NOW))
    assert len(general) == len(orders)
    assert differences(after(lambda: store(orders, by)), general) == []


def test_the_same_again_by_the_general_way_is_unchanged():
    by, orders = make_seller(), Pen(99).orders(80)
    store(orders, by)
    before = rows_left()
    assert push_orders(orders, by=by, now=NOW + timedelta(hours=1)).unchanged == len(orders)
    assert rows_left() == before


@pytest.mark.parametrize("lat", [1e-5, 1.2345e-5, 1e-7])
def test_a_place_next_to_the_equator_is_the_same_place(lat):
    by, order = make_seller(), an_order(lat=lat, lng=113.3)
    general = after(lambda: push_orders([order], by=by, now=NOW))
    assert differences(after(lambda: store([order], by)), general) == []


def an_order(number="1", **more):
    line = {"sku": "A", "qty": 1, "number": "a", "amount_minor": 990}
    return OrderIn.model_validate({"shop": "jd", "number": number, "lines": [line], **more})


def test_an_order_is_what_it_says_of_itself():
    by = make_seller()
    lines = [{"sku": "both", "qty": 2, "amount_minor": 1000}, {"sku": "nobody's", "qty": 1, "amount_minor": 250}]
    [key] = store([an_order(lines=lines, paid_at=NOW, region="440106", tags=['"a"'])], by)
    order = Order.objects.get()
    assert (order.id, order.shop.code, order.number, order.currency, order.version) == (key, "jd", "1", "CNY", 1)
    assert (order.region, order.address_state) == (region_number("440106"), AddressState.RESOLVED)
    assert (order.ship_by_at, order.amount_minor, order.tags) == (NOW + timedelta(hours=36), 1250, ['"a"'])
    assert [(line.sku and line.sku.code, line.shop_code, line.qty) for line in order.lines.order_by("position")] == [
        ("B", "both", 2),
        (None, "nobody's", 1),
    ]
    assert (QueuedOrder.objects.get().order_id, Event.objects.get().by) == (key, by)


def test_orders_come_in_by_the_sequence_they_were_said_in():
    make_seller()
    ids = store([an_order(str(number)) for number in (3, 1, 2)])
    assert ids == sorted(ids)
    assert [Order.objects.get(id=key).number for key in ids] == ["3", "1", "2"]


def test_orders_can_come_in_leased_to_a_wave():
    make_seller()
    with transaction.atomic():
        arrivals = read_arrivals([an_order(priority=7)], known_shops())
        _ids, wave = insert_arrivals(arrivals, now=NOW, by=None, leased_until=NOW + timedelta(minutes=1))
    queued = QueuedOrder.objects.get()
    assert wave
    assert (queued.wave_id, queued.leased_until, queued.priority) == (wave, NOW + timedelta(minutes=1), 7)


def test_the_order_check_holds_the_same_orders_for_the_same_reasons():
    by = make_seller()
    checks = {check.value: {"on": True} for check in Check}
    checks[Check.UNPAID.value] |= {"no_time": True}
    CheckProfile.objects.create(checks=checks, changed_at=NOW)
    orders = [
        an_order("plain", paid_at=NOW, province="广东省", city="广州市", district="天河区", address="体育西路189号"),
        an_order("unpaid", region="440106"),
        an_order("remark", paid_at=NOW, buyer_remark="请轻放,开发票"),
        an_order("nowhere", paid_at=NOW, address="?"),
        an_order("located", paid_at=NOW, lat=23.1, lng=113.3),
        an_order("presale", paid_at=NOW, ship_by=NOW + timedelta(days=60), tags=["预售"]),
    ]
    general = after(lambda: push_orders(orders, by=by, now=NOW))
    held = {number for (_shop, number), (*_rest, holds) in general.items() if holds}
    assert {"unpaid", "remark"} <= held
    assert after(lambda: store(orders, by)) == general


def test_a_place_is_that_of_the_general_way():
    """Every combination is too many for a test; two thousand of them by lot, always the same ones."""
    given_numbers = [0, 0, 0, region_number("440106")]
    every = list(product(COUNTRIES, PROVINCES, CITIES, DISTRICTS, STREETS, given_numbers))
    some = Random(11).sample(every, 2_000)
    some += [(country, "", "", "", "", 0) for country in COUNTRIES]
    names = ["country", "province", "city", "district", "address", "given_region"]
    frame = pl.DataFrame(some, schema=names, orient="row").with_columns(
        pl.col(names[:-1]).replace("", None), pl.col("given_region").cast(pl.Int32)
    )
    general = resolve_addresses(frame)
    expected = list(zip(general["region"].to_list(), general["address_state"].to_list(), strict=True))
    assert [place_of(*one) for one in some] == expected
    assert {state for _region, state in expected} == {state.value for state in AddressState}
    assert region_number("US") in {region for region, _state in expected}


EXTRAORDINARY = {
    "unknown shop": an_order(shop="nowhere"),
    "unknown region": an_order(region="999999"),
    "rounded number": an_order("1.2E+15"),
    "rounded phone": an_order(phone="1.38E+10"),
    "rounded SKU code": an_order(lines=[{"sku": "6.9E+12", "qty": 1}]),
    "rounded line number": an_order(lines=[{"sku": "A", "qty": 1, "number": "2.5E+17"}]),
    "only a latitude": an_order(lat=23.1),
    "only a longitude": an_order(lng=113.3),
    "line number twice": an_order(lines=[{"sku": "A", "qty": 1, "number": "7"}, {"sku": "B", "qty": 1, "number": "7"}]),
    "not a currency": an_order(currency="??"),
    "currency in small letters": an_order(currency="usd"),
    "currency by another name": an_order(currency="元"),
    "currency without subunit": an_order(currency="JPY"),
    "tag of two words": an_order(tags=["a,b"]),
    "tag of two Chinese words": an_order(tags=["a、b"]),
    "tag with blanks around": an_order(tags=["a "]),
    "tag twice": an_order(tags=["a", "a"]),
    "bundle": an_order(lines=[{"sku": "SET", "qty": 1}]),
    "bundle by the shop's code": an_order(lines=[{"sku": "their-set", "qty": 1}]),
    "half seconds": an_order(paid_at=NOW + timedelta(milliseconds=500)),
    "half seconds of the deadline": an_order(ship_by=NOW + timedelta(microseconds=1)),
    "another century": an_order(paid_at=datetime(1999, 12, 31, tzinfo=UTC)),
}


@pytest.mark.parametrize("order", EXTRAORDINARY.values(), ids=EXTRAORDINARY.keys())
def test_what_is_out_of_the_ordinary_is_left_alone_with_all_that_came_with_it(order):
    make_seller()
    make_bundle("SET", {"A": 1, "B": 2})
    make_shop_sku(make_shop("jd"), "their-set", "SET")
    with pytest.raises(OutOfTheOrdinary):
        store([an_order("beside"), order])
    assert rows_left() == {}
    assert not Event.objects.exists()


@pytest.mark.parametrize("how", ["the same", "changed", "by the shop's name"])
def test_an_order_that_is_known_is_left_alone(how):
    make_seller()
    make_shop("tmall")
    store([an_order(shop="tmall")])
    before = rows_left()
    again = {"the same": {}, "changed": {"priority": 3}, "by the shop's name": {"shop": "Tmall Flagship"}}[how]
    with pytest.raises(OutOfTheOrdinary):
        store([an_order("beside"), an_order(**{"shop": "tmall", **again})])
    assert rows_left() == before
    assert not Recipient.objects.exclude(order__number="1").exists()


def test_the_same_order_twice_is_left_alone_though_the_shop_is_named_otherwise():
    make_seller()
    with pytest.raises(OutOfTheOrdinary):
        read_arrivals([an_order(shop="tmall"), an_order(shop="Tmall Flagship")], known_shops())


def test_who_pushed_may_be_nobody():
    make_seller()
    store([an_order()])
    assert Event.objects.get().by is None
    assert User.objects.count() == 1
