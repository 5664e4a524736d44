"""The allocation problem as the engine takes it: immutable columns, validated once when they are built.

Axes: o orders, l order lines, s SKUs, w warehouses, t teams, f freight rows, g regions, n no fixed axis.
Instants are seconds since 1970 UTC; days are days since 1970-01-01 in the warehouse's own time zone.
Nothing here reads a file or a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .codes import Otherwise, Split, Strategy

I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNLIMITED = -1
"""A capacity that never fills."""
NEVER_DUE = np.iinfo(np.int64).max
"""The ship-by of an order that has none; sorts last and is never late."""

Range = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Warehouses:
    """Places that ship. The order of the rows is "as listed"; `position_w` is compared before it."""

    id_w: tuple[str, ...]
    position_w: I32
    open_w: Bools
    lat_w: F64  # degrees, NaN where unknown
    lng_w: F64
    covers_w: tuple[tuple[str, ...] | None, ...]  # region codes of any level or ISO countries; None = everywhere
    excludes_w: tuple[tuple[str, ...], ...]
    capacity_w: I64  # allocations per work day, UNLIMITED = no limit
    load_w: I64  # allocations of this work day already there
    ratio_w: I64
    credit_w: F64  # ratio credits carried from earlier waves of the same work day
    ready_at_w: I64  # instant work on a new order can be finished: see calendar.ready_at
    work_day_w: I32  # the work day a new allocation counts for: see calendar.work_day


@dataclass(frozen=True, slots=True)
class Teams:
    """People who handle orders. `warehouse_t` is −1 for a team that belongs to no warehouse."""

    id_t: tuple[str, ...]
    warehouse_t: I32
    shops_t: tuple[tuple[str, ...], ...]  # shop codes the team lists
    skills_t: tuple[tuple[str, ...], ...]
    ratio_t: I64
    capacity_t: I64
    load_t: I64
    credit_t: F64


@dataclass(frozen=True, slots=True)
class Freight:
    """Price rows: first weight, then each further weight. The most specific region wins, then the cheapest carrier."""

    warehouse_f: I32
    carrier_f: tuple[str, ...]
    region_f: tuple[str | None, ...]  # None = everywhere
    first_g_f: I64
    first_minor_f: I64
    next_g_f: I64
    next_minor_f: I64
    transit_s_f: I64
    volumetric_cm3_per_kg_f: I64  # 0 = charged by weight alone


@dataclass(frozen=True, slots=True)
class Skus:
    """What is sold. `known_s` is false for a code nobody has mapped to a SKU: it can never be served."""

    id_s: tuple[str, ...]
    weight_g_s: I64
    volume_cm3_s: I64
    category_s: tuple[str, ...]
    tags_s: tuple[tuple[str, ...], ...]
    known_s: Bools


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule's conditions: values are OR-ed within a field, fields are AND-ed; empty = any. Ranges are inclusive."""

    shop: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    sku: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    remark: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()
    amount_minor: Range = (None, None)
    weight_g: Range = (None, None)
    lines: Range = (None, None)
    pieces: Range = (None, None)


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does with the orders it matches (design §3.3–3.6)."""

    warehouses: tuple[str, ...] | None = None  # None = all; else the listed order is what `ranked` means here
    excluded: tuple[str, ...] = ()
    strategies: tuple[Strategy, ...] = (Strategy.NEAREST,)
    max_m: int | None = None
    split: Split = Split.NEVER
    max_parcels: int | None = None
    partial: bool = False  # shortage: False = reject (all or nothing), True = the rest stays open
    team: str = "warehouse"  # warehouse | shop | a team's id | "skill:…"
    raise_priority: int = 0
    otherwise: Otherwise = Otherwise.UNALLOCATED
    joint: bool = False
    look_ahead: bool = False  # nearest and cheapest compare freight and what the stock is worth to later orders


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule set; `excepted` holds the negated conditions ("and not …"), each of which must not hold."""

    id: str
    when: Condition = field(default_factory=Condition)
    excepted: Condition = field(default_factory=Condition)
    then: Action = field(default_factory=Action)


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders to decide, as columns; the lines of order o are ``ptr[o]:ptr[o + 1]``.

    Small vocabularies are interned: `shop_o` indexes `shops`, `region_o` indexes `regions`, and so on; −1 = none.
    `regions` are codes; an order's region is its deepest known one, ancestors follow from the code.
    """

    ptr: I64  # (orders + 1,)
    sku_l: I32
    qty_l: I64  # pieces still to serve, ≥ 0
    shop_o: I32
    shops: Sequence[str]
    platform_o: I32
    platforms: Sequence[str]
    region_o: I32
    regions: Sequence[str]
    lat_o: F64  # degrees, NaN where unknown
    lng_o: F64
    unresolved_o: Bools  # an address was given and could not be resolved
    amount_minor_o: I64
    priority_o: I64
    ship_by_o: I64  # instant, NEVER_DUE = none
    paid_at_o: I64  # instant, NEVER_DUE = unknown
    tagset_o: I32
    tagsets: Sequence[tuple[str, ...]]  # distinct sets of order and buyer tags
    remark_o: I32
    remarks: Sequence[str]  # distinct remark texts (buyer's and seller's joined by a newline)
    payment_o: I32
    payments: Sequence[str]
    delivery_o: I32
    deliveries: Sequence[str]
    id_o: Sequence[str] = ()  # names for the answer; the engine itself needs none
    id_l: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """Weights of what an answer costs, in minor units of money (problem format)."""

    km_minor: int = 1
    parcel_minor: int = 0
    late_minor_per_h: int = 0
    ratio_minor: int = 0
    unserved_minor: int = 100_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What a piece of stock and a slot are worth to orders still to come, in minor units ≥ 0: see `lookahead`."""

    price_sw: I64
    slot_w: I64


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything one run decides upon. `rules` are in order of priority and all active at the moment of the run."""

    warehouses: Warehouses
    teams: Teams
    freight: Freight
    skus: Skus
    available_sw: I64  # max(0, on_hand − reserved − safety); C-contiguous
    rules: tuple[Rule, ...]
    orders: Orders
    objective: Objective = Objective()
    prices: Prices | None = None  # None: no rule looks ahead
