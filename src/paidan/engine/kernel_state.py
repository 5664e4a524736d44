"""What the kernel writes: the stock, loads and credits it moves, the decision's columns, and its scratch arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .codes import Strategy
from .problem import F64, I8, I32, I64, Problem
from .tables import Tables
from .turn_kernel import new_turns

U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]


class State(NamedTuple):
    """What an allocation changes for the next order."""

    available_sw: I64
    load_w: I64
    load_t: I64
    credit_w: F64
    credit_t: F64
    mark_w: I64  # this and the next four: `turn_kernel.Turns` of the warehouses, then of the teams
    key_hw: I64
    row_hw: I32
    own_jw: F64
    sets_w: I64
    mark_t: I64
    key_ht: I64
    row_ht: I32
    own_jt: F64
    sets_t: I64


class Record(NamedTuple):
    """The decision's columns, as in `plan.Plan`; allocations and parts are filled up to `count`."""

    filled: I64  # (2,) allocations, parts
    outcome_o: I8
    reason_o: I8
    rule_o: I32
    open_l: I64
    reason_l: I8
    rank_ow: U8
    reason_ow: I8
    short_ow: U16
    order_a: I32
    warehouse_a: I32
    team_a: I32
    rule_a: I32
    distance_m_a: I64
    freight_minor_a: I64
    freight_row_a: I32
    late_s_a: I64
    allocation_p: I32
    line_p: I32
    qty_p: I64


class Scratch(NamedTuple):
    """Work arrays, made once per run. i places in the ranking, c distinct SKUs of an order, m lines of an order."""

    reason_w: I8
    short_w: I64
    room_w: I8
    late_w: npt.NDArray[np.bool_]
    key_kw: F64  # (3, warehouses) smaller is better
    key_w: F64  # of one dynamic strategy
    ranked: I32  # warehouses, best first
    members: I32  # warehouses to serve from, best first: the ranking or a covering set
    line_ranked: I32
    opened_w: I32  # allocation the order has at a warehouse under this rule, −1 none, −2 no team had room
    credit_before_w: F64
    credit_before_t: F64
    own_before_w: F64
    turn_row: I64  # (1,) the row of `own_jw` the order earns in, 0 = none
    turns: I64  # (1,) team turns of the attempt under way
    turn_row_i: I32  # (turns) the row of `own_jt`
    own_before_it: F64  # and what stood there
    comp_m: I32  # distinct SKU of each line, −1 = nothing to serve
    sku_c: I32
    need_c: I64
    lines_c: I64
    useful: I32  # (candidates that can serve something) rank places
    gain_ic: I64
    gain_i: I64
    most_ic: I64  # suffix maxima of gain_ic
    most_i: I64
    dominators: npt.NDArray[np.bool_]
    dominated_i: I32
    shared_i: npt.NDArray[np.bool_]
    have_dc: I64
    got_d: I64
    pos_d: I64
    chosen_d: I32
    best_d: I32
    assigned_set: I32
    assigned_m: I32
    pack_best_m: I32
    pack_pos_m: I32
    pack_line_m: I32
    pack_room: I64


def new_state(problem: Problem) -> State:
    """A copy of the stock, loads and credits the run starts from."""
    warehouses, teams, orders = problem.warehouses, problem.teams, len(problem.orders.shop_o)
    by_ratio = any(Strategy.RATIO in rule.then.strategies for rule in problem.rules)
    return State(
        np.ascontiguousarray(problem.available_sw, np.int64).copy(),
        warehouses.load_w.astype(np.int64),
        teams.load_t.astype(np.int64),
        warehouses.credit_w.astype(np.float64),
        teams.credit_t.astype(np.float64),
        *new_turns(len(warehouses.id_w), orders, by_ratio),
        *new_turns(len(teams.id_t), orders, len(teams.id_t) > 1),
    )


