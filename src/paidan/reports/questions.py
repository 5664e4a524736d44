"""Reports as questions to the roll-ups: a period, what to cut it by, and what to narrow it to.

Up to one dimension to cut by and one to narrow by (two without a cut) is answered from cells; more is counted from the
rows themselves, as long as there are not too many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal

from .cells import MEASURES, ORDER_MEASURES, SPANS, cells_of
from .dimensions import PLACES, Dimension, view_of
from .facts import Facts, read_facts
from .figures import Figures
from .refresh import as_of
from .spans import unpacked

D = Dimension
DISTINCT = {D.WAREHOUSE: "orders_w_n", D.TEAM: "orders_t_n", D.RULE: "orders_r_n"}
PLACED = """EXISTS (SELECT FROM allocation_allocation a LEFT JOIN rules_rule u ON u.id = a.rule_id
LEFT JOIN reports_reportedrule r ON r.code = u.code WHERE a.order_id = o.id AND {})"""
SQL = {
    D.SHOP: "o.shop_id = ANY(%(shop)s)",
    D.REGION: "(CASE WHEN o.region < 100000 THEN o.region ELSE o.region / 10000 * 10000 END) = ANY(%(region)s)",
    D.WAREHOUSE: PLACED.format("a.warehouse_id = ANY(%(warehouse)s)"),
    D.TEAM: PLACED.format("coalesce(a.team_id, 0) = ANY(%(team)s)"),
    D.RULE: PLACED.format("coalesce(r.id, 0) = ANY(%(rule)s)"),
}
MOST_ROWS = 30_000
"""Orders a question may be counted from directly; more would take too long for a page."""


@dataclass(frozen=True, slots=True)
class Question:
    """Days `first` to `last`, both included; `by` cuts into rows; `only` narrows: the values wanted per dimension."""

    first: date
    last: date
    by: Dimension = D.NONE
    only: Mapping[Dimension, tuple[int, ...]] = field(default_factory=dict)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def of_orders(self) -> bool:
        """Whether orders that went nowhere can be told too: nothing here asks where they went."""
        return not ({self.by, *self.only} & set(PLACES))

    def narrowed(self, dimension: Dimension, values: tuple[int, ...]) -> Question:
        return replace(self, only={**self.only, dimension: values})


def figures(question: Question) -> dict[int, Figures]:
    """The figures of each value of `by`; without one, those of 0 are all there is."""
    return {key: found for (key, _step), found in _figures(question, "0").items()}


def figures_by_day(question: Question) -> dict[date, Figures]:
    """The figures of every day with anything; `by` must be none."""
    found = _figures(question, "day - '1970-01-01'::date")
    return {date(1970, 1, 1) + timedelta(days=step): one for (_key, step), one in found.items()}


def counts_over_time(question: Question, measures: tuple[str, ...], steps: int) -> dict[int, list[int]]:
    """The sum of some measures in each of `steps` equal parts of the period, per value of `by`."""
    width = -(-question.days // steps)
    parts = -(-question.days // width)
    if _from_rows(question):
        return {}
    where, values, key, _flag = _cells(question)
    summed = " + ".join(measures)
    statement = f"SELECT {key}, (day - %(first)s::date) / {width}, sum({summed})::bigint FROM reports_cell {where}"
    found: dict[int, list[int]] = {}
    for value, step, number in array_cursor().execute(f"{statement} GROUP BY 1, 2", values):
        found.setdefault(value, [0] * parts)[step] = number
    return found


def counts_by_hour_and_weekday(question: Question, measures: tuple[str, ...]) -> dict[tuple[int, int], int]:
    """By (weekday, 0 = Monday, and hour): the sum of some measures; `by` must be the hour."""
    if _from_rows(question):
        return {}
    where, values, key, _flag = _cells(question)
    weekday = "extract(isodow FROM day)::int - 1"
    statement = f"SELECT {weekday}, {key}, sum({' + '.join(measures)})::bigint FROM reports_cell {where} GROUP BY 1, 2"
    return {(row[0], row[1]): row[2] for row in array_cursor().execute(statement, values) if row[2]}


def counts_of_pairs(
    question: Question, pair: tuple[Dimension, Dimension], measures: tuple[str, ...]
) -> dict[tuple[int, int], int]:
    """By two values, in the order of their dimensions' numbers; only these two may be narrowed."""
    view, _turned = view_of(*pair)
    where = "WHERE view = %(view)s AND day BETWEEN %(first)s AND %(last)s"
    values: dict[str, Any] = {"view": view, "first": question.first, "last": question.last}
    for column, dimension in zip(("a", "b"), sorted(pair), strict=True):
        if dimension in question.only:
            where += f" AND {column} = ANY(%({column})s)"
            values[column] = np.array(question.only[dimension], np.int64)
    statement = f"SELECT a, b, sum({' + '.join(measures)})::bigint FROM reports_cell {where} GROUP BY 1, 2"
    return {(row[0], row[1]): row[2] for row in array_cursor().execute(statement, values)}


