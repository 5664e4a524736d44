"""Why orders that have just come in went where they went: from what was decided, without reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from paidan.engine.codes import Outcome, Reason
from paidan.engine.plan import Plan
from paidan.network.columns import shops_by_id
from paidan.network.kept import Mark
from paidan.network.models import Shop
from paidan.orders.arrivals import Arrival
from paidan.orders.states import OrderState

from .explain import Facts, explained
from .explain_rows import AllocationRow, DecisionRow, OrderRow
from .explanation import Explanation, LineFacts
from .prices import Parcel
from .snapshot import Snapshot
from .states import AllocationState, Origin

_EPOCH = date(1970, 1, 1)
NOT_READ = 0
"""The id of what was written and not read back."""


def explain_new(
    arrivals: Sequence[Arrival],
    ids: Sequence[int],
    snapshot: Snapshot,
    plan: Plan,
    kept_o: np.ndarray[tuple[int], np.dtype[np.bool_]],
    wave_id: int,
    now: datetime,
    mark: Mark,
) -> dict[int, Explanation]:
    """The orders that were allocated in full and kept it, by id; of the others, what is stored says more.

    Ids of lines and allocations are `NOT_READ`, and the stock beside the candidates is left out.
    """
    at_o = {int(key): at for at, key in enumerate(snapshot.id_o)}
    told = {
        key: (at_o[key], one)
        for key, one in zip(ids, arrivals, strict=True)
        if key in at_o and kept_o[at_o[key]] and plan.outcome_o[at_o[key]] == Outcome.ALLOCATED
    }
    if not told:
        return {}
    shops = shops_by_id(mark)
    orders = {key: _order(key, one, shops[one.shop_id]) for key, (_o, one) in told.items()}
    lines = {key: [_line(line.sku, line.qty) for line in one.said.lines] for key, (_o, one) in told.items()}
    id_of = {o: key for key, (o, _one) in told.items()}
    return explained(
        Facts(
            orders,
            lines,
            {key: _parcel(snapshot, o) for key, (o, _one) in told.items()},
            [
                _allocation(snapshot, plan, a, id_of[o], wave_id, now)
                for a, o in enumerate(plan.order_a.tolist())
                if o in id_of
            ],
            [_decision(snapshot, plan, o, key, wave_id, now) for o, key in id_of.items()],
        ),
        mark,
    )


def _order(key: int, one: Arrival, shop: Shop) -> OrderRow:
    return OrderRow(
        id=key,
        number=one.said.number,
        state=int(OrderState.ALLOCATED),
        reason=int(Reason.NONE),
        region=one.region,
        address_state=one.address_state,
        ship_by_at=one.ship_by,
        lat=one.said.lat,
        lng=one.said.lng,
        shop=shop.code,
        shop_name=shop.name,
        merged_into="",
    )


def _line(sku: str, qty: int) -> LineFacts:
    return LineFacts(NOT_READ, None, sku, "", sku, qty, 0, Reason.NONE)


def _parcel(snapshot: Snapshot, o: int) -> Parcel:
    """What the whole order weighs."""
    orders, skus = snapshot.problem.orders, snapshot.problem.skus
    lines = slice(int(orders.ptr[o]), int(orders.ptr[o + 1]))
    sku_l, qty_l = orders.sku_l[lines], orders.qty_l[lines]
    return Parcel(int((skus.weight_g_s[sku_l] * qty_l).sum()), int((skus.volume_cm3_s[sku_l] * qty_l).sum()))


def _decision(snapshot: Snapshot, plan: Plan, o: int, key: int, wave_id: int, now: datetime) -> DecisionRow:
    rule = int(plan.rule_o[o])
    return DecisionRow(
        order_id=key,
        wave_id=wave_id,
        rule_id=int(snapshot.rules.id_r[rule]) if rule >= 0 else None,
        rank_w=plan.rank_ow[o].tobytes(),
        reason_w=plan.reason_ow[o].tobytes(),
        short_w=plan.short_ow[o].astype("<u2").tobytes(),
        started_at=now,
        warehouse_ids=[warehouse.id for warehouse in snapshot.network.warehouses],
    )


def _allocation(snapshot: Snapshot, plan: Plan, a: int, key: int, wave_id: int, now: datetime) -> AllocationRow:
    network, at = snapshot.network, int(plan.warehouse_a[a])
    warehouse, row, metres = network.warehouses[at], int(plan.freight_row_a[a]), int(plan.distance_m_a[a])
    team = network.teams[int(plan.team_a[a])] if plan.team_a[a] >= 0 else None
    return AllocationRow(
        id=NOT_READ,
        order_id=key,
        wave_id=wave_id,
        warehouse_id=warehouse.id,
        warehouse=warehouse.code,
        warehouse_name=warehouse.name,
        timezone=warehouse.timezone,
        team=team.code if team else "",
        team_name=team.name if team else "",
        state=int(AllocationState.ASSIGNED),
        state_at=now,
        distance_m=metres if metres >= 0 else None,
        freight_minor=int(plan.freight_minor_a[a]),
        carrier=network.rates[row].carrier if row >= 0 else "",
        late_s=int(plan.late_s_a[a]),
        work_day=_EPOCH + timedelta(days=int(snapshot.problem.warehouses.work_day_w[at])),
        origin=int(Origin.AUTOMATIC),
        frozen=False,
        tracking_number="",
    )
