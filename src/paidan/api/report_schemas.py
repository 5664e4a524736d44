"""What reports answer. Shares are fractions (0.25), money is in minor units, spans are seconds, distances metres."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

Number = int | float | None
Figures = dict[str, Number]

FIGURES = (
    "By the names of docs/reports.md: counts of orders and allocations as they are; those ending in _s are seconds, "
    "_m metres, _minor minor units, _share fractions; null where there is nothing to tell"
)


class DaysOut(BaseModel):
    first: date
    last: date


class RowOut(BaseModel):
    """One row of a cut: a warehouse, a day, a reason…"""

    key: str = Field(description="A code, a day, an hour; empty for none, for example no team")
    name: str = Field(description="In the caller's language")
    figures: Figures = Field(description=FIGURES)
    before: Figures | None = Field(description="The same on the days beside")
    share: float | None = Field(description="Of all allocations of the report")
    target_share: float | None = Field(description="What the ratios ask for, of warehouses")
    load_share: float | None = Field(description="Of capacity, the mean of the days with any work")


class CutOut(BaseModel):
    days: DaysOut
    beside: DaysOut | None
    by: str
    as_of: datetime | None = Field(description="Up to when everything is counted")
    rows: list[RowOut]
    total: Figures
    total_before: Figures | None


class SumOut(BaseModel):
    """Numbers of orders and allocations; distances and spans are means."""

    orders: int
    allocations: int
    allocated: int
    in_progress: int
    shipped: int
    late: int
    freight_minor: int
    distance_m: int | None
    paid_to_allocated_s: int | None
    allocated_to_shipped_s: int | None


class PlaceOut(SumOut):
    """What one team of one warehouse has of the days' orders."""

    warehouse: str
    team: str | None


class OutcomeOut(BaseModel):
    """What became of the orders paid on these days, as things stand now."""

    days: DaysOut
    timezone: str
    received: int
    pending: int
    unallocated: int
    partial: int
    allocated: int
    fulfilled: int
    cancelled: int
    merged: int
    held: int
    unallocated_by_reason: dict[str, int]
    places: list[PlaceOut]
    total: SumOut


class TeamPaceOut(BaseModel):
    """How a team's day goes."""

    team: str
    name: str
    warehouse: str | None
    work_day: date
    load: int
    capacity: int | None
    share_percent: int = Field(description="Of its warehouse's orders, by the ratios of its teams")
    waiting: int = Field(description="Nobody has accepted them yet")
    in_hand: int
    oldest_waiting_at: datetime | None
    shipped_today: int
    exceptions: int
    late: int
    may_be_late: int = Field(description="Late at this pace, those that are late already included")
    per_hour: float | None = Field(description="Parcels an hour, of the last two hours; null = no pace yet")
    done_at: datetime | None = Field(description="When it is through at this pace")
    overloaded: bool


class SpeedOut(BaseModel):
    """Parcels an hour while there was always something to do, and its 95 % interval; null where too little is known."""

    warehouse: str
    team: str | None
    per_hour: float | None
    low: float | None
    high: float | None
    hours: int


class SaleOut(BaseModel):
    """A promotion, or the ordinary days before the first of those compared."""

    promotion: str | None = Field(description="Its code; null = ordinary days")
    name: str
    days: list[date]
    figures: dict[str, float | None] = Field(description="Per day or per thousand, so that they can be compared")
    speeds: list[SpeedOut]
    exceptions: dict[str, int] = Field(description="Opened in these days, by kind")
    moved_by_hand: dict[str, int] = Field(description="By the reason given; the empty one = none was")
    shipped_within: list[tuple[float, float]] = Field(
        description="Hours since payment, and the share of the shipped parcels that had left by then"
    )


class PlaceAdviceOut(SpeedOut):
    ratio_percent: int
    ratio_percent_then: int | None = Field(description="By its speed; null = leave it")
    capacity: int | None
    capacity_then: int | None


class RuleAdviceOut(BaseModel):
    rule: str
    name: str
    why: str = Field(description="In the caller's language")
    active: bool


class ElsewhereOut(BaseModel):
    """Parcels to a region that another warehouse would send for less."""

    region: str
    name: str
    warehouse: str
    better: str
    parcels: int
    cheaper_each_minor: int
    stake_minor: int
    nearer_m: int


class PassedOverOut(BaseModel):
    """A region of which the nearest warehouse serves less than half."""

    region: str
    name: str
    nearest: str
    share: float
    parcels: int
    detour_m: int


class AdviceOut(BaseModel):
    days: DaysOut
    warehouses: list[PlaceAdviceOut]
    teams: list[PlaceAdviceOut]
    rules: list[RuleAdviceOut]
    elsewhere: list[ElsewhereOut]
    passed_over: list[PassedOverOut]
    overtaken: list[str] = Field(description="Warehouses that are nearest to no region they cover")


class TransferOut(BaseModel):
    """Pieces that lie too long in one warehouse and would soon be missing in another."""

    sku: str
    source: str
    target: str
    pieces: int
    source_days: float | None = Field(description="How long its stock lasts there; null = nothing asks for it")
    target_days: float | None


By = Literal["warehouse", "team", "shop", "platform", "rule", "region", "reason", "hour", "day"]
