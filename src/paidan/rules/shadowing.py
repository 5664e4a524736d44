"""Which rules can never fire, because the rules above them take every order first: computed, never guessed.

A rule set is a list of conditions, and "rule j fires" means: some order meets j and none of the rules above it. That
is a question of satisfiability. Fields with one value (shop, region, amount …) have a domain of elementary values no
rule tells apart; fields an order has several values of (SKUs, tags, words of a remark) have a yes or no for each value
some rule names. The search is Davis, Putnam, Logemann & Loveland (1962): unit propagation, then branching on the
clause with the fewest ways to be met.

An answer "never" is certain. Orders that cannot exist in trade (one line, yet two SKUs) are held possible, so a rule
that only such orders would reach is not reported; nor is one whose search grows beyond `MOST_NODES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from paidan.engine.codes import Otherwise
from paidan.engine.problem import Condition
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.regions import ancestors, normalised
from paidan.engine.rule_format import read_rule

from .models import Rule

MOST_NODES = 5_000
"""Branches after which a rule is left alone; a rule set people write needs a handful."""
WORDS = ("shop", "platform", "payment", "delivery")
RANGES = ("amount_minor", "weight_g", "lines", "pieces")
SETS = ("sku", "category", "tag", "remark")
SINGLE = (*WORDS, "region", *RANGES)


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule where it stands: when it applies, and whether it lets go of what it cannot serve."""

    code: str
    rule: EngineRule
    limits: Mapping[str, Any] = field(default_factory=dict)
    falls_through: bool = False


def placed(rules: Sequence[Rule]) -> list[Placed]:
    """The rules that are on, as the engine knows them."""
    found = []
    for rule in rules:
        if rule.active:
            known = read_rule({"id": rule.code, "when": rule.when, "then": rule.then})
            found.append(Placed(rule.code, known, rule.limits, known.then.otherwise == Otherwise.NEXT))
    return found


def never_firing(rules: Sequence[Placed]) -> dict[str, tuple[str, ...]]:
    """The rules no order can reach, each with the fewest rules above it found to take all its orders."""
    space = _Space([one.rule for one in rules])
    found: dict[str, tuple[str, ...]] = {}
    for place, one in enumerate(rules):
        above = [other for other in rules[:place] if not other.falls_through and covers_in_time(other, one)]
        try:
            takers = _takers(space, one, above)
        except _TooHardError:
            continue
        if takers is not None:
            found[one.code] = tuple(taker.code for taker in takers)
    return found


def _takers(space: _Space, one: Placed, above: Sequence[Placed]) -> list[Placed] | None:
    """Rules that together take everything `one` wants, none of them to spare; None when it can fire."""
    if space.can_fire(one, above):
        return None
    for takers in ([], *([taker] for taker in above)):
        if not space.can_fire(one, takers):
            return takers
    needed = list(above)
    for taker in above:
        fewer = [other for other in needed if other is not taker]
        if not space.can_fire(one, fewer):
            needed = fewer
    return needed


def covers_in_time(above: Placed, below: Placed) -> bool:
    """Whether `above` surely applies at every moment `below` does."""
    wide, narrow = above.limits, below.limits
    if not wide:
        return True
    same_clock = wide.get("timezone") == narrow.get("timezone")
    return (
        _begins_no_later(wide.get("from"), narrow.get("from"))
        and _ends_no_earlier(wide.get("until"), narrow.get("until"))
        and wide.get("promotion") in (None, "", narrow.get("promotion"))
        and (not wide.get("weekdays") or (same_clock and _days(narrow) <= _days(wide)))
        and (not wide.get("hours") or (same_clock and _minutes(narrow) <= _minutes(wide)))
    )


def _begins_no_later(wide: str | None, narrow: str | None) -> bool:
    return not wide or (bool(narrow) and datetime.fromisoformat(wide) <= datetime.fromisoformat(str(narrow)))


def _ends_no_earlier(wide: str | None, narrow: str | None) -> bool:
    return not wide or (bool(narrow) and datetime.fromisoformat(wide) >= datetime.fromisoformat(str(narrow)))


def _days(limits: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(limits.get("weekdays") or ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))


def _minutes(limits: Mapping[str, Any]) -> frozenset[int]:
    if not limits.get("hours"):
        return frozenset(range(1440))
    first, last = (at.hour * 60 + at.minute for at in map(time.fromisoformat, limits["hours"]))
    return frozenset(range(first, last)) if first <= last else frozenset((*range(first, 1440), *range(last)))


class _TooHardError(Exception):
    """The search grew beyond MOST_NODES."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to meet a clause: keep a single-valued field within `mask`, have `yes` and lack `no` of the values."""

    field: int = -1
    mask: int = -1
    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True)
