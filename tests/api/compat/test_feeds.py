"""Stock, parcels, warehouses, shops and goods asked for by wangdiantong-py, unmodified."""

import pytest
from django.utils import timezone
from tests.builders import make_bundle, make_shop_sku, make_sku, make_stock

from paidan.allocation.counts import count_stock
from paidan.allocation.models import Allocation
from paidan.catalog.models import Sku
from paidan.network.models import ShopSku
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules

from .conftest import around_now, line, trade
from .test_trades import allocate, ship_everything


def count(warehouse, code, pieces):
    count_stock([Sku.objects.get(code=code).pk], [warehouse.pk], [pieces], now=timezone.now())


def changes(wdt, **more):
    answer = wdt.stocks.change_query("shop01", more.get("limit", 100))
    assert answer["code"] == 0
    assert answer["current_count"] == len(answer["stock_change_list"])
    return {one["spec_id"]: one for one in answer["stock_change_list"]}


def confirm(wdt, *rows):
    keys = ("rec_id", "sync_stock", "stock_change_count")
    said = [wdt.stocks.item_for_ack(*(row[key] for key in keys)) for row in rows]
    assert wdt.stocks.sync_ack(said)["code"] == 0


def test_stock_is_listed_by_period_warehouse_and_sku(wdt, seller):
    count(seller.gz, "A", 7)
    make_stock(seller.gz, "B", 5, safety=2)
    [row] = wdt.stocks.query(*around_now(), warehouse_no="gz", spec_no="A")["stocks"]
    assert (row["stock_num"], row["sending_num"], row["lock_num"]) == ("7.0000", "0.0000", "0.0000")
    wdt.orders.trade_push("shop01", [trade("T1")])
    allocate()
    [row] = wdt.stocks.query(*around_now(), warehouse_no="gz")["stocks"]
    assert (row["stock_num"], row["sending_num"]) == ("7.0000", "1.0000")


def test_what_is_confirmed_is_not_listed_again_until_it_changes(wdt, seller):
    first = changes(wdt)["A"]
    assert first["sync_stock"] == 200_000
    assert changes(wdt)["A"] == first
    confirm(wdt, first)
    assert changes(wdt) == {}
    count(seller.gz, "A", 10)
    second = changes(wdt)["A"]
    assert (second["rec_id"], second["sync_stock"]) == (first["rec_id"], 100_010)
    assert second["stock_change_count"] > first["stock_change_count"]


def test_a_change_between_query_and_confirmation_is_not_lost(wdt, seller):
    listed = changes(wdt)["A"]
    count(seller.gz, "A", 10)
    confirm(wdt, listed)
    later = changes(wdt)["A"]
    assert later["sync_stock"] == 100_010
    confirm(wdt, listed)
    assert changes(wdt)["A"] == later, "the confirmation of an older listing is not taken for the newer"
    confirm(wdt, later)
    assert changes(wdt) == {}


def test_a_reservation_is_a_change_too(wdt):
    confirm(wdt, changes(wdt)["A"])
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", num=3)])])
    allocate()
    assert changes(wdt)["A"]["sync_stock"] == 199_997


def test_a_shop_with_codes_of_its_own_is_told_of_those_bundles_by_their_scarcest_part(wdt, seller):
    make_stock(seller.gz, "B", 9)
    make_bundle("S", {"A": 1, "B": 2})
    make_shop_sku(seller.shop, "x-S", "S")
    make_shop_sku(seller.shop, "x-B", "B")
    found = changes(wdt)
    assert {code: (row["sync_stock"], row["erp_spec_type"]) for code, row in found.items()} == {
        "x-S": (4, 2),
        "x-B": (9, 1),
    }


def test_a_limited_list_goes_on_where_it_stopped(wdt, seller):
    for at in range(5):
        make_stock(seller.gz, f"Q{at}", at + 1)
    seen = set()
    for _round in range(3):
        rows = changes(wdt, limit=2)
        assert len(rows) == 2
        confirm(wdt, *rows.values())
        seen |= set(rows)
    assert seen == {"A", *(f"Q{at}" for at in range(5))}
    assert changes(wdt) == {}


def parcels(wdt, shop="shop01", **more):
    return wdt.logistics.sync_query(shop, more.pop("limit", 100), **more)["trades"]


def test_shipped_parcels_wait_until_the_platform_was_told(wdt):
    wdt.orders.trade_push("shop01", [trade("T1"), trade("T2")])
    allocate()
    assert parcels(wdt) == []
    ship_everything()
    one, two = parcels(wdt)
    assert (one["tid"], one["oids"], one["logistics_type"], one["is_part_sync"]) == ("T1", "T1-1", 8, 0)
    assert one["logistics_no"].startswith("SF")
    said = [wdt.logistics.item_for_ack(one["rec_id"]), wdt.logistics.item_for_ack(two["rec_id"], 1, "超时")]
    assert wdt.logistics.sync_ack([*said, wdt.logistics.item_for_ack(10**9)])["errors"][0]["rec_id"] == 10**9
    [left] = parcels(wdt)
    assert (left["tid"], left["error_msg"], left["try_times"]) == ("T2", "超时", 1)
    wdt.logistics.sync_ack([wdt.logistics.item_for_ack(two["rec_id"])])
    assert parcels(wdt) == []
    assert parcels(wdt, "other") == []


