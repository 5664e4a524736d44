"""The sequential engine beside a bare loop over the same orders: ``python -m bench.engine``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
from numba import njit

from bench.instances import problem
from paidan.engine.kernel_state import grown, new_record, new_scratch, new_state
from paidan.engine.lists_kernel import new_lists
from paidan.engine.match_kernel import first_matches
from paidan.engine.matching import RuleIndex, build_index
from paidan.engine.problem import I32, I64, Problem
from paidan.engine.quick_kernel import decide_run
from paidan.engine.sequential import take_order
from paidan.engine.tables import Tables, compile_tables

ORDERS, RULES, TARGET = 1_000_000, 50, 3_000_000
REPEATS = 3
"""Of each time the best of so many, in this process's own seconds: other work on the machine is not the engine's."""


@njit(cache=True)
def bare_loop(sequence: I32, ptr: I64, sku_l: I32, qty_l: I64, available_sw: I64, warehouse_o: I32) -> None:
    """The least any allocator does: look whether one warehouse has the order, take it, write the warehouse down."""
    for order in sequence:
        warehouse, found = order % available_sw.shape[1], True
        for line in range(ptr[order], ptr[order + 1]):
            found &= available_sw[sku_l[line], warehouse] >= qty_l[line]
        warehouse_o[order] = warehouse if found else -1
        if found:
            for line in range(ptr[order], ptr[order + 1]):
                available_sw[sku_l[line], warehouse] -= qty_l[line]


@dataclass(frozen=True)
class Times:
    """Seconds of the parts of one run."""

    compile: float
    match: float
    decide: float
    bare: float


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()
    result = run()
    return process_time() - start, result


def measure(instance: Problem) -> Times:
    """Compile: tables, rule index and order of the orders. Match: each order's first rule. Decide: all the rest, with
    fresh stock, loads and explanation arrays for every candidate of every order."""
    compiled, (tables, index) = timed(lambda: (compile_tables(instance), build_index(instance)))
    matches = [timed(lambda: first_matches(index, tables.ptr, tables.sku_l)) for _ in range(REPEATS)]
    matched, rules = min(matches, key=lambda pair: pair[0])
    sorted_, sequence = timed(lambda: take_order(instance, rules))
    decided = min(timed(lambda: decide(instance, tables, index, sequence, rules))[0] for _ in range(REPEATS))
    floor = min(timed(lambda: bare(instance, sequence))[0] for _ in range(REPEATS))
    return Times(compiled + sorted_, matched, decided, floor)


def decide(instance: Problem, tables: Tables, index: RuleIndex, sequence: I32, rules: I32) -> None:
    """What `sequential.allocate` does once all is compiled."""
    state, scratch, kept = new_state(instance), new_scratch(tables), new_lists(tables)
    record, decided = new_record(instance, int(np.minimum(instance.orders.qty_l, 2).sum()) + 64), 0
    while decided < len(sequence):
        decided = decide_run(tables, index, state, record, scratch, kept, sequence, rules, decided)
        if decided < len(sequence):
            record = grown(record, 2 * len(record.order_a))


def bare(instance: Problem, sequence: I32) -> None:
    orders, chosen = instance.orders, np.empty(len(sequence), np.int32)
    bare_loop(sequence, orders.ptr, orders.sku_l, orders.qty_l, instance.available_sw.copy(), chosen)


def rows_of(rules: int, name: str, target: float, orders: int = ORDERS) -> list[dict[str, Any]]:
    """One row: matching and deciding on compiled inputs, which is what grows with the orders; the rest beside it."""
    decide(*_compiled(problem(2_000, rules, seed=1)))  # machine code is made once, on another day
    instance = problem(orders, rules)
    bare(instance, np.arange(min(orders, 1000), dtype=np.int32))
    times = measure(instance)
    figure, floor = orders / (times.match + times.decide), orders / times.bare
    whole = orders / (times.compile + times.match + times.decide)
    beside = f"decide alone {orders / times.decide:,.0f}, with compiling {whole:,.0f}"
    return [
        {
            "name": name,
            "figure": f"{figure:,.0f} orders/s ({beside})",
            "floor": f"{floor:,.0f}/s: bare loop taking stock",
            "ratio": f"{figure / floor:.2f}",
            "target": f"≥ {target:,} orders/s",
            "verdict": "PASS" if figure >= target else "FALLS SHORT",
        }
    ]


def _compiled(instance: Problem) -> tuple[Problem, Tables, RuleIndex, I32, I32]:
    tables, index = compile_tables(instance), build_index(instance)
    rules = first_matches(index, tables.ptr, tables.sku_l)
    return instance, tables, index, take_order(instance, rules), rules


def rows() -> list[dict[str, Any]]:
    """The row "sequential engine": 1,000,000 orders, 20 warehouses, 20,000 SKUs, 1.6 lines an order, 50 rules."""
    return rows_of(RULES, "sequential engine", TARGET)


def show(found: list[dict[str, Any]]) -> None:
    for line in found:
        print(" | ".join(str(line[key]) for key in ("name", "figure", "floor", "ratio", "target", "verdict")))


if __name__ == "__main__":
    show(rows_of(RULES, "sequential engine", TARGET, int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))
