"""Files of SKUs, bundles, shops, warehouses, teams, freight, promotions, calendars and stock."""

import io
from datetime import UTC, date, datetime, time
from typing import Any

import openpyxl
import pytest
from tests.builders import NOW, make_bundle, make_order, make_shop, make_sku, make_stock, make_team, make_warehouse

from paidan.allocation.doctor import all_violations
from paidan.catalog.models import BundleComponent, Sku
from paidan.desk.imports import KINDS, import_file
from paidan.kit.tables.report import ImportReport
from paidan.network.models import CalendarDay, FreightRate, Promotion, Shop, ShopSku, Team, Warehouse
from paidan.orders.models import OrderLine, QueuedOrder
from paidan.stock.models import Stock, StockMovement

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    def run(kind: str, text: str, **options: Any) -> ImportReport:
        return import_file(kind, io.BytesIO(text.encode()), now=NOW, rejects_path=tmp_path / "rejects.csv", **options)

    return run


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(reject.line, reject.code) for reject in report.rejects.sample]


EVERY_KIND = {
    "shop": "店铺编码,店铺名称,平台,发货时限(小时),启用\ntm,天猫,taobao,24,是\njd,京东,jd,48,否\n",
    "sku": "货品编码,货品名称,分类,标签,重量(克),体积(cm3)\nA,杯子,家居,易碎;新品,350,900\nSET,套装,,,,\n",
    "bundle": "组合装,子件,数量\nSET,A,2\n",
    "shop_sku": "店铺,店铺货品编码,货品\ntm,x-1,A\n",
    "warehouse": "仓库编码,名称,地区,纬度,经度,日产能,比例,截单时间,每周休息日,节假日,覆盖地区\n"
    "gz,广州仓,440100,23.13,113.26,500,60,17:30,周六;周日,CN,广东;广西\nbj,北京仓,北京,,,,,,,,\n",
    "team": "团队编码,名称,所属仓库,服务店铺,技能,比例,日产能\nt1,一组,gz,tm;jd,VIP,60,100\nt2,二组,,,,,\n",
    "freight": "仓库,承运商,目的地,首重(克),首重价格,续重(克),续重价格,时效(天)\n"
    "gz,sf,,1000,12.00,1000,5.00,2\ngz,sf,广东,1000,8,500,1.5,1\n",
    "promotion": "大促编码,名称,开始时间,结束时间\n1111,双11,2026-11-11 00:00,2026-11-11\n",
    "calendar": "仓库,日期,上班\ngz,2026-11-14,是\ngz,2026/11/16,否\n",
    "stock": "货品编码,仓库,库存,安全库存\nA,gz,10,2\nA,bj,0,\n",
}


def test_every_kind_comes_in_and_the_same_again_changes_nothing(load):
    assert set(EVERY_KIND) | {"order"} == set(KINDS)
    for kind, text in EVERY_KIND.items():
        report = load(kind, text)
        assert codes(report) == [], kind
        assert counts(report) == (text.count("\n") - 1, 0, 0), kind
    for kind, text in EVERY_KIND.items():
        again = load(kind, text)
        assert again.nothing_new, kind
        assert counts(again) == (0, 0, text.count("\n") - 1), kind
    assert not list(all_violations())


