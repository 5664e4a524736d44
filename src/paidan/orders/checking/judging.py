"""The checks themselves: each finds, in columns of a batch of orders, those it would hold, with codes and values.

Pure: no database, the clock is an argument. A finding is an order's `id`, a `detail` to make the sentence from, and
perhaps an `until`. `cause` in the detail tells one cause from another: what a person let pass once is not held for the
same cause again. No detail repeats what a buyer wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

import polars as pl

from ..states import AddressState
from .book import Facts
from .kinds import Check

Detail = dict[str, Any]
PAID_ON_DELIVERY = "cod"


class Finding(NamedTuple):
    """One order that one check would hold."""

    order_id: int
    check: Check
    detail: Detail
    until: datetime | None = None


Find = Callable[[pl.DataFrame, Mapping[str, Any], Facts, datetime], list[Finding]]


def unpaid(columns: pl.DataFrame, settings: Mapping[str, Any], _facts: Facts, _now: datetime) -> list[Finding]:
    """Orders without a time of payment that are not paid on delivery, where that is asked for."""
    if not settings["no_time"]:
        return []
    found = columns.filter(pl.col("paid_at").is_null() & (pl.col("payment").str.to_lowercase() != PAID_ON_DELIVERY))
    return [Finding(key, Check.UNPAID, {"cause": ""}) for key in found["id"]]


def remark(columns: pl.DataFrame, settings: Mapping[str, Any], facts: Facts, _now: datetime) -> list[Finding]:
    """Orders with a remark, unless all it is for is known by the tags its words became."""
    names = [name for name in ("buyer", "seller") if settings[name]]
    said = pl.concat_str([pl.col(f"{name}_remark").str.strip_chars() for name in names] or [pl.lit("")], separator="\n")
    found = columns.select("id", said.str.strip_chars().alias("text")).filter(pl.col("text") != "")
    if settings["understood"] and facts.words:
        found = found.filter(~pl.col("text").str.contains_any(list(facts.words), ascii_case_insensitive=True))
    return [Finding(key, Check.REMARK, {"cause": digest(text)}) for key, text in found.iter_rows()]


def address(columns: pl.DataFrame, settings: Mapping[str, Any], _facts: Facts, _now: datetime) -> list[Finding]:
    """Addresses that could be several places or none, or that have no street; an order without any is left alone."""
    why = (
        pl.when(pl.col("address_state") == AddressState.AMBIGUOUS.value)
        .then(pl.lit("ambiguous"))
        .when(pl.col("address_state") == AddressState.UNRESOLVED.value)
        .then(pl.lit("unresolved"))
        .when(~pl.col("located") & (pl.col("address").str.strip_chars().str.len_chars() < (settings["shortest"] or 0)))
        .then(pl.lit("street"))
    )
    given = columns.filter((pl.col("place") != "") | (pl.col("address") != ""))
    found = given.select("id", why.alias("why"), pl.col("place") + pl.col("address")).drop_nulls("why")
    return [Finding(key, Check.ADDRESS, {"why": why, "cause": digest(text)}) for key, why, text in found.iter_rows()]


def village(columns: pl.DataFrame, settings: Mapping[str, Any], _facts: Facts, _now: datetime) -> list[Finding]:
    """Addresses with a word of the country, once the names that only sound so are taken out."""
    text = pl.col("address")
    if settings["but"]:
        text = text.str.replace_all(alternatives(settings["but"]), " ")
    if not settings["words"]:
        return []
    found = columns.filter(text.str.contains(alternatives(settings["words"]))).select("id", "address")
    return [Finding(key, Check.VILLAGE, {"cause": digest(text)}) for key, text in found.iter_rows()]


def amount(columns: pl.DataFrame, settings: Mapping[str, Any], facts: Facts, _now: datetime) -> list[Finding]:
    """Amounts outside the range, or above so many times what is usual in the shop."""
    usual = columns["shop_id"].replace_strict(dict(facts.usual), default=None, return_dtype=pl.Int64)
    most = usual * settings["times"] if settings["times"] and facts.usual else pl.lit(None, pl.Int64)
    money = pl.col("amount_minor")
    why = (
        pl.when(money < settings["least_minor"] if settings["least_minor"] is not None else False)
        .then(pl.lit("low"))
        .when(money > settings["most_minor"] if settings["most_minor"] is not None else False)
        .then(pl.lit("high"))
        .when(money > most)
        .then(pl.lit("times"))
    )
    found = columns.select("id", why.alias("why"), "amount_minor", usual.alias("usual")).drop_nulls("why")
    return [
        Finding(key, Check.AMOUNT, {"why": why, "amount": money, "usual": usual, "cause": f"{why} {money}"})
        for key, why, money, usual in found.iter_rows()
    ]


def blacklist(columns: pl.DataFrame, _settings: Mapping[str, Any], facts: Facts, _now: datetime) -> list[Finding]:
    """Buyers, names and phones that stand on the list, and addresses that contain what stands there."""
    found: dict[int, Finding] = {}
    for what in ("phone", "buyer", "name", "address"):
        listed = facts.black.get(what, {})
        if not listed:
            continue
        if what == "address":
            rows = columns.filter((pl.col("place") + pl.col("address")).str.contains_any(list(listed)))
        else:
            text = pl.col(what).str.replace_all(r"\D", "") if what == "phone" else pl.col(what).str.strip_chars()
            rows = columns.filter(text.is_in(list(listed)))
        cause = f"{what} {digest(chr(10).join(sorted(listed)))}" if what == "address" else what
        for key in rows["id"]:
            found.setdefault(key, Finding(key, Check.BLACKLIST, {"by": what, "cause": cause}))
    return list(found.values())


def presale(columns: pl.DataFrame, settings: Mapping[str, Any], _facts: Facts, now: datetime) -> list[Finding]:
    """Orders with a tag of a presale whose day is yet to come."""
    tagged = pl.col("tags").list.eval(pl.element().is_in(list(settings["tags"]))).list.any()
    ahead = timedelta(days=settings["days_before"] or 0)
    found = columns.filter(tagged).select("id", "ship_by_at")
    due = [(key, settings["until"] or (by - ahead if by else None)) for key, by in found.iter_rows()]
    return [
        Finding(key, Check.PRESALE, {"cause": until.isoformat()}, until) for key, until in due if until and until > now
    ]


def invoice(columns: pl.DataFrame, settings: Mapping[str, Any], _facts: Facts, _now: datetime) -> list[Finding]:
    """Orders whose remarks or tags ask for an invoice."""
    words = list(settings["words"])
    if not words:
        return []
    said = pl.concat_str("buyer_remark", "seller_remark", pl.col("tags").list.join(" "), separator="\n")
    found = columns.filter(said.str.contains_any(words, ascii_case_insensitive=True))
    return [Finding(key, Check.INVOICE, {"cause": ""}) for key in found["id"]]


FINDERS: dict[Check, Find] = {
    Check.UNPAID: unpaid,
    Check.REMARK: remark,
    Check.ADDRESS: address,
    Check.VILLAGE: village,
    Check.AMOUNT: amount,
    Check.BLACKLIST: blacklist,
    Check.PRESALE: presale,
    Check.INVOICE: invoice,
}
"""The checks that look at one order at a time; `together` compares orders, and tags hold nothing."""


def tags_of_remarks(columns: pl.DataFrame, words: Mapping[str, str]) -> dict[str, list[int]]:
    """By tag, the orders whose remarks have a word of it and that do not have it yet."""
    if not words:
        return {}
    said = columns.select("id", "tags", text=pl.concat_str("buyer_remark", "seller_remark", separator="\n"))
    said = said.filter(pl.col("text").str.contains_any(list(words), ascii_case_insensitive=True))
    found: dict[str, list[int]] = {}
    for tag in sorted(set(words.values())):
        theirs = [word for word, its in words.items() if its == tag]
        new = said.filter(
            pl.col("text").str.contains_any(theirs, ascii_case_insensitive=True) & ~pl.col("tags").list.contains(tag)
        )
        if new.height:
            found[tag] = new["id"].to_list()
    return found


def alternatives(words: Iterable[str]) -> str:
    """A pattern that finds any of these words."""
    return "|".join(re.escape(word) for word in words)


def digest(text: str) -> str:
    """A short name for a text that does not tell it."""
    return blake2b(text.encode(), digest_size=8).hexdigest()
