"""Regions of many orders at once, from what their files say about where they go."""

from functools import lru_cache

import polars as pl

from paidan.geo.address import AMBIGUOUS, RESOLVED, resolve_many
from paidan.geo.codes import number_of
from paidan.geo.regions import countries, current_number

from .states import AddressState

_HOME = {"", "CN", "CHN", "CHINA", "中国", "中华人民共和国", "中国大陆", "MAINLAND CHINA", "PRC"}
_NAMED = ["province", "city", "district"]


def resolve_addresses(orders: pl.DataFrame) -> pl.DataFrame:
    """Add `region` and `address_state` to orders with the columns country, province, city, district and address.

    A region the file names by its code (`given_region`, 0 = none) is taken as it is.
    """
    named = _joined(orders, _NAMED)
    regions, states = _resolved(named)
    # Fields that already lead to a county settle it; the street is read only where they do not.
    open_ = ~((states == AddressState.RESOLVED) & (regions % 100 != 0))
    full = _joined(orders, [*_NAMED, "address"]).set(~open_, "")
    full_regions, full_states = _resolved(full)
    regions = regions.zip_with(~open_, full_regions)
    states = states.zip_with(~open_, full_states)
    frame = pl.DataFrame({"region": regions, "address_state": states, "given": orders["given_region"]})
    frame = _abroad(frame.with_columns(orders["country"]))
    given = pl.col("given") > 0
    return orders.with_columns(
        frame.select(
            pl.when(given).then("given").otherwise("region").cast(pl.Int32).alias("region"),
            pl.when(given)
            .then(AddressState.RESOLVED.value)
            .otherwise("address_state")
            .cast(pl.Int16)
            .alias("address_state"),
        )
    ).drop("given_region")


def place_of(country: str, province: str, city: str, district: str, address: str, given: int) -> tuple[int, int]:
    """Region and address state of one order, as `resolve_addresses` finds them; empty texts say nothing."""
    if given:
        return given, AddressState.RESOLVED.value
    named = [text for text in (province, city, district) if text]
    region, state = _resolved_one(" ".join(named))
    if state != AddressState.RESOLVED or region % 100 == 0:
        region, state = _resolved_one(" ".join([*named, address] if address else named))
    if country and country.strip().upper() not in _HOME:
        number = country_number(country)
        if number < 100_000 or region == 0:
            region, state = number, (AddressState.RESOLVED if number else AddressState.UNRESOLVED).value
    return region, state


def _resolved_one(text: str) -> tuple[int, int]:
    if not text:
        return 0, AddressState.NONE.value
    codes, reasons = resolve_many([text])
    return int(codes[0]), _state_of(int(reasons[0])).value


def _state_of(reason: int) -> AddressState:
    if reason == RESOLVED:
        return AddressState.RESOLVED
    return AddressState.AMBIGUOUS if reason == AMBIGUOUS else AddressState.UNRESOLVED


def _joined(orders: pl.DataFrame, names: list[str]) -> pl.Series:
    return orders.select(pl.concat_str(names, separator=" ", ignore_nulls=True).fill_null("").alias("text"))["text"]


def _resolved(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Region numbers and address states, each different text resolved once."""
    different = texts.unique()
    different = different.filter(different != "")
    codes, reasons = resolve_many(different)
    states = [_state_of(reason) for reason in reasons.tolist()]
    found = pl.DataFrame(
        {"text": different, "region": codes.astype("int32"), "state": pl.Series(states, dtype=pl.Int16)},
        schema_overrides={"text": pl.String},
    )
    joined = pl.DataFrame({"text": texts}).join(found, on="text", how="left", maintain_order="left")
    return joined["region"].fill_null(0), joined["state"].fill_null(AddressState.NONE.value)


def _abroad(frame: pl.DataFrame) -> pl.DataFrame:
    """Orders that go to another country have that country as their region."""
    names = frame["country"].drop_nulls().unique()
    abroad = [name for name in names if name.strip().upper() not in _HOME]
    for name in abroad:
        number = country_number(name)
        here = pl.col("country") == name
        if number >= 100_000:  # Hong Kong, Macau, Taiwan: what the address itself says may be deeper
            here &= pl.col("region") == 0
        state = AddressState.RESOLVED if number else AddressState.UNRESOLVED
        frame = frame.with_columns(
            pl.when(here).then(number).otherwise("region").alias("region"),
            pl.when(here).then(state.value).otherwise("address_state").alias("address_state"),
        )
    return frame


@lru_cache(maxsize=1024)
def country_number(name: str) -> int:
    """The region number of a country by its two letters, its Chinese or its English name; 0 if there is none."""
    wanted = name.strip().upper()
    for code, (chinese, english) in countries().items():
        if wanted in (code, chinese, english.upper()):
            return current_number(code)
    return 0


def region_number(code: str) -> int | None:
    """The number of a region given by its code, or None."""
    try:
        return current_number(code) if code else number_of(code)
    except LookupError:
        return None
