"""Brings shops, their SKU codes, warehouses, calendars, teams, freight and promotions in from tables."""

from zoneinfo import available_timezones

import polars as pl

from paidan.geo.address import resolve
from paidan.geo.codes import code_of, number_of
from paidan.geo.regions import UnknownRegionError, current_number
from paidan.kit.tables.entries import faultless, given, look_up, note
from paidan.kit.tables.flaws import Faults
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.kit.tables.staging import array_text, upsert

from . import intake_fields as said

_DAYS = (
    "mon monday 1 周一 星期一",
    "tue tuesday 2 周二 星期二",
    "wed wednesday 3 周三 星期三",
    "thu thursday 4 周四 星期四",
    "fri friday 5 周五 星期五",
    "sat saturday 6 周六 星期六",
    "sun sunday 7 周日 星期日 周天 星期天",
)
_WEEKDAYS = {word: day for day, words in enumerate(_DAYS) for word in words.split()}


def store_shops(sheet: Sheet) -> Outcome:
    """Insert or update shops by code."""
    rows = faultless(sheet, sheet.read(sheet.texts), ["code"])
    defaults = {"name": "", "platform": "", "ship_within_h": 48, "active": True}
    return upsert("network_shop", given(rows, {"code": None, **defaults}), ["code"], defaults)


def store_shop_skus(sheet: Sheet) -> Outcome:
    """Insert or update which of our SKUs a shop's code means."""
    rows = sheet.read(sheet.texts)
    shop = look_up(sheet, rows, "shop", "network_shop", said.UNKNOWN_SHOP)
    sku = look_up(sheet, rows, "sku", "catalog_sku", said.UNKNOWN_SKU)
    rows = faultless(sheet, rows.with_columns(shop, sku), ["shop_id", "code"])
    return upsert("network_shopsku", rows.select("shop_id", "code", "sku_id"), ["shop_id", "code"], {})


def store_warehouses(sheet: Sheet) -> Outcome:
    """Insert or update warehouses by code; a warehouse without coordinates stands in its region."""
    rows = sheet.read(sheet.texts)
    rows = _with_places(sheet, rows)
    rows = _with_calendar(sheet, rows)
    for name in ("covers", "excludes"):
        if name in rows.columns:
            rows = rows.with_columns(_region_codes(sheet, rows, name))
    rows = faultless(sheet, rows, ["code"])
    defaults = {
        "name": "", "position": 1, "is_open": True, "region": 0, "address": "", "ratio": 0,
        "timezone": "Asia/Shanghai", "handling_s": 0, "holidays": "", "excludes": "{}", "weekdays_off": "{}",
    }  # fmt: skip
    nullable = dict.fromkeys(["code", "lat", "lng", "covers", "capacity", "cutoff"])
    return upsert("network_warehouse", given(rows, nullable | defaults), ["code"], defaults)


def _with_places(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    """Regions by code, name or address, and coordinates in pairs."""
    if ("lat" in rows.columns) != ("lng" in rows.columns):
        missing = "lng" if "lat" in rows.columns else "lat"
        rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(missing))
    if "lat" in rows.columns:
        note(sheet, rows, rows["lat"].is_null() != rows["lng"].is_null(), "lat", said.LAT_WITHOUT_LNG)
    if "region" in rows.columns:
        rows = rows.with_columns(_regions(sheet, rows, "region"))
    elif "address" in rows.columns:
        numbers = [number_of(resolve(text or "").code) for text in rows["address"]]
        rows = rows.with_columns(pl.Series("region", numbers, dtype=pl.Int32))
    return rows