class _State:
    """What is left possible: per single-valued field the elementary values, and the values had and lacked."""

    masks: tuple[int, ...]
    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule over the space: masks of its single-valued fields, and per set field what it wants and refuses."""

    masks: tuple[int, ...]
    wants: tuple[tuple[int, ...], ...]
    refuses: tuple[int, ...]


class _Space:
    """The elementary values of every field, as bits."""

    def __init__(self, rules: Sequence[EngineRule]) -> None:
        conditions = [condition for rule in rules for condition in (rule.when, rule.excepted)]
        self.atoms = [self._atoms(name, conditions) for name in SINGLE]
        values = {(name, _spelled(name, value)) for one in conditions for name in SETS for value in getattr(one, name)}
        self.bit_of = {value: 1 << at for at, value in enumerate(sorted(values))}
        self.implied = {bit: self._implied(name, word) for (name, word), bit in self.bit_of.items()}
        self.compiled = {rule.id: self._compile(rule) for rule in rules}
        self.nodes = 0

    def can_fire(self, one: Placed, above: Sequence[Placed]) -> bool:
        """Whether some order meets `one` and none of `above`."""
        mine = self.compiled[one.rule.id]
        if not all(mine.masks):
            return False
        state = self._with(_State(mine.masks), _Way(no=sum(mine.refuses)))
        clauses = [tuple(_Way(yes=bit) for bit in wanted) for wanted in mine.wants]
        clauses += [self._misses(self.compiled[other.rule.id]) for other in above]
        self.nodes = 0
        return state is not None and self._solve(state, clauses)

    def _misses(self, rule: _Compiled) -> tuple[_Way, ...]:
        """The ways not to meet a rule."""
        ways = [
            _Way(field=at, mask=full & ~mask)
            for at, (mask, full) in enumerate(zip(rule.masks, self._full(), strict=True))
            if mask != full
        ]
        ways += [_Way(no=sum(wanted)) for wanted in rule.wants]
        return (*ways, *(_Way(yes=bit) for bit in rule.refuses))

    def _solve(self, state: _State, clauses: Sequence[tuple[_Way, ...]]) -> bool:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _TooHardError
        left: list[tuple[_Way, ...]] = []
        for clause in clauses:
            if any(self._holds(state, way) for way in clause):
                continue
            open_ways = tuple(way for way in clause if self._with(state, way) is not None)
            if not open_ways:
                return False
            left.append(open_ways)
        if not left:
            return True
        chosen = min(left, key=len)
        rest = [clause for clause in left if clause is not chosen]
        for way in chosen:
            then = self._with(state, way)
            if then is not None and self._solve(then, rest):
                return True
        return False

    def _holds(self, state: _State, way: _Way) -> bool:
        if way.field >= 0:
            return not state.masks[way.field] & ~way.mask
        return not (way.yes & ~state.yes) and not (way.no & ~state.no)

    def _with(self, state: _State, way: _Way) -> _State | None:
        """The state narrowed by a way; None when nothing is left."""
        if way.field >= 0:
            kept = state.masks[way.field] & way.mask
            if not kept:
                return None
            return _State((*state.masks[: way.field], kept, *state.masks[way.field + 1 :]), state.yes, state.no)
        yes = state.yes | way.yes
        for bit, more in self.implied.items():
            if yes & bit:
                yes |= more
        no = state.no | way.no
        for bit, more in self.implied.items():
            if more & no:
                no |= bit
        return None if yes & no else _State(state.masks, yes, no)

    def _full(self) -> list[int]:
        return [(1 << len(atoms)) - 1 for atoms in self.atoms]

    def _implied(self, name: str, word: str) -> int:
        """A remark with 加急 also has 急."""
        if name != "remark":
            return 0
        inner = (bit for (other, text), bit in self.bit_of.items() if other == name and text in word and text != word)
        return sum(inner)

    def _atoms(self, name: str, conditions: Sequence[Condition]) -> list[Any]:
        """The elementary values of a single-valued field; the last of words is "any other, or none"."""
        asked = [getattr(one, name) for one in conditions]
        if name in RANGES:
            starts = {0}
            for low, high in asked:
                starts |= {bound for bound in (low, None if high is None else high + 1) if bound is not None}
            return sorted(start for start in starts if start >= 0)
        return [*sorted({_spelled(name, value) for values in asked for value in values}), None]

    def _compile(self, rule: EngineRule) -> _Compiled:
        full = self._full()
        wanted = [self._mask(at, name, getattr(rule.when, name), full[at]) for at, name in enumerate(SINGLE)]
        refused = [self._mask(at, name, getattr(rule.excepted, name), 0) for at, name in enumerate(SINGLE)]
        masks = tuple(want & ~refuse for want, refuse in zip(wanted, refused, strict=True))
        wants = [self._bits(name, getattr(rule.when, name)) for name in SETS]
        refuses = [bit for name in SETS for bit in self._bits(name, getattr(rule.excepted, name))]
        return _Compiled(masks, tuple(wanted for wanted in wants if wanted), tuple(dict.fromkeys(refuses)))

    def _bits(self, name: str, values: Sequence[str]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.bit_of[name, _spelled(name, value)] for value in values))

    def _mask(self, at: int, name: str, asked: Any, otherwise: int) -> int:
        """The elementary values within a condition; `otherwise` where nothing is asked."""
        atoms = self.atoms[at]
        if name in RANGES:
            low, high = asked
            if asked == (None, None):
                return otherwise
            inside = [(low is None or start >= low) and (high is None or start <= high) for start in atoms]
        elif not asked:
            return otherwise
        elif name == "region":
            wanted = {normalised(code) for code in asked}
            inside = [code is not None and bool(wanted & set(ancestors(code))) for code in atoms]
        else:
            inside = [value in asked for value in atoms]
        return sum(1 << place for place, holds in enumerate(inside) if holds)


def _spelled(name: str, value: str) -> str:
    """As the engine compares it."""
    if name == "region":
        return normalised(value)
    return value.casefold() if name == "remark" else value