def test_what_the_files_say_is_what_is_stored(load):
    for kind, text in EVERY_KIND.items():
        load(kind, text)
    shop = Shop.objects.get(code="tm")
    assert (shop.name, shop.platform, shop.ship_within_h, shop.active) == ("天猫", "taobao", 24, True)
    assert not Shop.objects.get(code="jd").active
    cup = Sku.objects.get(code="A")
    assert (cup.name, cup.tags, cup.weight_g, cup.volume_cm3) == ("杯子", ["易碎", "新品"], 350, 900)
    assert BundleComponent.objects.get().qty == 2
    assert ShopSku.objects.get().sku == cup
    gz, bj = Warehouse.objects.order_by("-code")
    assert (gz.region, gz.capacity, gz.ratio, gz.cutoff) == (440100, 500, 60, time(17, 30))
    assert (gz.weekdays_off, gz.holidays, gz.covers) == ([5, 6], "CN", ["440000", "450000"])
    assert (bj.region, bj.covers, bj.capacity, bj.lat, bj.is_open) == (110000, None, None, None, True)
    team = Team.objects.get(code="t1")
    assert (team.warehouse, team.skills, team.capacity) == (gz, ["VIP"], 100)
    assert sorted(shop.code for shop in team.shops.all()) == ["jd", "tm"]
    far, near = FreightRate.objects.order_by("region")
    assert (far.region, far.first_minor, far.next_minor, far.transit_s) == (0, 1200, 500, 172_800)
    assert (near.region, near.first_minor, near.next_minor, near.next_g) == (440000, 800, 150, 500)
    promotion = Promotion.objects.get()
    assert promotion.starts_at == datetime(2026, 11, 10, 16, tzinfo=UTC)
    assert promotion.ends_at == datetime(2026, 11, 11, 15, 59, 59, tzinfo=UTC)
    assert list(CalendarDay.objects.order_by("day").values_list("day", "working")) == [
        (date(2026, 11, 14), True),
        (date(2026, 11, 16), False),
    ]
    stock = Stock.objects.get(warehouse=gz)
    assert (stock.on_hand_qty, stock.safety_qty) == (10, 2)


def test_columns_that_a_file_lacks_are_left_alone(load):
    make_sku("A", name="杯子", weight_g=350)
    assert counts(load("sku", "code,category\nA,家居\nB,\n")) == (1, 1, 0)
    cup = Sku.objects.get(code="A")
    assert (cup.name, cup.weight_g, cup.category) == ("杯子", 350, "家居")


def test_an_empty_cell_of_a_column_that_is_there_empties_the_value(load):
    make_warehouse("gz", capacity=5)
    assert counts(load("warehouse", "code,capacity\ngz,\n")) == (0, 1, 0)
    assert Warehouse.objects.get().capacity is None


def test_weights_in_kilograms(load):
    load("sku", "code,重量(kg)\nA,0.35\n")
    assert Sku.objects.get().weight_g == 350


def test_the_same_key_with_different_values_is_rejected_everywhere_it_stands(load):
    report = load("sku", "code,name\nA,杯子\nB,盘子\nA,茶杯\nB,盘子\n")
    assert codes(report) == [(2, "same_key"), (4, "same_key")]
    assert "2, 4" in report.rejects.sample[0].reason
    assert list(Sku.objects.values_list("code", flat=True)) == ["B"]


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("bundle", "bundle,component,qty\nSET,none,1\n", "unknown_sku"),
        ("bundle", "bundle,component,qty\nA,A,1\n", "bundle_of_itself"),
        ("bundle", "bundle,component,qty\nA,SET,1\n", "bundle_in_bundle"),
        ("bundle", "bundle,component,qty\nB,C,1\n", "bundle_in_bundle"),
        ("shop_sku", "shop,code,sku\nnone,x,A\n", "unknown_shop"),
        ("warehouse", "code,region\nx,Atlantis\n", "unknown_region"),
        ("warehouse", "code,covers\nx,鼓楼区\n", "unknown_region"),
        ("warehouse", "code,lat\nx,23\n", "half_a_place"),
        ("warehouse", "code,timezone\nx,Moon/Crater\n", "unknown_time_zone"),
        ("warehouse", "code,weekdays_off\nx,someday\n", "unknown_weekday"),
        ("warehouse", "code,holidays\nx,XX\n", "unknown_holidays"),
        ("warehouse", "code,cutoff\nx,25:00\n", "not_a_clock_time"),
        ("team", "code,warehouse\nt,none\n", "unknown_warehouse"),
        ("team", "code,shops\nt,none\n", "unknown_shop"),
        ("freight", "warehouse,carrier,first_price\nnone,sf,1\n", "unknown_warehouse"),
        ("freight", "warehouse,carrier,first_price,first_g\ngz,sf,1,0\n", "too_small"),
        ("promotion", "code,starts_at,ends_at\np,2026-11-11 10:00,2026-11-11 09:00\n", "ends_before_start"),
        ("calendar", "warehouse,day\ngz,2026-02-30\n", "not_a_day"),
        ("stock", "sku,warehouse,on_hand\nnone,gz,1\n", "unknown_sku"),
        ("stock", "sku,warehouse,on_hand\nA,none,1\n", "unknown_warehouse"),
        ("stock", "sku,warehouse,on_hand\nA,gz,-1\n", "too_small"),
        ("stock", "sku,warehouse,on_hand\nA,gz,1.5\n", "not_whole"),
    ],
)
def test_what_is_wrong_is_said(load, kind, text, code):
    make_warehouse("gz")
    make_bundle("SET", {"B": 1})
    make_sku("A")
    make_sku("C")
    report = load(kind, text)
    assert counts(report) == (0, 0, 0)
    assert codes(report) == [(2, code)]