def _figures(question: Question, step: str) -> dict[tuple[int, int], Figures]:
    if _from_rows(question):
        return _count_rows(question, by_day=step != "0")
    where, values, key, flag = _cells(question)
    numbers = ", ".join(f"sum({name})::bigint" for name in MEASURES)
    spans = ", ".join(f"string_agg({name}, '')" for name in SPANS)
    statement = f"SELECT {key}, {step}, {numbers}, {spans} FROM reports_cell {where} GROUP BY 1, 2"
    rows = array_cursor().execute(statement, values, binary=True).fetchall()
    return {(row[0], row[1]): _figures_of(row[2:], flag) for row in rows}


def _figures_of(row: Any, flag: str | None) -> Figures:
    numbers = dict(zip(MEASURES, row, strict=False))
    spans = {name: unpacked(packed or b"") for name, packed in zip(SPANS, row[len(MEASURES) :], strict=True)}
    return Figures(numbers, spans, numbers[flag] if flag else None)


def _from_rows(question: Question) -> bool:
    others = set(question.only) - {question.by}
    return len(others) > (1 if question.by else 2)


def _cells(question: Question) -> tuple[str, dict[str, Any], str, str | None]:
    """Which cells answer: a WHERE with its values, the column of `by`, and the measure that counts distinct orders."""
    others = sorted(set(question.only) - {question.by})
    one, other = (question.by, others[0] if others else D.NONE) if question.by else (*others, D.NONE, D.NONE)[:2]
    view, turned = view_of(one, other)
    column = {one: "b" if turned else "a", other: "a" if turned else "b"}
    where = "WHERE view = %(view)s AND day BETWEEN %(first)s AND %(last)s"
    values: dict[str, Any] = {"view": view, "first": question.first, "last": question.last}
    for dimension, wanted in question.only.items():
        where += f" AND {column[dimension]} = ANY(%(only_{int(dimension)})s)"
        values[f"only_{int(dimension)}"] = np.array(wanted, np.int64)
    return where, values, column[question.by] if question.by else "0", _distinct(question)


def _distinct(question: Question) -> str | None:
    """The measure that counts each order once under this cut; None where there is none."""
    places = {question.by, *question.only} & set(PLACES)
    if any(len(question.only.get(place, ())) > 1 for place in places - {question.by}):
        return None
    return "orders_n" if not places else DISTINCT[places.pop()] if len(places) == 1 else None


def _count_rows(question: Question, *, by_day: bool) -> dict[tuple[int, int], Figures]:
    """The same figures straight from the rows: for cuts no cell holds."""
    view, _turned = view_of(question.by)
    table = cells_of(_facts(question), as_of() or timezone.now(), [(view, question.by, D.NONE)])
    if not question.of_orders:
        for name in ORDER_MEASURES:
            table[name][:] = 0
    inside = (table["day"] >= _number(question.first)) & (table["day"] <= _number(question.last))
    found: dict[tuple[int, int], Figures] = {}
    for at in np.flatnonzero(inside).tolist():
        key = (int(table["a"][at]), int(table["day"][at]) if by_day else 0)
        numbers = {name: int(table[name][at]) for name in MEASURES}
        one = Figures(
            numbers, {name: table[name][at] for name in SPANS}, numbers[DISTINCT.get(question.by, "orders_n")]
        )
        found[key] = found[key] + one if key in found else one
    return found


def _facts(question: Question) -> Facts:
    """What a question narrows to, read from the rows; refused where that would take too long."""
    _refuse_too_many(question)
    zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)
    # A warehouse's day may begin half a day before or end after the business's.
    start = datetime.combine(question.first - timedelta(days=1), time(), zone)
    end = datetime.combine(question.last + timedelta(days=2), time(), zone)
    only, values = "", dict[str, Any]()
    for dimension, wanted in question.only.items():
        if dimension in SQL:
            only += f" AND {SQL[dimension]}"
            values[dimension.name.lower()] = list(wanted)
    facts = read_facts(start, end, zone.key, only=only, values=values)
    keep_o, keep_a = (np.ones(len(rows["id"]), np.bool_) for rows in (facts.orders, facts.allocations))
    for dimension, wanted in question.only.items():
        name = dimension.name.lower()
        if name in facts.orders:
            keep_o &= np.isin(facts.orders[name], wanted)
        if name in facts.allocations:
            keep_a &= np.isin(facts.allocations[name], wanted)
    return facts.only(keep_o, keep_a)


def _refuse_too_many(question: Question) -> None:
    whole = replace(question, by=D.NONE)
    each = [figures(replace(whole, only={key: wanted})).get(0, Figures()) for key, wanted in question.only.items()]
    least = min(max(one.n["received_n"], one.parcels) for one in each)
    if least > MOST_ROWS:
        sentence = _("With so many filters at once at most %(most)s orders can be counted: shorten the period.")
        raise Refusal("too_many_orders", sentence, most=f"{MOST_ROWS:,}")


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
