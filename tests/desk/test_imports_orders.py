"""Order files end to end: what gets in, what is rejected and why, and that nothing gets in twice."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.builders import NOW, make_bundle, make_shop, make_shop_sku, make_sku

from paidan.desk.imports import import_file
from paidan.kit.errors import Refusal
from paidan.kit.tables.report import ImportReport
from paidan.orders import intake
from paidan.orders.models import Event, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import AddressState, EventKind, OrderState

pytestmark = pytest.mark.django_db

NAMES = "店铺,订单号,子订单号,货品编码,数量,付款时间,实付金额,收货人,省,市,区,详细地址,买家留言,标签,纬度,经度"
HEADINGS = NAMES.split(",")
PLAIN = {
    "店铺": "tm",
    "订单号": "2026000001",
    "货品编码": "A",
    "数量": "1",
    "付款时间": "2026-11-11 08:00:00",
    "实付金额": "¥1,204.50",
    "收货人": "张三",
    "省": "上海市",
    "市": "上海市",
    "区": "浦东新区",
    "详细地址": "世纪大道100号",
}


def table(*rows: dict[str, str], headings: list[str] = HEADINGS) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, headings, restval="")
    writer.writeheader()
    writer.writerows({**PLAIN, **row} for row in rows)
    return file.getvalue().encode()


@pytest.fixture
def load(tmp_path):
    """Import orders from bytes into a world with one shop and a few SKUs."""
    make_shop("tm", name="天猫店", ship_within_h=48)
    for code in ("A", "B"):
        make_sku(code)

    def run(raw: bytes, **options: Any) -> ImportReport:
        return import_file("order", io.BytesIO(raw), now=NOW, rejects_path=tmp_path / "rejects.csv", **options)

    return run


def codes(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(reject.line, reject.column, reject.code) for reject in report.rejects.sample]


def test_an_order_arrives_whole(load):
    report = load(
        table(
            {"标签": "VIP；易碎", "买家留言": "尽快"},
            {"标签": "VIP；易碎", "买家留言": "尽快", "货品编码": "B", "数量": "3"},
        )
    )
    assert (report.created, report.rows, report.rejects.rows) == (1, 2, 0)
    order = Order.objects.get()
    assert order.number == "2026000001"
    assert order.state == OrderState.PENDING
    assert order.amount_minor == 120450
    assert order.currency == "CNY"
    assert order.paid_at == datetime(2026, 11, 11, 0, 0, tzinfo=UTC)
    assert order.ship_by_at == order.paid_at + timedelta(hours=48)
    assert order.received_at == NOW
    assert (order.region, order.address_state) == (310115, AddressState.RESOLVED)
    assert order.tags == ["VIP", "易碎"]
    assert order.buyer_remark == "尽快"
    recipient = Recipient.objects.get()
    assert (recipient.name, recipient.district) == ("张三", "浦东新区")
    assert list(OrderLine.objects.order_by("position").values_list("position", "sku__code", "qty", "shop_code")) == [
        (1, "A", 1, "A"),
        (2, "B", 3, "B"),
    ]
    event = Event.objects.get()
    assert (event.kind, event.state, event.at) == (EventKind.RECEIVED, OrderState.PENDING, NOW)
    queued = QueuedOrder.objects.get()
    assert (queued.order_id, queued.ship_by_at) == (order.id, order.ship_by_at)


def test_the_same_file_again_changes_nothing_and_says_so(load):
    raw = table({}, {"订单号": "2"})
    load(raw)
    before = list(Order.objects.values())
    again = load(raw)
    assert again.nothing_new
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    assert list(Order.objects.values()) == before
    assert Event.objects.count() == 2


def test_columns_and_lines_in_another_sequence_are_no_change(load):
    first, second = {"子订单号": "1"}, {"子订单号": "2", "货品编码": "B"}
    load(table(first, second))
    assert load(table(second, first, headings=HEADINGS[::-1])).nothing_new


def test_a_clerks_mended_address_is_not_undone_by_the_same_file(load):
    raw = table({"省": "", "市": "", "区": "鼓楼区"})
    load(raw)
    assert Order.objects.get().address_state == AddressState.AMBIGUOUS
    Order.objects.update(region=320106, address_state=AddressState.RESOLVED)
    assert load(raw).nothing_new
    assert Order.objects.get().region == 320106


def test_another_shop_may_use_the_same_number(load):
    make_shop("jd")
    load(table({}, {"店铺": "jd"}))
    assert Order.objects.count() == 2


def test_a_shop_may_be_given_by_its_name_unless_two_bear_it(load):
    assert load(table({"店铺": "天猫店"})).created == 1
    make_shop("tm2", name="天猫店")
    assert codes(load(table({"店铺": "天猫店", "订单号": "3"}))) == [(2, "店铺", "unknown_shop")]


BAD_CELLS = [
    ({"店铺": "nowhere"}, "店铺", "unknown_shop"),
    ({"订单号": ""}, "订单号", "missing"),
    ({"订单号": "1.2E+17"}, "订单号", "digits_lost"),
    ({"数量": "2.5"}, "数量", "not_whole"),
    ({"数量": "0"}, "数量", "too_small"),
    ({"数量": "1000000001"}, "数量", "too_large"),
    ({"数量": "许多"}, "数量", "not_a_number"),
    ({"付款时间": "2026-02-30 10:00"}, "付款时间", "not_a_time"),
    ({"实付金额": "十二"}, "实付金额", "not_money"),
    ({"货品编码": ""}, "货品编码", "missing"),
    ({"收货人": "x" * 101}, "收货人", "too_long"),
    ({"纬度": "95", "经度": "1"}, "纬度", "too_large"),
    ({"纬度": "31.2"}, "经度", "half_a_place"),
    ({"标签": "y" * 41}, "标签", "word_too_long"),
]


@pytest.mark.parametrize(("cells", "column", "code"), BAD_CELLS)
def test_a_bad_row_is_reported_and_stops_no_other(load, cells, column, code):
    report = load(table({"订单号": "good1"}, cells, {"订单号": "good2"}))
    assert codes(report) == [(3, column, code)]
    reject = report.rejects.sample[0]
    assert reject.value == {**PLAIN, **cells}.get(column, "")
    assert reject.reason
    assert reject.remedy
    assert set(Order.objects.values_list("number", flat=True)) == {"good1", "good2"}


def test_rows_may_give_the_code_or_the_name_of_one_shop(load):
    assert load(table({"店铺": "tm"}, {"店铺": "天猫店", "货品编码": "B"})).created == 1
    assert OrderLine.objects.count() == 2


def test_without_any_shop_every_row_says_so(tmp_path):
    report = import_file("order", io.BytesIO(table({})), now=NOW, rejects_path=tmp_path / "rejects.csv")
    assert codes(report) == [(2, "店铺", "unknown_shop")]


def test_a_table_without_rows_is_no_error(load):
    report = load(table())
    assert (report.rows, report.created, report.nothing_new) == (0, 0, True)


def test_an_order_is_never_imported_by_half(load):
    report = load(table({"订单号": "1"}, {"订单号": "1", "货品编码": "B", "数量": "x"}, {"订单号": "2"}))
    assert Order.objects.get().number == "2"
    assert (report.rejects.rows, report.rejects.withheld) == (1, 1)
    assert codes(report) == [(3, "数量", "not_a_number"), (2, "", "order_rejected")]
    assert "3" in report.rejects.sample[1].reason


def test_rows_of_one_order_need_not_stand_together(load):
    load(table({"订单号": "1"}, {"订单号": "2"}, {"订单号": "1", "货品编码": "B"}))
    assert list(OrderLine.objects.filter(order__number="1").values_list("shop_code", flat=True)) == ["A", "B"]


def test_a_row_that_names_no_order_keeps_the_order_above_from_coming_in_by_half(load):
    report = load(table({"订单号": "1"}, {"店铺": "", "订单号": "", "货品编码": "B"}, {"订单号": "2"}))
    assert Order.objects.get().number == "2"
    assert codes(report)[-1] == (2, "", "order_rejected")


def test_merged_cells_of_a_workbook_hold_for_all_their_rows(load):
    book = openpyxl.Workbook()
    for row in (["店铺", "订单号", "货品编码", "数量"], ["tm", "1", "A", 1], [None, None, "B", 2], ["tm", "2", "A", 1]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("B2:B3")
    file = io.BytesIO()
    book.save(file)
    assert load(file.getvalue()).created == 2
    assert OrderLine.objects.filter(order__number="1").count() == 2


def test_contradicting_rows_of_one_order_name_each_other(load):
    report = load(table({"收货人": "张三"}, {"收货人": "李四", "货品编码": "B"}))
    assert report.created == 0
    assert codes(report)[0] == (3, "收货人", "contradicts")
    assert "2" in report.rejects.sample[0].reason
    assert "3" in report.rejects.sample[0].remedy


def test_order_cells_may_be_filled_in_its_first_row_only(load):
    empty = dict.fromkeys(["付款时间", "实付金额", "收货人", "省", "市", "区", "详细地址"], "")
    assert load(table({}, {**empty, "货品编码": "B"})).created == 1
    assert Order.objects.get().amount_minor == 120450


def test_a_line_number_given_twice_is_rejected(load):
    report = load(table({"子订单号": "7"}, {"子订单号": "7", "货品编码": "B"}))
    assert codes(report)[0] == (3, "子订单号", "line_twice")


def test_an_unknown_sku_is_no_fault_of_the_file(load):
    assert load(table({"货品编码": "new"})).created == 1
    line = OrderLine.objects.get()
    assert (line.sku_id, line.shop_code) == (None, "new")


def test_a_shops_own_code_comes_before_ours(load):
    shop = make_shop("tm")
    make_shop_sku(shop, "A", "B")
    make_shop_sku(make_shop("jd"), "x", "A")
    load(table({}, {"订单号": "2", "货品编码": "x"}))
    assert list(OrderLine.objects.order_by("order").values_list("sku__code", flat=True)) == ["B", None]


def test_a_bundle_becomes_its_parts(load):
    make_bundle("SET", {"A": 2, "B": 1})
    headings = [*HEADINGS, "行金额"]
    load(
        table(
            {"子订单号": "9", "货品编码": "SET", "数量": "3", "行金额": "10.00"}, {"货品编码": "A"}, headings=headings
        )
    )
    lines = OrderLine.objects.order_by("position")
    assert list(lines.values_list("position", "sku__code", "bundle__code", "qty", "amount_minor", "number")) == [
        (1, "A", "SET", 6, 667, "9"),
        (2, "B", "SET", 3, 333, "9"),
        (3, "A", None, 1, 0, ""),
    ]


def test_a_bundle_of_too_many_pieces_is_rejected(load):
    make_bundle("SET", {"A": 2})
    report = load(table({"货品编码": "SET", "数量": "600000000"}, {}, {"订单号": "2"}))
    assert codes(report) == [(2, "数量", "too_many_pieces"), (3, "", "order_rejected")]
    assert Order.objects.get().number == "2"


@pytest.mark.parametrize(
    ("cells", "region", "state"),
    [
        ({"省": "", "市": "", "区": "", "详细地址": ""}, 0, AddressState.NONE),
        ({"省": "", "市": "", "区": "", "详细地址": "浙江省杭州市西湖区文三路1号"}, 330106, AddressState.RESOLVED),
        ({"省": "广东省", "市": "东莞市", "区": "", "详细地址": "南城街道"}, 441900, AddressState.RESOLVED),
        ({"省": "", "市": "", "区": "鼓楼区", "详细地址": "中央路"}, 0, AddressState.AMBIGUOUS),
        ({"省": "", "市": "", "区": "鼓楼区", "详细地址": "南京市鼓楼区中央路"}, 320106, AddressState.RESOLVED),
        ({"省": "", "市": "", "区": "", "详细地址": "村口第三家"}, 0, AddressState.UNRESOLVED),
        ({"国家": "US", "省": "CA", "市": "Los Angeles", "区": ""}, 85 * 256 + 83, AddressState.RESOLVED),
        ({"国家": "美国", "省": "", "市": "", "区": ""}, 85 * 256 + 83, AddressState.RESOLVED),
        ({"国家": "Atlantis", "省": "", "市": "", "区": ""}, 0, AddressState.UNRESOLVED),
        ({"国家": "中国"}, 310115, AddressState.RESOLVED),
        ({"行政区划代码": "440305"}, 440305, AddressState.RESOLVED),
    ],
)
def test_addresses_resolve_or_stay_open(load, cells, region, state):
    report = load(table(cells, headings=[*HEADINGS, "国家", "行政区划代码"]))
    assert report.created == 1
    order = Order.objects.get()
    assert (order.region, order.address_state) == (region, state)


def test_own_coordinates_and_deadline_are_kept(load):
    load(table({"纬度": "31.23", "经度": "121.47", "最晚发货": "2026-11-12"}, headings=[*HEADINGS, "最晚发货"]))
    order = Order.objects.get()
    assert (order.lat, order.lng) == (31.23, 121.47)
    assert order.ship_by_at == datetime(2026, 11, 12, 15, 59, 59, tzinfo=UTC)


def test_an_amount_is_the_sum_of_its_lines_where_only_they_have_one(load):
    headings = [name for name in HEADINGS if name != "实付金额"] + ["行金额"]
    rows = [{**PLAIN, "行金额": "1.10"}, {**PLAIN, "货品编码": "B", "行金额": "2.20"}]
    for row in rows:
        del row["实付金额"]
    raw = "\n".join([",".join(headings), *(",".join(row.get(name, "") for name in headings) for row in rows)])
    load(raw.encode())
    assert Order.objects.get().amount_minor == 330


def test_currencies_without_subunit(load):
    headings = [*HEADINGS, "币种"]
    report = load(
        table(
            {"币种": "JPY", "实付金额": "1200"}, {"订单号": "2", "币种": "JPY", "实付金额": "1.50"}, headings=headings
        )
    )
    assert Order.objects.get().amount_minor == 1200
    assert codes(report) == [(3, "实付金额", "too_fine")]


def test_times_are_shanghais_unless_told_otherwise(load):
    load(table({}), timezone="UTC")
    assert Order.objects.get().paid_at == datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        load(table({}), timezone="Moon/Crater")


def test_a_dry_run_reports_all_and_writes_nothing(load):
    report = load(table({}, {"订单号": "2", "数量": "0"}), dry_run=True)
    assert (report.created, report.rejects.rows, report.dry_run) == (1, 1, True)
    assert not Order.objects.exists()
    assert not Event.objects.exists()


def test_mended_rejects_come_in(load):
    report = load(table({"订单号": "="}, {"订单号": "123456789012345678", "数量": "x"}))
    assert isinstance(report.rejects_path, Path)
    text = report.rejects_path.read_text("utf-8-sig").replace(",x,", ",4,", 1)
    again = load(text.encode())
    assert again.created == 1
    assert OrderLine.objects.get(order__number="123456789012345678").qty == 4


def test_rejects_stay_beside_their_file_and_never_replace_others(load, tmp_path):  # noqa: ARG001
    path = tmp_path / "orders.csv"
    path.write_bytes(table({"数量": "x"}))
    first = import_file("order", path, now=NOW)
    assert first.rejects_path == tmp_path / "orders.rejects.csv"
    assert import_file("order", path, now=NOW).rejects_path == first.rejects_path
    first.rejects_path.write_text("being mended")
    assert import_file("order", path, now=NOW).rejects_path == tmp_path / "orders.rejects-2.csv"
    assert first.rejects_path.read_text() == "being mended"


def test_rejects_of_a_stream_or_a_closed_folder_are_not_lost(load, tmp_path):  # noqa: ARG001
    report = import_file("order", io.BytesIO(table({"数量": "x"})), now=NOW, rejects_path=tmp_path / "none" / "r.csv")
    assert report.rejects_path is not None
    assert report.rejects_path.stat().st_mode & 0o077 == 0
    report.rejects_path.unlink()


def test_progress_reaches_the_end(load, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ROWS", 2)
    seen: list[tuple[int, int]] = []
    report = load(table(*({"订单号": str(n)} for n in range(7))), progress=lambda done, of: seen.append((done, of)))
    assert report.created == 7
    assert seen == [(2, 7), (4, 7), (6, 7), (7, 7)]


def test_chunks_end_where_orders_end(load, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK_ROWS", 2)
    rows = [{"订单号": str(n), "货品编码": code} for n in range(3) for code in ("A", "B", "A")]
    assert load(table(*rows)).created == 3
    assert OrderLine.objects.count() == 9


def test_a_file_without_needed_columns_is_refused_as_a_whole(load):
    with pytest.raises(Refusal) as refused:
        load("订单号,货品编码\n1,A\n".encode())
    assert refused.value.code == "missing_column"
    assert "qty" in str(refused.value)


def test_an_unknown_kind_is_refused():
    with pytest.raises(Refusal) as refused:
        import_file("parcel", io.BytesIO(b""), now=NOW)
    assert refused.value.code == "unknown_kind"


def test_hundred_thousand_orders_with_a_thousand_bad_rows_of_ten_kinds(load, tmp_path):
    kinds = [cells for cells, _, _ in BAD_CELLS if cells.keys() != {"订单号"}][:10]
    lines = [",".join(HEADINGS)]
    for n in range(100_000):
        row = {**PLAIN, "订单号": f"2026{n:014d}", "实付金额": f"{n}.10", "详细地址": f"世纪大道{n}号"}
        row |= kinds[n // 100 % 10] if n % 100 == 7 else {}
        lines.append(",".join(row.get(name, "") for name in HEADINGS))
    raw = "\n".join(lines).encode("gb18030")
    report = load(raw)
    assert (report.created, report.rejects.rows, report.rejects.withheld) == (99_000, 1_000, 0)
    assert Order.objects.count() == OrderLine.objects.count() == QueuedOrder.objects.count() == 99_000
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig") as file:
        rejects = list(csv.reader(file))
    assert len(rejects) == 1_001
    assert [row[-5] for row in rejects[1:3]] == ["9", "109"]
    assert all(cell for row in rejects[1:] for cell in (row[-4], row[-2], row[-1]))
    again = load(raw)
    assert again.nothing_new
    assert (again.unchanged, again.rejects.rows) == (99_000, 1_000)
