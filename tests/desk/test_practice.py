"""The practice data: the same every time, in proportion, and with the dirt and the scarcity that real orders meet."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from paidan.desk.practice import goods, network, orders, people, raw, rules, supply
from paidan.geo import distance_m, region, resolve

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=orders.CHINA)


@pytest.fixture(scope="module")
def month() -> list[orders.PracticeOrder]:
    return orders.month(NOON.date(), NOON)


def test_the_same_day_makes_the_same_month(month):
    assert orders.month(NOON.date(), NOON) == month


def test_order_numbers_are_unique_in_their_shop(month):
    assert len({(order.shop, order.number) for order in month}) == len(month)


def test_no_order_is_paid_after_now_even_just_after_midnight():
    midnight = NOON.replace(hour=0)
    month = orders.month(NOON.date(), midnight + timedelta(seconds=90))
    assert month[-1].paid_at <= midnight + timedelta(seconds=90)
    assert sum(order.paid_at >= midnight for order in month) == orders.PROMOTION_TIMES * orders.PER_DAY


def test_the_promotion_brings_four_times_the_orders_of_an_ordinary_day(month):
    per_day = Counter(order.paid_at.date() for order in month)
    promotion = per_day.pop(NOON.date())
    assert len(per_day) == orders.DAYS
    assert promotion / (sum(per_day.values()) / len(per_day)) == pytest.approx(4, rel=0.02)


def test_shops_get_their_shares(month):
    count = Counter(order.shop for order in month)
    for shop in network.SHOPS:
        assert count[shop.code] / len(month) == pytest.approx(shop.share, abs=0.02)


def test_lines_come_from_real_baskets(month):
    baskets = {tuple(sorted(basket)) for basket in raw.baskets()}
    plain = [order for order in month if not any(line.sku in goods.bundles() for line in order.lines)]
    strange = [o for o in plain if tuple(sorted((line.sku, line.qty) for line in o.lines)) not in baskets]
    assert [order.number for order in strange] in ([], [orders.SHOWN_NUMBER])


def test_every_good_address_resolves_to_its_own_district(month):
    for order in month[::25]:
        buyer = order.buyer
        if buyer.province:
            found = resolve(buyer.address, province=buyer.province, city=buyer.city, district=buyer.district)
            assert region(found.code).name == (buyer.district or buyer.city)


@pytest.mark.parametrize("address", people.AMBIGUOUS)
def test_addresses_meant_to_be_ambiguous_are(address):
    assert resolve(address).reason == "ambiguous"


@pytest.mark.parametrize("address", people.UNRESOLVABLE)
def test_addresses_meant_to_lead_nowhere_do(address):
    assert resolve(address).reason == "unresolved"


def test_buyers_live_where_people_live():
    provinces = Counter(buyer.province for buyer in people.buyers(5000))
    urban = raw.populations()
    guangdong = sum(count for number, count in urban.items() if number // 10_000 == 44) / sum(urban.values())
    assert provinces["广东省"] / 5000 == pytest.approx(guangdong, abs=0.02)
    assert len(provinces) == 31


def test_no_phone_could_ring(month):
    assert not any(order.buyer.phone.isdigit() for order in month)


def test_there_are_bad_addresses_unmapped_codes_vips_and_remarks_but_few(month):
    def part(dirty):
        return sum(1 for order in month if dirty(order)) / len(month)

    assert 0.004 < part(lambda order: not order.buyer.province) < 0.02
    assert 0.005 < part(lambda order: any("-NEW-" in line.code for line in order.lines)) < 0.02
    assert 0.02 < part(lambda order: "vip" in order.tags) < 0.08
    assert 0.05 < part(lambda order: order.buyer_remark or order.seller_remark) < 0.2


def test_a_shop_has_one_code_for_a_sku_and_one_sku_for_a_code():
    for shop in network.SHOPS:
        codes = {orders.shop_code(shop, sku) for sku in goods.goods()}
        assert len(codes) == len(goods.goods())


def test_weights_belong_to_the_sku_and_are_plausible():
    for good in goods.goods().values():
        assert 10 <= good.weight_g <= 30_000
        assert 20 <= good.volume_cm3 <= 150_000
        assert good.price_minor > 0


def test_bundles_are_made_of_goods_and_never_of_bundles():
    for _, parts in goods.bundles().values():
        assert len(parts) >= 2
        assert set(parts) <= set(goods.goods())


def test_the_network_is_as_the_issue_asks():
    assert len(network.SHOPS) == len({shop.platform for shop in network.SHOPS}) == 4
    assert len(network.WAREHOUSES) == 6
    assert len(network.TEAMS) == 12
    assert {"gz", "bj"} <= {warehouse.code for warehouse in network.WAREHOUSES}


def test_freight_has_a_price_of_each_carrier_for_every_province():
    rows = network.freight()
    assert len({(row.warehouse, row.carrier, row.region) for row in rows}) == len(rows) == 6 * 2 * 31
    assert min(row.first_minor for row in rows) > 0


def test_the_shown_order_is_the_mission_shanghai_from_beijing_rather_than_guangzhou(month):
    [shown] = [order for order in month if order.number == orders.SHOWN_NUMBER]
    shanghai = region("310101")
    km = {w.code: distance_m(w.lat, w.lng, shanghai.lat, shanghai.lng) / 1000 for w in network.WAREHOUSES}
    assert shown.buyer.district == "黄浦区"
    assert km["bj"] == pytest.approx(1067, abs=10)
    assert km["gz"] == pytest.approx(1212, abs=10)
    assert {team.warehouse for team in network.TEAMS if shown.shop in team.shops} == {"bj", "gz"}


def test_stock_is_uneven_and_scarce_at_the_promotion(month):
    today = [order for order in month if order.paid_at.date() == NOON.date()]
    demand = supply.wanted(today)
    bought: Counter[str] = Counter()
    for (sku, _), qty in supply.targets(demand, supply.PROMOTION, -1).items():
        bought[sku] += qty
    short = [sku for sku, pieces in demand.pieces.items() if bought[sku] < pieces]
    assert 0.05 < len(short) / len(demand.pieces) < 0.4


def test_every_sku_is_held_somewhere_and_antiques_only_in_wuhan():
    assert set(supply.holders()) == set(goods.goods())
    assert all(supply.holders().values())
    antiques = {places for sku, places in supply.holders().items() if "antique" in goods.goods()[sku].tags}
    assert antiques == {("wh",)}


def test_every_rule_has_its_own_name_and_priority():
    listed = rules.rule_set()["rules"]
    assert len({rule["id"] for rule in listed}) == len({rule["priority"] for rule in listed}) == len(listed)
    assert "when" not in listed[-1]
