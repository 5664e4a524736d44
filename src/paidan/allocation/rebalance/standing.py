"""The problem of deciding again: allocations as orders, with all they hold given back, so that each may stay.

`relief_problem` reads it. The solver sees what the allocations hold now as free where they are; what is really free,
below zero where too much is promised, is kept beside it, for the moves are made one after another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from paidan.engine.problem import I32, I64, UNLIMITED, Bools
from paidan.network.models import Warehouse

from ..relieve_snapshot import ReliefProblem, relief_problem
from ..snapshot import free_of
from .asked import Rebalance

ENDLESS = 1 << 40
"""What is free of something without a limit."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Allocations where they stand, and what is free before any of them moves.

    `free_r` are the resources: pieces by SKU and warehouse, then slots of warehouses, then of teams.
    """

    read: ReliefProblem  # what the allocations hold is given back in its problem
    at_a: I32  # the warehouse of each, on the network's axis
    team_a: I32  # its team on the axis, −1 = none
    paused_a: Bools
    counts_a: Bools  # its slot is one of the day new allocations count for at its warehouse
    team_counts_a: Bools
    free_r: I64
    load_w: I64


def standing(ids: I64, asked: Rebalance, *, now: datetime) -> Standing:
    """Read the allocations with what they hold, and the problem in which staying is always possible."""
    open_w = list(Warehouse.objects.values_list("id", flat=True)) if asked.to is None else asked.to
    read = relief_problem(ids, open_w=open_w, now=now)
    problem, network = read.problem, read.network
    at_a = _rows(read.warehouse_a, [warehouse.id for warehouse in network.warehouses])
    team_a = _rows(read.team_a, [team.id for team in network.teams])
    warehouses, teams = problem.warehouses, problem.teams
    day_w = warehouses.work_day_w
    day_t = np.where(teams.warehouse_t >= 0, day_w[teams.warehouse_t], day_w.min(initial=np.iinfo(np.int32).max))
    counts_a = read.day_a == day_w[at_a]
    with_team = team_a >= 0
    team_counts_a = np.zeros(len(at_a), np.bool_)
    team_counts_a[with_team] = read.day_a[with_team] == day_t[team_a[with_team]]
    free_sw = free_of(read.sku_id_s, [warehouse.id for warehouse in network.warehouses])
    slots = [
        np.where(capacity == UNLIMITED, ENDLESS, capacity - load)
        for capacity, load in ((warehouses.capacity_w, warehouses.load_w), (teams.capacity_t, teams.load_t))
    ]
    given_back = replace(
        problem,
        available_sw=np.ascontiguousarray(np.maximum(free_sw, 0) + _held(read, at_a, free_sw.shape)),
        warehouses=replace(warehouses, load_w=_without(warehouses.load_w, warehouses.capacity_w, at_a, counts_a)),
        teams=replace(teams, load_t=_without(teams.load_t, teams.capacity_t, team_a, team_counts_a)),
    )
    by_id = np.array([warehouse.is_open for warehouse in network.warehouses], np.bool_)
    return Standing(
        read=replace(read, problem=given_back),
        at_a=at_a,
        team_a=team_a,
        paused_a=~by_id[at_a],
        counts_a=counts_a,
        team_counts_a=team_counts_a,
        free_r=np.concatenate([free_sw.ravel(), *slots]).astype(np.int64),
        load_w=warehouses.load_w,
    )


def _rows(id_a: npt.NDArray[np.integer], ids: list[int]) -> I32:
    """The place of each id on an axis, −1 where it is not there."""
    row_of = {key: row for row, key in enumerate(ids)}
    distinct, back = np.unique(id_a, return_inverse=True)
    return np.array([row_of.get(key, -1) for key in distinct.tolist()], np.int32)[back]


def _held(read: ReliefProblem, at_a: I32, shape: tuple[int, ...]) -> I64:
    """The pieces these allocations hold, int64 (skus, warehouses)."""
    orders = read.problem.orders
    at_l = np.repeat(at_a, np.diff(orders.ptr))
    held = np.bincount(orders.sku_l.astype(np.int64) * shape[1] + at_l, orders.qty_l, shape[0] * shape[1])
    return held.reshape(shape).astype(np.int64)


def _without(load: I64, capacity: I64, at_a: I32, counts_a: Bools) -> I64:
    """Loads without these allocations, and so small that all of them may stay, however full the place is."""
    here = np.bincount(at_a[at_a >= 0], minlength=len(load))
    counted = np.bincount(at_a[counts_a & (at_a >= 0)], minlength=len(load))
    left = load - counted
    return np.where(capacity == UNLIMITED, left, np.minimum(left, capacity - here)).astype(np.int64)
