"""The rule index: for each field a table of rule sets, one row per class of values, to be AND-ed order by order.

After Lakshman & Stiliadis (1998), packet classification by bit vectors: a field's row for a value has the bit of every
rule that this field does not rule out, whether because a value is listed, because the rule does not ask, or because a
negated condition does not hold. Values no rule tells apart share a row, so the tables depend on the rules, not on the
orders.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from .bits import U64, packed, words_for
from .problem import I32, I64, Bools, Orders, Problem, Range, Rule
from .regions import ancestors, normalised

K = TypeVar("K", bound=Hashable)
MOST_JOINED_BYTES = 1 << 19
"""A joined field's table is to stay in the cache."""
_LOW, _HIGH = np.iinfo(np.int64).min, np.iinfo(np.int64).max


class RuleIndex(NamedTuple):
    """Tables for the kernel. Axes: k classes (of all single-valued fields, stacked), j those fields, c SKU classes."""

    rule_count: int
    row_kb: U64  # (k, words) rules a class leaves possible
    class_oj: I32  # (orders, j) rows of `row_kb` of each order
    uses_skus: bool
    class_s: I32  # SKU class of each SKU
    sku_cb: U64  # rules whose SKU condition the class meets
    category_cb: U64
    tag_cb: U64
    barred_cb: U64  # rules a negated condition of which the class meets
    alone_cb: U64  # rules a SKU of the class leaves possible if it is the order's only one, tags apart
    any_sku_b: U64  # rules without that condition
    any_category_b: U64
    tag_row_o: I32  # rows of `tags_kb` of each order
    tags_kb: U64  # rules without a tag condition or whose tag condition the order's own tags meet


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the rules ask of one field: values listed, per value the rules that want it and the rules that refuse it."""

    column: dict[str, int]
    wanted_vr: Bools
    refused_vr: Bools
    free_r: Bools  # rules that want nothing of this field

    @property
    def is_used(self) -> bool:
        return bool(self.column)


_KEPT: dict[str, tuple[Sequence[Rule], _Asked]] = {}
"""By field, what the rules asked of it that were last looked at: orders that come one by one meet the same rules."""


def _asked(rules: Sequence[Rule], field: str, spelling: Callable[[str], str] = str) -> _Asked:
    kept = _KEPT.get(field)
    if kept is not None and kept[0] is rules:
        return kept[1]
    found = _compiled(rules, field, spelling)
    if isinstance(rules, tuple):  # which nobody can change
        _KEPT[field] = (rules, found)
    return found


def _compiled(rules: Sequence[Rule], field: str, spelling: Callable[[str], str]) -> _Asked:
    wanted = [[spelling(value) for value in getattr(rule.when, field)] for rule in rules]
    refused = [[spelling(value) for value in getattr(rule.excepted, field)] for rule in rules]
    column = {value: index for index, value in enumerate(dict.fromkeys(v for row in (*wanted, *refused) for v in row))}
    wanted_vr = np.zeros((len(column), len(rules)), np.bool_)
    refused_vr = np.zeros_like(wanted_vr)
    for index in range(len(rules)):
        wanted_vr[[column[value] for value in wanted[index]], index] = True
        refused_vr[[column[value] for value in refused[index]], index] = True
    return _Asked(column, wanted_vr, refused_vr, np.array([not row for row in wanted], np.bool_))


def _any_of(flags_vr: Bools, columns: Iterable[int]) -> Bools:
    chosen = list(columns)
    return (
        np.logical_or.reduce(flags_vr[chosen], axis=0, dtype=np.bool_)
        if chosen
        else np.zeros(flags_vr.shape[1], np.bool_)
    )


def _met(asked: _Asked, values: Iterable[str]) -> list[int]:
    """The columns of the values some rule asks for."""
    return [asked.column[value] for value in values if value in asked.column]


def _interned(keys: Iterable[K]) -> tuple[I32, list[K]]:
    """Class numbers of `keys` and the distinct keys in order of first appearance."""
    seen: dict[K, int] = {}
    classes = [seen.setdefault(key, len(seen)) for key in keys]
    return np.array(classes, np.int32), list(seen)


class _Stack:
    """Collects the single-valued fields' rows into one table and each order's row numbers beside it."""

    def __init__(self, rule_count: int) -> None:
        self.fields: list[tuple[U64, I32]] = []
        self.rule_count = rule_count

    def add(self, rows: U64, class_o: I32) -> None:
        self.fields.append((rows, class_o))

    def table(self, order_count: int) -> tuple[U64, I32]:
        """One table of all fields' rows, and each order's row of each field.

        Small fields are joined into one (fewer rows to AND), and the field that rules out the most comes first.
        """
        words = words_for(self.rule_count)
        fields = sorted(self.fields, key=lambda field: len(field[0]))
        while len(fields) > 1 and len(fields[0][0]) * len(fields[1][0]) * words * 8 <= MOST_JOINED_BYTES:
            (rows, class_o), (more, other_o), *rest = fields
            both = (rows[:, None, :] & more[None, :, :]).reshape(-1, words)
            fields = sorted([(both, class_o * np.int32(len(more)) + other_o), *rest], key=lambda field: len(field[0]))
        fields.sort(key=lambda field: _density(*field))
        above = np.cumsum([0, *(len(rows) for rows, _ in fields)])
        columns = [class_o + np.int32(start) for (_, class_o), start in zip(fields, above, strict=False)]
        rows_kb = np.concatenate([*(rows for rows, _ in fields), np.zeros((0, words), np.uint64)])
        class_oj = np.stack(columns, 1) if columns else np.zeros((order_count, 0), np.int32)
        return np.ascontiguousarray(rows_kb), np.ascontiguousarray(class_oj, np.int32)

    def add_words(self, asked: _Asked, sets: Iterable[Iterable[int]], entry_o: I32) -> None:
        """A field of interned words: `sets` are the asked values each vocabulary entry meets; entry −1 meets none."""
        class_v, distinct = _interned([frozenset(values) for values in sets] + [frozenset[int]()])
        rows = np.zeros((len(distinct), self.rule_count), np.bool_)
        for row, values in zip(rows, distinct, strict=True):
            row[:] = (asked.free_r | _any_of(asked.wanted_vr, values)) & ~_any_of(asked.refused_vr, values)
        self.add(packed(rows), class_v[entry_o])

    def add_range(self, rules: Sequence[Rule], field: str, amount_o: Callable[[], I64]) -> None:
        """A numeric field: one class per elementary interval between the bounds of all rules."""
        wanted = [getattr(rule.when, field) for rule in rules]
        refused = [getattr(rule.excepted, field) for rule in rules]
        if all(bounds == (None, None) for bounds in (*wanted, *refused)):
            return
        starts = np.array(sorted(_starts([*wanted, *refused])), np.int64)
        want_lo, want_hi = _bounds(wanted)
        refuse_lo, refuse_hi = _bounds(refused)
        asks = np.array([bounds != (None, None) for bounds in refused], np.bool_)
        words = words_for(self.rule_count)
        rows = np.zeros((len(starts), words), np.uint64)
        for first in range(0, len(starts), 256):
            value = starts[first : first + 256, None]
            possible = (value >= want_lo) & (value <= want_hi) & ~(asks & (value >= refuse_lo) & (value <= refuse_hi))
            rows[first : first + 256] = packed(possible)
        self.add(rows, (np.searchsorted(starts, amount_o(), "right") - 1).astype(np.int32))


def _density(rows: U64, class_o: I32) -> float:
    """The rules a field leaves possible, on average over the orders."""
    used_k = np.bincount(class_o, minlength=len(rows))
    return float(np.bitwise_count(rows).sum(1) @ used_k)


def _bounds(ranges: Sequence[Range]) -> tuple[I64, I64]:
    low = np.array([_LOW if lo is None else lo for lo, _ in ranges], np.int64)
    high = np.array([_HIGH if hi is None else hi for _, hi in ranges], np.int64)
    return low, high


def _starts(ranges: Sequence[Range]) -> set[int]:
    """The first value of every elementary interval."""
    starts = {int(_LOW)}
    for low, high in ranges:
        if low is not None:
            starts.add(low)
        if high is not None and high < _HIGH:
            starts.add(high + 1)
    return starts


def build_index(problem: Problem) -> RuleIndex:
    """Compile the rules of `problem` against its orders' vocabularies.

    O(rules x values listed + classes x rules / 64 + orders); nothing here depends on the number of orders but the
    class numbers, which are array look-ups.
    """
    rules, orders = problem.rules, problem.orders
    stack = _Stack(len(rules))
    for field, entry_o, words in (
        ("shop", orders.shop_o, orders.shops),
        ("platform", orders.platform_o, orders.platforms),
        ("payment", orders.payment_o, orders.payments),
        ("delivery", orders.delivery_o, orders.deliveries),
    ):
        asked = _asked(rules, field)
        if asked.is_used:
            stack.add_words(asked, (_met(asked, [word]) for word in words), entry_o)
    _add_regions(stack, rules, orders)
    _add_remarks(stack, rules, orders)
    _add_ranges(stack, problem)
    return _with_skus(stack, problem)


def _add_regions(stack: _Stack, rules: Sequence[Rule], orders: Orders) -> None:
    asked = _asked(rules, "region", normalised)
    if asked.is_used:
        met = (_met(asked, ancestors(code)) for code in orders.regions)
        stack.add_words(asked, met, orders.region_o)


def _add_remarks(stack: _Stack, rules: Sequence[Rule], orders: Orders) -> None:
    asked = _asked(rules, "remark", str.casefold)
    if asked.is_used:
        texts = (text.casefold() for text in orders.remarks)
        met = ([column for word, column in asked.column.items() if word in text] for text in texts)
        stack.add_words(asked, met, orders.remark_o)


def _add_ranges(stack: _Stack, problem: Problem) -> None:
    rules, orders, skus = problem.rules, problem.orders, problem.skus

    def summed(value_l: I64) -> I64:
        running = np.concatenate([np.zeros(1, np.int64), np.cumsum(value_l, dtype=np.int64)])
        sums: I64 = running[orders.ptr[1:]] - running[orders.ptr[:-1]]
        return sums

    stack.add_range(rules, "amount_minor", lambda: orders.amount_minor_o)
    stack.add_range(rules, "weight_g", lambda: summed(orders.qty_l * skus.weight_g_s[orders.sku_l]))
    stack.add_range(rules, "lines", lambda: np.diff(orders.ptr))
    stack.add_range(rules, "pieces", lambda: summed(orders.qty_l))


def _with_skus(stack: _Stack, problem: Problem) -> RuleIndex:
    """The index with the fields an order has several values of: SKUs, their categories, and tags."""
    rules, orders, skus = problem.rules, problem.orders, problem.skus
    sku, category, tag = (_asked(rules, field) for field in ("sku", "category", "tag"))
    if tag.is_used:
        # the order's own tags may already bar a rule; that they meet one is completed by the SKUs' tags below
        met = [_met(tag, tags) for tags in orders.tagsets]
        barring = _Asked(tag.column, np.zeros_like(tag.wanted_vr), tag.refused_vr, np.ones(len(rules), np.bool_))
        stack.add_words(barring, met, orders.tagset_o)
        class_v, distinct = _interned([frozenset(values) for values in met] + [frozenset[int]()])
        rows = [tag.free_r | _any_of(tag.wanted_vr, values) for values in distinct]
        tags_kb, tag_row_o = packed(np.array(rows)), class_v[orders.tagset_o]
    else:
        tags_kb = packed(np.ones((1, len(rules)), np.bool_))
        tag_row_o = np.zeros(len(orders.shop_o), np.int32)
    uses_skus = sku.is_used or category.is_used or (tag.is_used and any(skus.tags_s))
    keys = [
        (
            frozenset(_met(sku, [skus.id_s[s]])),
            frozenset(_met(category, [skus.category_s[s]])),
            frozenset(_met(tag, skus.tags_s[s])),
        )
        for s in (range(len(skus.id_s)) if uses_skus else ())
    ]
    class_s, distinct_keys = _interned(keys)
    nothing = [(frozenset[int](), frozenset[int](), frozenset[int]())]
    tables: list[list[Bools]] = [[], [], [], []]
    for key in distinct_keys or nothing:
        met_by_field = list(zip((sku, category, tag), key, strict=True))
        for table, (asked, values) in zip(tables, met_by_field, strict=False):
            table.append(_any_of(asked.wanted_vr, values))
        barred = [_any_of(asked.refused_vr, values) for asked, values in met_by_field]
        tables[3].append(barred[0] | barred[1] | barred[2])
    sku_cb, category_cb, tag_cb, barred_cb = (packed(np.array(table)) for table in tables)
    any_sku_b, any_category_b = packed(sku.free_r[None, :])[0], packed(category.free_r[None, :])[0]
    row_kb, class_oj = stack.table(len(orders.shop_o))
    return RuleIndex(
        rule_count=len(rules),
        row_kb=row_kb,
        class_oj=class_oj,
        uses_skus=uses_skus,
        class_s=class_s if uses_skus else np.zeros(1, np.int32),
        sku_cb=sku_cb,
        category_cb=category_cb,
        tag_cb=tag_cb,
        barred_cb=barred_cb,
        alone_cb=(sku_cb | any_sku_b) & (category_cb | any_category_b) & ~barred_cb,
        any_sku_b=any_sku_b,
        any_category_b=any_category_b,
        tag_row_o=tag_row_o,
        tags_kb=tags_kb,
    )