def _with_calendar(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    """Time zones that exist, weekly days off as numbers, public holidays as a country, handling in seconds."""
    if "timezone" in rows.columns:
        unknown = ~rows["timezone"].is_in(list(available_timezones()))
        note(sheet, rows, unknown, "timezone", said.UNKNOWN_TIME_ZONE)
    if "holidays" in rows.columns:
        holidays = (
            rows["holidays"].str.to_uppercase().replace({"中国": "CN", "是": "CN", "YES": "CN", "否": "", "NO": ""})
        )
        note(sheet, rows, ~holidays.is_in(["CN", ""]), "holidays", said.UNKNOWN_HOLIDAYS)
        rows = rows.with_columns(holidays.alias("holidays"))
    if "weekdays_off" in rows.columns:
        days = [_weekdays(words or []) for words in rows["weekdays_off"].to_list()]
        note(
            sheet,
            rows,
            pl.Series([day is None for day in days], dtype=pl.Boolean),
            "weekdays_off",
            said.UNKNOWN_WEEKDAY,
        )
        texts = ["{" + ",".join(map(str, day or [])) + "}" for day in days]
        rows = rows.with_columns(pl.Series("weekdays_off", texts, dtype=pl.String))
    if "handling_h" in rows.columns:
        rows = rows.with_columns((pl.col("handling_h") * 3600).round().cast(pl.Int64).fill_null(0).alias("handling_s"))
    return rows


def _weekdays(words: list[str]) -> list[int] | None:
    days = [_WEEKDAYS.get(word.lower()) for word in words]
    return None if None in days else sorted({day for day in days if day is not None})


def region_of(text: str) -> int | None:
    """The number of a region written as a code, a country, or a name; None if it is none or several."""
    try:
        return current_number(text)
    except UnknownRegionError:
        pass
    code = resolve(text).code
    return number_of(code) if code else None


def _regions(sheet: Sheet, rows: pl.DataFrame, name: str) -> pl.Series:
    number_by_text = {text: region_of(text) for text in rows[name].drop_nulls().unique()}
    numbers = rows[name].replace_strict(number_by_text, default=None, return_dtype=pl.Int32)
    note(sheet, rows, rows[name].is_not_null() & numbers.is_null(), name, said.UNKNOWN_REGION)
    return numbers.fill_null(0).alias(name)


def _region_codes(sheet: Sheet, rows: pl.DataFrame, name: str) -> pl.Series:
    """Lists of regions as arrays of codes; empty `covers` is everywhere, written as null."""
    texts: list[list[str] | None] = []
    unknown = Faults()
    for row, words in rows.select(ROW, name).iter_rows():
        numbers = [region_of(word) for word in words or []]
        if None in numbers:
            unknown.add([row], name, said.UNKNOWN_REGION)
        texts.append([code_of(number) or "" for number in numbers if number] or None)
    sheet.faults.found.extend(unknown.found)
    lists = pl.Series(name, texts, dtype=pl.List(pl.String))
    arrays = array_text(lists)
    return arrays.set(lists.is_null(), None) if name == "covers" else arrays


def store_calendar(sheet: Sheet) -> Outcome:
    """Insert or update single days of a warehouse that differ from its week."""
    rows = sheet.read(sheet.texts)
    rows = rows.with_columns(look_up(sheet, rows, "warehouse", "network_warehouse", said.UNKNOWN_WAREHOUSE))
    rows = faultless(sheet, rows, ["warehouse_id", "day"])
    frame = given(rows, {"warehouse_id": None, "day": None, "working": False})
    return upsert("network_calendarday", frame, ["warehouse_id", "day"], {"working": False})


def store_freight(sheet: Sheet) -> Outcome:
    """Insert or update freight rates by warehouse, carrier and region; no region is everywhere."""
    rows = sheet.read(sheet.texts)
    rows = rows.with_columns(look_up(sheet, rows, "warehouse", "network_warehouse", said.UNKNOWN_WAREHOUSE))
    region = _regions(sheet, rows, "region") if "region" in rows.columns else pl.lit(0, dtype=pl.Int32).alias("region")
    rows = rows.with_columns(region)
    for name in ("first", "next"):
        rows = _one_of(rows, f"{name}_g", f"{name}_kg", 1000)
    for days, factor in (("transit_days", 86_400), ("transit_h", 3_600)):
        rows = _one_of(rows, "transit_s", days, factor)
    rows = rows.rename(
        {old: new for old, new in (("first_price", "first_minor"), ("next_price", "next_minor")) if old in rows.columns}
    )
    key = ["warehouse_id", "carrier", "region"]
    rows = faultless(sheet, rows, key)
    defaults = {"first_g": 1000, "next_g": 1000, "next_minor": 0, "transit_s": 0, "volumetric_cm3_per_kg": 0}
    frame = given(rows, dict.fromkeys([*key, "first_minor"]) | defaults)
    return upsert("network_freightrate", frame, key, defaults)


def _one_of(rows: pl.DataFrame, name: str, other: str, factor: int) -> pl.DataFrame:
    """Take a quantity from another unit where its own is not given."""
    if other not in rows.columns:
        return rows
    value = (pl.col(other) * factor).round().cast(pl.Int64)
    return rows.with_columns((pl.coalesce(name, value) if name in rows.columns else value).alias(name))


def store_promotions(sheet: Sheet) -> Outcome:
    """Insert or update promotions by code."""
    rows = sheet.read(sheet.texts)
    note(sheet, rows, rows["ends_at"] <= rows["starts_at"], "ends_at", said.ENDS_BEFORE_IT_STARTS)
    rows = faultless(sheet, rows, ["code"])
    frame = given(rows, {"code": None, "name": "", "starts_at": None, "ends_at": None})
    return upsert("network_promotion", frame, ["code"], {"name": ""})
