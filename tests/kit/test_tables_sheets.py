"""Files become sheets: encodings, separators, headings, stray quotation marks, workbooks."""

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidan.kit.errors import Refusal
from paidan.kit.tables.encoding import decode
from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.rejects import write_rejects
from paidan.kit.tables.sheet import Sheet, open_sheet

FIELDS = (
    Field("number", Kind.CODE, "order_number 订单号", required=True, most=64),
    Field("qty", Kind.WHOLE, "quantity 数量", required=True, least=1),
    Field("paid_at", Kind.INSTANT, "付款时间"),
    Field("name", Kind.TEXT, "收货人", most=100),
    Field("weight_g", Kind.WHOLE, "重量(克)"),
)
PLAIN = "订单号,数量,收货人\nA1,1,张三\nA2,2,李四\n"


def sheet_of(content: str | bytes, mapping: dict[str, str] | None = None) -> Sheet:
    raw = content.encode() if isinstance(content, str) else content
    return open_sheet(io.BytesIO(raw), FIELDS, mapping or {}, ZoneInfo("Asia/Shanghai"))


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def faults_of(sheet: Sheet) -> list[tuple[int, str, str]]:
    sheet.read(sheet.texts)
    return [
        (sheet.line(row), fault.field, fault.flaw.code)
        for row, faults in sheet.faults.by_row().items()
        for fault in faults
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_every_usual_encoding_reads_the_same(encoding):
    sheet = sheet_of(PLAIN.encode(encoding))
    assert sheet.texts["name"].to_list() == ["张三", "李四"]
    assert sheet.texts["number"].to_list() == ["A1", "A2"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found(separator):
    assert sheet_of(PLAIN.replace(",", separator)).texts["qty"].to_list() == ["1", "2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_counts_once(end):
    sheet = sheet_of(PLAIN.replace("\n", end))
    assert [sheet.line(row) for row in range(2)] == [2, 3]


def test_a_broken_byte_costs_its_row_and_does_not_change_the_encoding():
    raw = PLAIN.encode().replace("李".encode(), b"\xe6\x9d") * 1 + "".join(f"B{n},1,王五\n" for n in range(50)).encode()
    assert decode(raw).encoding == "utf-8"
    assert faults_of(sheet_of(raw)) == [(3, "name", "unreadable")]


def test_headings_match_in_both_languages_whatever_their_case_blanks_and_width():
    sheet = sheet_of(" Order Number ,*QUANTITY,付款时间：,重量（克）\nA1,1,2026-11-11,5\n")
    assert dict(sheet.raw.column_of) == {"number": 0, "qty": 1, "paid_at": 2, "weight_g": 3}


def test_headings_may_stand_below_a_title():
    sheet = sheet_of("订单导出\n\n订单号,数量\nA1,1\n")
    assert sheet.texts["number"].to_list() == ["A1"]
    assert sheet.line(0) == 4


def test_a_mapping_names_a_column_the_product_does_not_know():
    sheet = sheet_of("单据,数量\nA1,1\n", {"单据": "number"})
    assert sheet.texts["number"].to_list() == ["A1"]


@pytest.mark.parametrize(
    ("content", "mapping", "code"),
    [
        ("", {}, "empty_table"),
        ("\n\n", {}, "empty_table"),
        ("订单号,收货人\nA1,张三\n", {}, "missing_column"),
        (PLAIN, {"收货人": "nobody"}, "unknown_field"),
        (PLAIN, {"买家": "name"}, "unknown_heading"),
        (b"%PDF-1.7\x00", {}, "not_a_table"),
        (b"\x00\x01\x02\x03" * 40, {}, "not_a_table"),
        (b"PK\x03\x04 broken", {}, "not_a_workbook"),
    ],
)
def test_what_is_no_such_table_is_refused_at_once(content, mapping, code):
    with pytest.raises(Refusal) as refused:
        sheet_of(content, mapping)
    assert refused.value.code == code
    assert "%(" not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(Refusal) as refused:
        open_sheet(tmp_path / "none.csv", FIELDS, {}, ZoneInfo("UTC"))
    assert refused.value.code == "unreadable_file"


def test_a_table_without_rows_is_empty_but_no_error():
    assert sheet_of("订单号,数量\n").rows == 0


def test_blank_lines_are_left_out_and_still_counted():
    sheet = sheet_of("订单号,数量\n\nA1,1\n,\nA2,2\n")
    assert [sheet.line(row) for row in sheet.texts["_row"]] == [3, 5]


def test_a_cell_may_run_over_lines():
    sheet = sheet_of('订单号,数量,收货人\nA1,1,"张\n三"\nA2,2,"李,""四"""\n')
    assert sheet.texts["name"].to_list() == ["张\n三", '李,"四"']
    assert [sheet.line(row) for row in range(2)] == [2, 4]


def test_a_stray_quotation_mark_swallows_no_neighbour():
    sheet = sheet_of('订单号,数量,收货人\nA1,1,"张三\nA2,2,李四\nA3,3,王五\n')
    assert sheet.texts["number"].to_list() == ["A1", "A2", "A3"]
    assert faults_of(sheet) == [(2, "", "open_quote")]


def test_a_row_with_too_many_cells_is_at_fault_and_one_with_too_few_is_not():
    sheet = sheet_of("订单号,数量,收货人\nA1,1,张,三\nA2,2\n")
    assert faults_of(sheet) == [(2, "", "too_many_cells")]


def test_a_row_cut_wrongly_is_kept_whole_and_rejected_again_unless_mended(tmp_path):
    sheet = sheet_of("订单号,数量,收货人\nA1,1,张,三\nA2,2,李四\n")
    write_rejects(sheet, tmp_path / "rejects.csv")
    again = sheet_of((tmp_path / "rejects.csv").read_bytes())
    assert again.text(0, "number") == "A1,1,张,三"
    assert faults_of(again) == [(2, "qty", "missing")]


def test_a_stray_mark_in_a_short_row_stops_at_the_next_row():
    lines = ["订单号,数量,收货人,付款时间", '"A1,1', "A2,2,李四,", '"A3,3', "A4,4,王五,"]
    sheet = sheet_of("\n".join(lines))
    assert [(line, code) for line, _, code in faults_of(sheet)] == [(2, "open_quote"), (4, "open_quote")]
    assert sheet.texts["number"].to_list()[1::2] == ["A2", "A4"]


def test_control_characters_are_found():
    assert faults_of(sheet_of("订单号,数量,收货人\nA1,1,张\x07三\n")) == [(2, "name", "control_character")]


def test_a_workbook_keeps_dates_and_refuses_rounded_identifiers():
    raw = workbook(
        ["导出"],
        ["订单号", "数量", "付款时间", "收货人"],
        ["A1", 2.0, dt.datetime(2026, 11, 11, 8, 0), "张三"],  # noqa: DTZ001
        [123456789012345, 1, 46337.3333333333, None],
        [123456789012345678, 1, "2026-11-11 08:00", None],
        ["A4", 2.5, None, None],
    )
    sheet = sheet_of(raw)
    values = sheet.read(sheet.texts)
    eight = dt.datetime(2026, 11, 11, 0, 0, tzinfo=dt.UTC)
    assert values["paid_at"].to_list()[:3] == [eight] * 3
    assert values["number"].to_list()[1] == "123456789012345"
    assert [(fault.row, fault.flaw.code) for fault in sheet.faults.found] == [(2, "digits_lost"), (3, "not_whole")]
    assert sheet.line(2) == 5


def test_a_workbook_is_searched_for_the_sheet_that_fits():
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    book.create_sheet("数据").append(["订单号", "数量"])
    book["数据"].append(["A1", 1])
    file = io.BytesIO()
    book.save(file)
    assert sheet_of(file.getvalue()).texts["number"].to_list() == ["A1"]


def test_the_rejects_file_can_be_mended_and_read_again(tmp_path):
    sheet = sheet_of('订单号,备注,数量,收货人\n="00123",x,0,\'=cmd\n123456789012345678,y,none,@li\nA3,z,1,ok\n')
    sheet.read(sheet.texts)
    path = tmp_path / "rejects.csv"
    write_rejects(sheet, path)
    text = path.read_text("utf-8-sig")
    assert '"=""123456789012345678"""' in text
    assert ",'@li," in text
    again = sheet_of(path.read_bytes())
    assert again.texts["number"].to_list() == ["00123", "123456789012345678"]
    assert again.texts["name"].to_list() == ["=cmd", "@li"]
    again.read(again.texts)
    twice = tmp_path / "rejects2.csv"
    write_rejects(again, twice)
    assert twice.read_text("utf-8-sig").splitlines()[0] == text.splitlines()[0]


CELLS = st.sampled_from(
    [
        "",
        "1",
        "2.5",
        '"',
        '""',
        "'",
        '="7"',
        "张三",
        "\n",
        "2026-11-11",
        "1.2E+17",
        "\x00",
        "，",
        "46337.5",
        "a\tb",
        "x\u2028y\x85",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELLS, max_size=6).map(",".join), max_size=8),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    st.binary(max_size=8),
)
def test_any_bytes_are_a_sheet_or_refused_and_every_row_has_its_line(tmp_path_factory, lines, encoding, noise):
    raw = "\n".join(["订单号,数量,收货人,付款时间", *lines]).encode(encoding) + noise
    try:
        sheet = sheet_of(raw)
    except Refusal:
        return
    values = sheet.read(sheet.texts)
    assert values.height == sheet.rows
    numbers = [sheet.line(row) for row in sheet.texts["_row"]]
    assert numbers == sorted(set(numbers))
    path = tmp_path_factory.mktemp("fuzz") / "rejects.csv"
    write_rejects(sheet, path)
    faulty = sheet.faults.rows()
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(faulty)