def test_part_of_an_order_waits_for_the_rest_where_the_platform_takes_no_parts(wdt, seller):
    make_stock(seller.gz, "B", 5)
    make_sku("C")
    split = {"rules": [{"id": "all", "then": {"split": "by_line", "shortage": "partial"}}]}
    publish_rules(split, now=timezone.now())
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", "B"), line("2", "C")])])
    allocate()
    ship_everything()
    assert Order.objects.get().state == OrderState.PARTIAL
    [one] = parcels(wdt)
    assert (one["is_part_sync"], one["is_last"], one["oids"]) == (1, 0, "1")
    assert parcels(wdt, is_part_sync_able=0) == []
    assert len(parcels(wdt, is_part_sync_able=1)) == 1


def test_the_work_of_warehouses_is_listed_by_period_and_by_trade(wdt):
    wdt.orders.trade_push("shop01", [trade("T1"), trade("T2")])
    allocate()
    ship_everything()
    start, end = (at.strftime("%Y-%m-%d %H:%M:%S") for at in around_now())
    period = {"start_time": start, "end_time": end}
    for name in ("stockout_order_query_trade", "stockout_order_query"):
        answer = wdt.post(f"/openapi2/{name}.php", data={**period, "page_no": 0, "status": 95})
        assert (answer["code"], answer["total_count"]) == (0, 2)
        one = answer["stockout_list"][0]
        assert one["warehouse_no"] == "gz"
        assert one["consign_time"] > start
    key = Allocation.objects.first().pk
    for asked in ({"stockout_no": f"S{key}"}, {"src_order_no": f"A{key}"}):
        assert len(wdt.post("/openapi2/stockout_order_query_trade.php", data=asked)["stockout_list"]) == 1


def test_warehouses_and_shops_are_described(wdt, seller):  # noqa: ARG001 - it must be there
    answer = wdt.post("/openapi2/warehouse_query.php", data={"warehouse_no": "gz"})
    [place] = answer["warehouses"]
    assert (place["name"], place["province"], place["city"], place["district"]) == (
        "广州仓",
        "广东省",
        "广州市",
        "天河区",
    )
    assert (place["coordinates_x"], place["coordinates_y"], place["is_disabled"]) == ("113.26", "23.13", 0)
    assert wdt.post("/openapi2/warehouse_query.php", data={})["total_count"] == 2
    shops = {row["shop_no"]: row["platform_id"] for row in wdt.post("/openapi2/shop.php", data={})["shoplist"]}
    assert shops == {"shop01": 1, "other": 3}
    [jd] = wdt.post("/openapi2/shop.php", data={"platform_id": 3})["shoplist"]
    assert jd["shop_no"] == "other"


def test_goods_and_bundles_are_described(wdt):
    make_bundle("S", {"A": 2})
    answer = wdt.goods.query(*around_now(), class_name="杯")
    [goods] = answer["goods_list"]
    assert (answer["total_count"], goods["goods_no"], goods["spec_list"][0]["spec_no"]) == (1, "A", "A")
    answer = wdt.goods.suites_query(*around_now(), suite_no="S")
    [suite] = answer["suites"]
    assert [(one["spec_no"], one["num"]) for one in suite["specs_list"]] == [("A", "2.0000")]


def test_goods_pushed_say_what_a_shops_codes_mean_and_waiting_orders_go_on(wdt):
    lines = [{"oid": "1", "num": 1, "price": 1, "spec_id": "p-1"}]
    wdt.orders.trade_push("shop01", [trade("T1", order_list=lines)])
    allocate()
    assert Order.objects.get().state == OrderState.UNALLOCATED
    goods = [{"status": 1, "goods_id": "p", "spec_id": "p-1", "spec_no": "A"}]
    assert wdt.goods.goods_push_platfrom("shop01", 127, goods)["new_count"] == 1
    allocate()
    assert Order.objects.get().state == OrderState.ALLOCATED
    again = wdt.goods.goods_push_platfrom("shop01", 127, goods)
    assert (again["code"], again["new_count"], again["chg_count"]) == (0, 0, 0)
    bad = wdt.goods.goods_push_platfrom("shop01", 127, [{**goods[0], "spec_id": "p-2", "spec_no": "?"}])
    assert bad["code"] != 0
    assert wdt.goods.goods_push_platfrom("shop01", 127, [{**goods[0], "status": 0}])["chg_count"] == 1
    assert not ShopSku.objects.exists()


@pytest.mark.parametrize("name", ["trade_query", "stock_query", "goods_query", "suites_query"])
def test_nothing_is_asked_for_without_a_period_or_a_number(wdt, name):
    answer = wdt.post(f"/openapi2/{name}.php", data={"page_no": 0})
    assert answer["code"] == 2900


def test_a_period_of_trades_is_at_most_an_hour(wdt):
    start, end = around_now()
    answer = wdt.orders.trade_query(start.replace(year=2025), end)
    assert answer["code"] == 2901


def test_a_line_split_over_two_warehouses_tells_the_platform_of_one_parcel(wdt, seller):
    make_stock(seller.gz, "B", 1)
    make_stock(seller.bj, "B", 1)
    publish_rules({"rules": [{"id": "all", "then": {"split": "by_piece"}}]}, now=timezone.now())
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", "B", num=2)])])
    allocate()
    ship_everything()
    assert Order.objects.get().state == OrderState.FULFILLED
    [one] = parcels(wdt)
    assert (one["is_part_sync"], one["is_last"], one["oids"]) == (1, 1, "1")
    assert {found["warehouse_no"] for found in wdt.orders.trade_query(*around_now())["trades"]} == {"gz", "bj"}