def new_record(problem: Problem, room: int) -> Record:
    """Empty columns with room for `room` allocations and parts."""
    orders, lines, warehouses = len(problem.orders.shop_o), len(problem.orders.sku_l), len(problem.warehouses.id_w)
    return Record(
        filled=np.zeros(2, np.int64),
        outcome_o=np.zeros(orders, np.int8),
        reason_o=np.zeros(orders, np.int8),
        rule_o=np.full(orders, -1, np.int32),
        open_l=problem.orders.qty_l.astype(np.int64),
        reason_l=np.zeros(lines, np.int8),
        rank_ow=np.zeros((orders, warehouses), np.uint8),
        reason_ow=np.zeros((orders, warehouses), np.int8),
        short_ow=np.zeros((orders, warehouses), np.uint16),
        order_a=np.empty(room, np.int32),
        warehouse_a=np.empty(room, np.int32),
        team_a=np.empty(room, np.int32),
        rule_a=np.empty(room, np.int32),
        distance_m_a=np.empty(room, np.int64),
        freight_minor_a=np.empty(room, np.int64),
        freight_row_a=np.empty(room, np.int32),
        late_s_a=np.empty(room, np.int64),
        allocation_p=np.empty(room, np.int32),
        line_p=np.empty(room, np.int32),
        qty_p=np.empty(room, np.int64),
    )


def grown(record: Record, room: int) -> Record:
    """The same record with room for `room` allocations and parts."""
    per_row = {name for name in Record._fields if name.endswith(("_a", "_p"))}
    return record._replace(**{name: np.resize(getattr(record, name), room) for name in per_row})


def new_scratch(tables: Tables) -> Scratch:
    """Work arrays for the longest order of the problem."""
    count_w, count_t = len(tables.open_w), len(tables.capacity_t)
    longest = int(np.diff(tables.ptr).max(initial=0)) + 1
    wide = count_w + 1
    splits = bool(tables.split_a.any())
    deep, across = (wide, longest) if splits else (1, 1)
    return Scratch(
        reason_w=np.zeros(count_w, np.int8),
        short_w=np.zeros(count_w, np.int64),
        room_w=np.zeros(count_w, np.int8),
        late_w=np.zeros(count_w, np.bool_),
        key_kw=np.zeros((3, count_w), np.float64),
        key_w=np.zeros(count_w, np.float64),
        ranked=np.zeros(count_w, np.int32),
        members=np.zeros(count_w, np.int32),
        line_ranked=np.zeros(count_w, np.int32),
        opened_w=np.zeros(count_w, np.int32),
        credit_before_w=np.zeros(count_w, np.float64),
        credit_before_t=np.zeros(count_t, np.float64),
        own_before_w=np.zeros(count_w, np.float64),
        turn_row=np.zeros(1, np.int64),
        turns=np.zeros(1, np.int64),
        turn_row_i=np.zeros(wide, np.int32),
        own_before_it=np.zeros((wide if splits else 1, count_t), np.float64),
        comp_m=np.zeros(longest, np.int32),
        sku_c=np.zeros(longest, np.int32),
        need_c=np.zeros(longest, np.int64),
        lines_c=np.zeros(longest, np.int64),
        useful=np.zeros(wide, np.int32),
        gain_ic=np.zeros((deep, across), np.int64),
        gain_i=np.zeros(wide, np.int64),
        most_ic=np.zeros((deep + 1, across), np.int64),
        most_i=np.zeros(wide + 1, np.int64),
        dominators=np.zeros((deep, deep), np.bool_),
        dominated_i=np.zeros(wide, np.int32),
        shared_i=np.zeros(wide, np.bool_),
        have_dc=np.zeros((deep + 1, across), np.int64),
        got_d=np.zeros(wide + 1, np.int64),
        pos_d=np.zeros(wide + 1, np.int64),
        chosen_d=np.zeros(wide + 1, np.int32),
        best_d=np.zeros(wide + 1, np.int32),
        assigned_set=np.zeros(wide + 1, np.int32),
        assigned_m=np.zeros(longest, np.int32),
        pack_best_m=np.zeros(longest, np.int32),
        pack_pos_m=np.zeros(longest + 1, np.int32),
        pack_line_m=np.zeros(longest, np.int32),
        pack_room=np.zeros(wide, np.int64),
    )
