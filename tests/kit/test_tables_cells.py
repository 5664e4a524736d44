"""Cells become values exactly, or say why they cannot."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.kit.tables.cells import clean, read_column
from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.instants import read_clock, read_day, read_instant, read_quickly

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str, kind: Kind, **limits: float | bool) -> object:
    """The value of one cell, or the code of its flaw."""
    column = read_column(clean(pl.Series([text]), kind), Field("f", kind, **limits), SHANGHAI)  # type: ignore[arg-type]
    flaws = [flaw.code for mask, flaw, _ in column.flawed if mask.fill_null(value=False)[0]]
    value = column.values[0]
    return flaws[0] if flaws else value.to_list() if isinstance(value, pl.Series) else value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        (" 5 ", 5),
        ("　5　", 5),
        ("2.0", 2),
        ("2.", 2),
        ("1,204", 1204),
        ("１２", 12),
        ("'7", 7),
        ('="8"', 8),
        ("+3", 3),
        ("", None),
        ("2.5", "not_whole"),
        ("1,2", "not_a_number"),
        ("two", "not_a_number"),
        ("1e3", "not_a_number"),
        ("99999999999999999999", "not_a_number"),
        ("0", "too_small"),
        ("-3", "too_small"),
        ("1001", "too_large"),
    ],
)
def test_whole_numbers(text, value):
    expected = "too_large" if text == "1,204" else value
    assert read(text, Kind.WHOLE, least=1, most=1000) == expected


def test_a_required_cell_must_not_be_empty():
    assert read("　", Kind.CODE, required=True) == "missing"


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("¥1,204.50", 120450),
        ("￥１２.３", 1230),
        ("0.1", 10),
        ("1204.5 元", 120450),
        ("RMB 3", 300),
        ("19.990", 1999),
        ("90071992547409.93", 9007199254740993),
        ("12.345", "too_fine"),
        ("-3", "too_small"),
        ("1.204,50", "not_money"),
        ("1,2", "not_money"),
        ("free", "not_money"),
        ("1E5", "not_money"),
    ],
)
def test_money_is_exact_in_minor_units(text, minor):
    assert read(text, Kind.MONEY) == minor


@given(st.integers(0, 10**15))
def test_every_amount_of_money_survives_being_written(minor):
    assert read(f"{minor // 100}.{minor % 100:02d}", Kind.MONEY) == minor


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00123", "00123"),
        ("'00123", "00123"),
        ('="123456789012345678"', "123456789012345678"),
        ("123456789012345678\t", "123456789012345678"),
        ("ＡＢ１２", "AB12"),
        ("1E5", "1E5"),
        ("SKU+5", "SKU+5"),
        ("1.2E+17", "digits_lost"),
        ("1.23456789012345E+17", "digits_lost"),
        ("2E+15", "digits_lost"),
        ("x" * 65, "too_long"),
    ],
)
def test_identifiers_keep_every_character(text, value):
    assert read(text, Kind.CODE, most=64) == value


def test_text_keeps_its_own_quote_but_not_one_that_hides_a_formula():
    assert read("'t Hooft", Kind.TEXT) == "'t Hooft"
    assert read("'=SUM(A1)", Kind.TEXT) == "=SUM(A1)"


def test_lists_are_split_at_any_separator_and_say_everything_once():
    assert read("VIP, 易碎；gift、VIP|x", Kind.WORDS) == ["VIP", "易碎", "gift", "x"]
    assert read(" ； ", Kind.WORDS) == []
    assert read("y" * 41, Kind.WORDS, most=40) == "word_too_long"


def test_decimals_are_finite_and_bounded():
    assert read("31.23", Kind.DECIMAL, least=-90, most=90) == 31.23
    assert read("95", Kind.DECIMAL, least=-90, most=90) == "too_large"
    assert read("nan", Kind.DECIMAL) == "not_a_number"
    assert read("inf", Kind.DECIMAL) == "not_a_number"


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("No", False), ("1", True), ("停用", False), ("maybe", "not_yes_or_no")]
)
def test_yes_and_no(text, value):
    assert read(text, Kind.FLAG) == value


EIGHT = datetime(2026, 11, 11, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai."""


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-11 08:00:00",
        "2026-11-11 08:00",
        "2026/11/11 8:00",
        "2026.11.11 8:00:00",
        "2026年11月11日 8时",
        "2026年11月11日8时0分0秒",
        "2026年11月11日 上午8点00分",
        "2026/11/11 8:00 AM",
        "2026-11-11T08:00:00",
        "2026-11-11T00:00:00Z",
        "2026-11-11T08:00:00+08:00",
        "2026-11-10 19:00:00-0500",
        "2026-11-11 08:00:00.000",
        "20261111080000",
        "202611110800",
        "46337.3333333333",
        "1794355200",
        "1794355200000",
        "2026-11-11 08：00",
    ],
)
def test_an_instant_in_all_usual_forms(text):
    assert read_instant(text, SHANGHAI) == EIGHT
    assert read(text, Kind.INSTANT) == EIGHT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30 10:00", "not_a_time"),
        ("2026-11-11 25:00", "not_a_time"),
        ("yesterday", "not_a_time"),
        ("11/12/2026 8:00", "day_or_month"),
        ("1926-11-11", "out_of_calendar"),
        ("2026-11-11 08:00 Mars", "not_a_time"),
    ],
)
def test_what_is_no_instant_is_never_guessed(text, code):
    answer = read_instant(text, SHANGHAI)
    assert isinstance(answer, Flaw)
    assert answer.code == code
    assert read(text, Kind.INSTANT) == code


def test_a_day_above_twelve_tells_day_and_month_apart():
    assert read_instant("11/30/2026 8:00", SHANGHAI) == read_instant("30/11/2026 8:00", SHANGHAI)


def test_a_bare_date_begins_its_day_but_as_a_deadline_ends_it():
    assert read("2026-11-11", Kind.INSTANT) == datetime(2026, 11, 10, 16, tzinfo=UTC)
    assert read("2026-11-11", Kind.DEADLINE) == datetime(2026, 11, 11, 15, 59, 59, tzinfo=UTC)
    assert read("2026-11-11 08:00", Kind.DEADLINE) == EIGHT


def test_days_and_times_of_day():
    assert read_day("2026-11-11") == read_day("46337") == read_day("2026-11-11 00:00:00") == date(2026, 11, 11)
    assert isinstance(read_day("2026-11-11 08:00"), Flaw)
    assert (
        read_clock("17:30")
        == read_clock("5:30 PM")
        == read_clock("下午5:30")
        == read_clock("0.729166666667")
        == time(17, 30)
    )
    assert isinstance(read_clock("25:00"), Flaw)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)))  # noqa: DTZ001
def test_columns_and_cells_read_the_same_instant(moment):
    moment = moment.replace(microsecond=0)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M"):
        text = moment.strftime(form)
        assert read_quickly(pl.Series([text]), SHANGHAI)[0] == read_instant(text, SHANGHAI)
