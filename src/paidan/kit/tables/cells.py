"""Turns a column of text into a column of values, and says which cells could not be turned and why.

Column-wise throughout: the forms nearly every cell has are read by polars, and only what is left over is looked at
cell by cell.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from . import flaws, instants
from .fields import Field, Kind
from .flaws import Flaw

BLANKS = " \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_FORMULA_SIGNS = r"^'[=+\-@'\t]"
_WRAPPED = r'^="?([^"]*)"?$'
_WIDE = "[！-～]"
ROUNDED = r"^-?\d(?:\.\d+)?[eE]\+\d{2,}$"
LIST_SEPARATORS = r"[,;，；、|]"
_MONEY = r"^(?:CNY|RMB|[¥￥$€£])?\s*(\d{1,14}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d+))?\s*(?:元|CNY|RMB)?$"
YES = {"yes", "y", "true", "1", "是", "开", "启用", "有", "营业", "上班", "t", "√", "open", "on"}
NO = {"no", "n", "false", "0", "否", "关", "停用", "无", "暂停", "休息", "f", "×", "closed", "off"}

Flawed = list[tuple[pl.Series, Flaw, dict[str, object]]]


@dataclass(frozen=True)
class Column:
    """Values of a column (null where empty or flawed), and masks of the cells that have a flaw, with its values."""

    values: pl.Series
    flawed: Flawed


def clean(texts: pl.Series, kind: Kind) -> pl.Series:
    """Without surrounding blanks and what spreadsheets wrap around text; an empty cell is null."""
    texts = texts.str.strip_chars(BLANKS)
    if texts.str.starts_with('="').any():
        texts = texts.str.replace(_WRAPPED, "${1}")
    quoted = texts.str.starts_with("'")
    if quoted.any():
        if kind is Kind.TEXT:  # only where it hides a formula sign: 't Hooft keeps his
            quoted = texts.str.contains(_FORMULA_SIGNS)
        texts = texts.str.slice(1).zip_with(quoted.fill_null(value=False), texts).str.strip_chars(BLANKS)
    if kind is not Kind.TEXT and texts.str.contains(_WIDE).any():
        texts = _by_unique(texts, lambda text: unicodedata.normalize("NFKC", text), pl.String)
    return texts.replace("", None)


def _by_unique(texts: pl.Series, convert: Callable[[str], object], dtype: Any) -> pl.Series:
    """`convert` applied to each different text once."""
    different = texts.drop_nulls().unique()
    converted = pl.Series([convert(text) for text in different], dtype=dtype, strict=False)
    return texts.replace_strict(different, converted, default=None, return_dtype=dtype)


def read_column(texts: pl.Series, field: Field, zone: ZoneInfo) -> Column:
    """The values of a column of cleaned texts, with `field`'s limits checked."""
    column = _READERS[field.kind](texts, field, zone)
    if field.required:
        column.flawed.append((texts.is_null(), flaws.MISSING, {}))
    return column