def test_a_part_with_no_pieces_leaves_its_bundle(load):
    make_bundle("SET", {"A": 1, "B": 2})
    assert counts(load("bundle", "bundle,component,qty\nSET,A,0\nSET,B,3\n")) == (0, 2, 0)
    assert list(BundleComponent.objects.values_list("component__code", "qty")) == [("B", 3)]


def test_teams_serve_exactly_the_shops_listed(load):
    make_team("t", shops=[make_shop("a"), make_shop("b")])
    make_shop("c")
    assert counts(load("team", "code,shops\nt,b;c\n")) == (0, 1, 0)
    assert sorted(Team.objects.get().shops.values_list("code", flat=True)) == ["b", "c"]
    assert counts(load("team", "code,name\nt,x\n")) == (0, 1, 0)
    assert Team.objects.get().shops.count() == 2


def test_a_new_sku_reaches_the_lines_that_waited_for_it(load):
    shop = make_shop("tm")
    waiting = make_order({"NEW": 1, "x-1": 2}, shop=shop, unmapped=["NEW", "x-1"])
    load("sku", "code\nNEW\n")
    load("shop_sku", "shop,code,sku\ntm,x-1,NEW\n")
    assert set(OrderLine.objects.values_list("sku__code", flat=True)) == {"NEW"}
    assert QueuedOrder.objects.filter(order=waiting).exists()
    assert not list(all_violations())


def test_a_count_moves_stock_with_a_reason_in_the_log(load):
    warehouse = make_warehouse("gz")
    make_stock(warehouse, "A", on_hand=10)
    make_sku("B")
    make_sku("C")
    report = load("stock", "sku,warehouse,on_hand\nA,gz,7\nB,gz,0\nC,gz,5\n")
    assert counts(report) == (2, 1, 0)
    assert Stock.objects.get(sku__code="A").on_hand_qty == 7
    assert set(StockMovement.objects.values_list("delta_qty", flat=True)) == {-3, 5}
    assert load("stock", "sku,warehouse,on_hand\nA,gz,7\nB,gz,0\nC,gz,5\n").nothing_new


def test_a_dry_run_writes_nothing(load):
    make_warehouse("gz")
    make_sku("A")
    assert counts(load("stock", "sku,warehouse,on_hand\nA,gz,7\n", dry_run=True)) == (1, 0, 0)
    assert counts(load("sku", "code\nX\n", dry_run=True)) == (1, 0, 0)
    assert not Stock.objects.exists()
    assert not Sku.objects.filter(code="X").exists()


def test_a_workbook_of_stock(tmp_path):
    make_warehouse("gz")
    make_sku("00123")
    book = openpyxl.Workbook()
    book.active.append(["货品编码", "仓库", "库存"])
    book.active.append(["00123", "gz", 12.0])
    book.save(tmp_path / "stock.xlsx")
    report = import_file("stock", tmp_path / "stock.xlsx", now=NOW)
    assert counts(report) == (1, 0, 0)
    assert report.encoding.startswith("xlsx")
    assert report.rejects_path is None


def test_a_hundred_thousand_counts_take_seconds(load):
    for n in range(10):
        make_warehouse(f"w{n}")
    Sku.objects.bulk_create(Sku(code=f"K{n:05}") for n in range(10_000))
    rows = (f"K{n:05},w{w},{n % 50}" for n in range(10_000) for w in range(10))
    report = load("stock", "\n".join(["sku,warehouse,on_hand", *rows]))
    assert report.created == 100_000
    assert report.seconds < 60
