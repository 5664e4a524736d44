"""The facts behind a decision, as values; `explain` reads them, `sentences` says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from paidan.engine.codes import Reason, Split, Strategy
from paidan.orders.states import AddressState, OrderState

from .states import AllocationState


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of the order and where its pieces are. `sku` is empty while the shop's code is unmapped."""

    id: int
    sku_id: int | None
    sku: str
    name: str
    shop_code: str
    qty: int
    open_qty: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """The rule that decided, as it was in its version."""

    code: str
    name: str
    version: int
    strategies: tuple[Strategy, ...]
    team: str
    split: Split
    partial: bool
    max_m: int | None
    everywhere: bool  # all warehouses, none listed or left out
    joint: bool = False  # decided jointly although it ranks by list or ratio
    look_ahead: bool = False

    @property
    def title(self) -> str:
        return self.name or self.code


@dataclass(frozen=True, slots=True)
class Worth:
    """What an order takes at a warehouse is worth to later ones: how many were free, and where they are needed most."""

    minor: int
    free_qty: int
    region: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One warehouse the decision looked at: what the wave saw (rank, reason, short) beside what holds now."""

    warehouse_id: int
    code: str
    name: str
    rank: int  # 0 = never ranked
    reason: Reason
    chosen: bool
    short_qty: int
    distance_m: int | None
    freight_minor: int | None
    available: tuple[int, ...]  # of the SKUs of `lines`, now
    load: int
    capacity: int | None
    worth: Worth | None = None  # where the decision looked at prices

    @property
    def title(self) -> str:
        return self.name or self.code


@dataclass(frozen=True, slots=True)
class Together:
    """How an order was decided with others: in a wave of so many, and where it would have gone order by order.

    `before` and `after` are the warehouses it moved between, empty where there is none. `worth_minor`: what it leaves
    to the others, less what it takes from them, by the wave's prices.
    """

    orders: int
    moved: bool = False
    before: str = ""
    after: str = ""
    freight_minor: int = 0
    worth_minor: int = 0


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What one wave made of the order."""

    wave_id: int
    decided_at: datetime
    rule: RuleFacts | None
    candidates: Sequence[Candidate]
    together: Together | None = None  # None: decided by itself


@dataclass(frozen=True, slots=True)
class Placement:
    """One allocation of the order; `wave_id` is None where a person decided."""

    id: int
    wave_id: int | None
    warehouse: str
    warehouse_name: str
    timezone: str
    team: str
    team_name: str
    state: AllocationState
    state_at: datetime
    distance_m: int | None
    freight_minor: int
    carrier: str
    late_s: int
    work_day: date
    by_hand: bool
    rebalanced: Mapping[str, Any] | None  # cause and saving, where it was decided again
    frozen: bool
    tracking_number: str
    pieces: tuple[tuple[str, int], ...]  # SKU, pieces

    @property
    def title(self) -> str:
        return self.warehouse_name or self.warehouse

    @property
    def team_title(self) -> str:
        return self.team_name or self.team


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """An active hold."""

    reason: str
    held_at: datetime
    held_by: str
    until_at: datetime | None
    detail: Mapping[str, Any] | None = None  # codes and values of the order check

    @property
    def rule(self) -> str:
        """The code of the rule that held the order, if one did."""
        return self.reason.removeprefix("rule:") if self.reason.startswith("rule:") else ""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One step of the order's history."""

    at: datetime
    kind: str
    allocation_id: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known about why an order is where it is; rule and candidates are those of the last try."""

    order_id: int
    shop: str
    shop_name: str
    number: str
    state: OrderState
    reason: Reason
    region: str
    region_name: str
    address_state: AddressState
    ship_by_at: datetime | None
    merged_into: str
    queued: bool
    decided_at: datetime | None
    rule: RuleFacts | None
    lines: Sequence[LineFacts] = ()
    candidates: Sequence[Candidate] = ()
    together: Together | None = None
    decisions: Sequence[DecisionFacts] = ()  # the last one first
    placements: Sequence[Placement] = ()
    holds: Sequence[HoldFacts] = ()
    events: Sequence[EventFacts] = field(default=(), repr=False)

    @property
    def title(self) -> str:
        return f"{self.shop}/{self.number}"

    @property
    def open_qty(self) -> int:
        return sum(line.open_qty for line in self.lines)

    def as_of(self, wave_id: int | None) -> "Explanation | None":
        """The same order with the rule and the candidates of one wave, where that wave's decision is kept."""
        found = next((decision for decision in self.decisions if decision.wave_id == wave_id), None)
        if found is None:
            return None
        return replace(self, rule=found.rule, candidates=found.candidates, together=found.together)

    def open_lines(self) -> list[tuple[int, LineFacts]]:
        """The lines something is open of, with their place among the candidates' `available`."""
        return [(at, line) for at, line in enumerate(self.lines) if line.open_qty]

    def chosen(self) -> list[Candidate]:
        """The candidates something went to, best-ranked first."""
        return sorted((c for c in self.candidates if c.chosen), key=lambda c: c.rank or 256)
