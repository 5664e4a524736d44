"""The joint solver beside nearest-first and HiGHS on scarce, uneven stock: ``python -m bench.joint [ORDERS] [SEEDS]``.

Of every instance the certified gap, (cost − bound) / bound, as a mean over the seeds, and the seconds of the slowest.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from bench.nearest import as_choices, nearest_first
from bench.scarce import instance
from paidan.engine.joint.balance import NO_BALANCE
from paidan.engine.joint.choices import Choices, cost_of, is_feasible
from paidan.engine.joint.exact import solve_exactly
from paidan.engine.joint.search import Search
from paidan.engine.joint.stop import Stop

SEEDS = (0, 1, 2, 3, 4)
LARGEST_FOR_HIGHS = 100_000


@dataclass(frozen=True)
class Case:
    """One row: an instance, and what is to be shown on it."""

    orders: int
    skus: int
    gap: float
    seconds: float


CASES = (
    Case(1_000, 2_000, 0.0, 2),
    Case(10_000, 2_000, 0.0070, 5),
    Case(100_000, 2_000, 0.0050, 10),
    Case(1_000_000, 2_000, 0.0015, 20),
)


def solved(choices: Choices, seconds: float, seed: int) -> tuple[float, float, float]:
    """Cost, bound and seconds; the answer is checked."""
    started = perf_counter()
    found = Search(choices, Stop(seconds), seed).run()
    took = perf_counter() - started
    if not is_feasible(choices, found.chosen_o) or abs(cost_of(choices, found.chosen_o) - found.cost) > 0.5:
        raise AssertionError("the joint plan is not what it says")
    bound = np.ceil(found.bound - 1e-6)
    return found.cost, bound, took


def highs_gap(case: Case, seed: int) -> str:
    """HiGHS alone on the same instance for the same time, in a process of its own."""
    asked = [sys.executable, "-m", "bench.joint", "--highs", str(case.orders), str(case.skus), str(seed)]
    done = subprocess.run([*asked, str(case.seconds)], capture_output=True, text=True, check=False)
    if done.returncode:
        return "HiGHS: no answer"
    answer = json.loads(done.stdout.splitlines()[-1])
    return "HiGHS: nothing" if answer["gap"] is None else f"HiGHS {answer['gap']:.2%}"


def _highs(orders: int, skus: int, seed: int, seconds: float) -> None:
    choices = as_choices(instance(orders, skus=skus, seed=seed))
    everyone = np.arange(orders, dtype=np.int32)
    proven = solve_exactly(choices, everyone, choices.limit_r, NO_BALANCE, seconds)
    gap = None
    if proven.chosen is not None and proven.bound > 0:
        gap = (cost_of(choices, proven.chosen) - proven.bound) / proven.bound
    print(json.dumps({"gap": gap}))


def row(case: Case, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """The row of one case."""
    gaps, nearest, slowest = [], [], 0.0
    for seed in seeds:
        choices = as_choices(instance(case.orders, skus=case.skus, seed=seed))
        cost, bound, took = solved(choices, case.seconds, seed)
        gaps.append((cost - bound) / bound)
        nearest.append((cost_of(choices, nearest_first(choices)) - bound) / bound)
        slowest = max(slowest, took)
    other = highs_gap(case, seeds[0]) if case.orders <= LARGEST_FOR_HIGHS else "HiGHS: too large"
    gap = float(np.mean(gaps))
    fits = gap <= case.gap + 1e-9 and slowest <= 1.05 * case.seconds
    return {
        "name": f"joint, no split, {case.orders:,} orders",
        "figure": f"gap {gap:.3%} in {slowest:.1f} s",
        "floor": f"nearest-first {np.mean(nearest):.1%}; {other}",
        "ratio": f"{float(np.mean(nearest)) / max(gap, 1e-6):,.0f}",
        "target": f"≤ {case.gap:.2%} in {case.seconds:g} s",
        "verdict": "PASS" if fits else "FALLS SHORT",
    }


def rows() -> list[dict[str, Any]]:
    """All cases, seeds 0 to 4; machine code is made before."""
    solved(as_choices(instance(3_000, skus=100)), 5, 0)
    return [row(case) for case in CASES]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--highs"]:
        _highs(*(int(word) for word in sys.argv[2:5]), float(sys.argv[5]))
    else:
        solved(as_choices(instance(3_000, skus=100)), 5, 0)
        asked = {int(word) for word in sys.argv[1:2]}
        chosen = tuple(int(word) for word in sys.argv[2:]) or SEEDS
        for case in CASES:
            if not asked or case.orders in asked:
                print(row(case, chosen))