def _read_code(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    flawed = _too_long(texts, field)
    if texts.str.contains("+", literal=True).any():
        flawed.append((texts.str.contains(ROUNDED), flaws.DIGITS_LOST, {}))
    return Column(texts, flawed)


def _read_text(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    return Column(texts, _too_long(texts, field))


def _too_long(texts: pl.Series, field: Field) -> Flawed:
    most = int(field.most or 500)
    return [(texts.str.len_chars() > most, flaws.TOO_LONG, {"most": most})]


def _read_whole(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    numbers = texts.cast(pl.Int64, strict=False)
    flawed: Flawed = []
    left = texts.is_not_null() & numbers.is_null()
    if left.any():
        parts = texts.str.extract_groups(r"^([+-]?(?:\d{1,18}|\d{1,3}(?:,\d{3}){1,5}))(?:\.(\d*))?$").struct.unnest()
        rest = parts["2"].fill_null("").str.strip_chars("0")
        read = parts["1"].str.replace_all(",", "").cast(pl.Int64, strict=False)
        numbers = numbers.zip_with(~left, read.set(rest != "", None))
        flawed.append((left & read.is_not_null() & (rest != ""), flaws.NOT_WHOLE, {}))
        flawed.append((left & read.is_null(), flaws.NOT_A_NUMBER, {}))
    return Column(numbers, flawed + _out_of_bounds(numbers, field))


def _read_decimal(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    numbers = texts.cast(pl.Float64, strict=False)
    bad = texts.is_not_null() & (numbers.is_null() | ~numbers.is_finite())
    numbers = numbers.set(bad, None)
    return Column(numbers, [(bad, flaws.NOT_A_NUMBER, {}), *_out_of_bounds(numbers, field)])


def _out_of_bounds(numbers: pl.Series, field: Field) -> Flawed:
    flawed: Flawed = []
    if field.least is not None:
        flawed.append((numbers < field.least, flaws.TOO_SMALL, {"least": field.least}))
    if field.most is not None:
        flawed.append((numbers > field.most, flaws.TOO_LARGE, {"most": field.most}))
    return flawed


def _read_money(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    """Minor units (hundredths), exactly: the digits are moved, never multiplied as a binary fraction."""
    parts = texts.str.extract_groups(_MONEY).struct.unnest()
    fraction = parts["2"].fill_null("").str.strip_chars_end("0")
    too_fine = fraction.str.len_chars() > 2
    digits = parts["1"].str.replace_all(",", "") + fraction.str.pad_end(2, "0").str.slice(0, 2)
    minor = digits.cast(pl.Int64, strict=False).set(too_fine, None)
    negative = texts.str.contains(r"^[¥￥$]?\s*-")
    flawed: Flawed = [
        (negative & parts["1"].is_null(), flaws.TOO_SMALL, {"least": 0}),
        (texts.is_not_null() & parts["1"].is_null() & ~negative, flaws.NOT_MONEY, {}),
        (too_fine, flaws.TOO_FINE, {}),
    ]
    return Column(minor, flawed + _out_of_bounds(minor, field))


def _read_instants(texts: pl.Series, field: Field, zone: ZoneInfo) -> Column:
    quick = instants.read_quickly(texts, zone)
    left = texts.is_not_null() & quick.is_null()
    if not left.any():
        return Column(quick, [])
    end_of_day = field.kind is Kind.DEADLINE
    slow = _each(
        texts.set(~left, None), lambda text: instants.read_instant(text, zone, end_of_day=end_of_day), quick.dtype
    )
    return Column(quick.zip_with(~left, slow.values), slow.flawed)


def _read_days(texts: pl.Series, _field: Field, _: ZoneInfo) -> Column:
    return _each(texts, instants.read_day, pl.Date)


def _read_clock(texts: pl.Series, _field: Field, _: ZoneInfo) -> Column:
    return _each(texts, instants.read_clock, pl.Time)


def _each(texts: pl.Series, read: Callable[[str], object], dtype: Any) -> Column:
    """Read each different text once; what answers a flaw is flawed."""
    answers = {text: read(text) for text in texts.drop_nulls().unique()}
    values = {text: answer for text, answer in answers.items() if not isinstance(answer, Flaw)}
    column = texts.replace_strict(
        list(values), pl.Series(list(values.values()), dtype=dtype), default=None, return_dtype=dtype
    )
    flawed: Flawed = []
    for flaw in {id(answer): answer for answer in answers.values() if isinstance(answer, Flaw)}.values():
        flawed.append((texts.is_in([text for text, answer in answers.items() if answer is flaw]), flaw, {}))
    return Column(column, flawed)


def _read_flags(texts: pl.Series, _field: Field, _: ZoneInfo) -> Column:
    def read(text: str) -> object:
        word = text.lower()
        return True if word in YES else False if word in NO else flaws.NOT_YES_OR_NO

    return _each(texts, read, pl.Boolean)


def _read_words(texts: pl.Series, field: Field, _: ZoneInfo) -> Column:
    """A list, its entries separated by commas, semicolons, 、 or |, each once and in the order given."""
    most = int(field.most or 40)
    lists = texts.str.replace_all(LIST_SEPARATORS, ",").str.split(",")
    lists = lists.list.eval(pl.element().str.strip_chars(BLANKS)).list.eval(pl.element().filter(pl.element() != ""))
    lists = lists.list.unique(maintain_order=True)
    longest = lists.list.eval(pl.element().str.len_chars()).list.max()
    return Column(lists, [(longest > most, flaws.WORD_TOO_LONG, {"most": most})])


_READERS: dict[Kind, Callable[[pl.Series, Field, ZoneInfo], Column]] = {
    Kind.CODE: _read_code,
    Kind.TEXT: _read_text,
    Kind.WHOLE: _read_whole,
    Kind.MONEY: _read_money,
    Kind.DECIMAL: _read_decimal,
    Kind.INSTANT: _read_instants,
    Kind.DEADLINE: _read_instants,
    Kind.DAY: _read_days,
    Kind.CLOCK: _read_clock,
    Kind.FLAG: _read_flags,
    Kind.WORDS: _read_words,
}
