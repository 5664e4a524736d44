"""The joint solver beside nearest-first and HiGHS on scarce, uneven stock: ``python -m bench.joint [NAME [SEED …]]``.

Of every row the certified gap, (cost − bound) / bound, as a mean over the seeds and at worst, the seconds of the
slowest and the most memory. Every run is a process of its own; machine code is made before its clock starts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from bench.highs import gap_of
from bench.nearest import as_choices, nearest_first
from bench.scarce import Instance, compact_of, instance
from paidan.engine.joint import choices as whole
from paidan.engine.joint import compact as parcels
from paidan.engine.joint.compact_search import CompactSearch
from paidan.engine.joint.search import Search
from paidan.engine.joint.solving import COMPACT_FROM
from paidan.engine.joint.stop import Stop

SEEDS = (0, 1, 2, 3, 4)
LARGEST_FOR_HIGHS = 100_000
HIGHS_GIB = 8


@dataclass(frozen=True)
class Case:
    """One row: an instance, and what is to be shown on it."""

    name: str
    orders: int
    skus: int
    split: bool
    gap: float
    seconds: float
    gib: float = 4.0


CASES = (
    Case("1k", 1_000, 2_000, False, 0.0, 2),
    Case("10k", 10_000, 2_000, False, 0.0070, 5),
    Case("100k", 100_000, 2_000, False, 0.0050, 10),
    Case("1m", 1_000_000, 2_000, False, 0.0015, 20, 2.0),
    Case("1m-skus", 1_000_000, 100_000, False, 0.0060, 60),
    Case("split-10k", 10_000, 2_000, True, 0.0090, 20),
    Case("split-100k", 100_000, 2_000, True, 0.0060, 20),
    Case("split-1m", 1_000_000, 2_000, True, 0.0025, 30),
)


def instance_of(case: Case, seed: int) -> Instance:
    return instance(case.orders, skus=case.skus, seed=seed)


def solved(of: Instance, case: Case, seed: int) -> dict[str, float]:
    """Gap, seconds and peak memory of one run, and nearest-first's gap; the plan is checked."""
    compact = compact_of(of, split=case.split)
    if compact.cost_rn.size > COMPACT_FROM:
        started = perf_counter()
        found = CompactSearch(compact, Stop(case.seconds), seed).run()
        took, cost, bound = perf_counter() - started, found.cost, found.bound
        sound = parcels.is_feasible(compact, found.at_l) and parcels.cost_of(compact, found.at_l) == cost
    else:
        choices = as_choices(of)
        started = perf_counter()
        best = Search(choices, Stop(case.seconds), seed).run()
        took, cost, bound = perf_counter() - started, best.cost, best.bound
        sound = whole.is_feasible(choices, best.chosen_o) and whole.cost_of(choices, best.chosen_o) == cost
    if not sound:
        raise AssertionError("the joint plan is not what it says")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    bound = float(np.ceil(bound - 1e-6 - 1e-9 * abs(bound)))
    nearest = parcels.cost_of(compact, nearest_first(compact))
    return {"gap": (cost - bound) / bound, "seconds": took, "gib": peak, "nearest": (nearest - bound) / bound}


def run_one(case: Case, seed: int) -> None:
    """What a process of its own does."""
    small = Case("warm", 2_500, 100, case.split, 0.0, 30)
    solved(instance_of(small, 0), small, 0)
    if case.orders <= 1_000:
        solved(instance_of(case, seed), case, seed)
    print(json.dumps(solved(instance_of(case, seed), case, seed)))


def apart(*asked: str) -> dict[str, Any] | None:
    """The answer of a run in a process of its own, None where it has none."""
    done = subprocess.run([sys.executable, "-m", "bench.joint", *asked], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def highs_figure(case: Case, seed: int) -> str:
    """HiGHS alone on the same instance for the same time."""
    if case.orders > LARGEST_FOR_HIGHS:
        return "HiGHS: too large"
    answer = apart("--highs", case.name, str(seed))
    if answer is None or answer["gap"] is None:
        return "HiGHS: nothing"
    return f"HiGHS {answer['gap']:.2%}"


def row(case: Case, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """The row of one case."""
    runs = [apart("--solve", case.name, str(seed)) for seed in seeds]
    if None in runs:
        raise AssertionError(
            f"a run of joint-{case.name} failed: python -m bench.joint --solve {case.name} SEED says why"
        )
    gaps, seconds, gib, nearest = (
        np.array([run[key] for run in runs if run]) for key in ("gap", "seconds", "gib", "nearest")
    )
    gap, slowest, peak = float(gaps.mean()), float(seconds.max()), float(gib.max())
    fits = gap <= case.gap + 1e-9 and slowest <= 1.05 * case.seconds and peak <= case.gib
    kind = "split" if case.split else "no split"
    skus = f", {case.skus:,} SKUs" if case.skus > 2_000 else ""
    return {
        "name": f"joint, {kind}, {case.orders:,} orders{skus}",
        "figure": f"gap {gap:.3%} (worst {gaps.max():.3%}) in {slowest:.1f} s, {peak:.2f} GiB",
        "floor": f"nearest-first {nearest.mean():.1%}; {highs_figure(case, seeds[0])}",
        "ratio": f"{float(nearest.mean()) / max(gap, 1e-6):,.0f}",
        "target": f"≤ {case.gap:.2%} in {case.seconds:g} s",
        "verdict": "PASS" if fits else "FALLS SHORT",
    }


def names() -> tuple[str, ...]:
    """What rows can be asked for by."""
    return tuple(case.name for case in CASES)


def rows(name: str = "") -> Iterator[dict[str, Any]]:
    """All cases, or the one of this name, as they are done; seeds 0 to 4."""
    return (row(case) for case in CASES if name in ("", case.name))


def main(words: list[str]) -> None:
    cases = {case.name: case for case in CASES}
    if words[:1] == ["--solve"]:
        run_one(cases[words[1]], int(words[2]))
    elif words[:1] == ["--highs"]:
        limit = HIGHS_GIB << 30
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        case = cases[words[1]]
        print(json.dumps({"gap": gap_of(instance_of(case, int(words[2])), case.seconds, split=case.split)}))
    else:
        for case in [cases[words[0]]] if words else CASES:
            print(row(case, tuple(int(word) for word in words[1:]) or SEEDS), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
