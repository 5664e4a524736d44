"""A wave: claim what is queued, decide it on a snapshot outside any lock, commit it in short guarded transactions."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction

from paidan.accounts.models import User
from paidan.engine.plan import Plan
from paidan.engine.sequential import allocate
from paidan.rules.services import begin_rules
from paidan.web.live import note_change

from .claims import LEASE, claim_orders, release_claims
from .commit import Commit, Outcomes, commit_plan
from .credits import keep_credits
from .joint import TOPIC, Decided, Jointly, begin_joint, decide_jointly, keep_joint
from .models import Wave
from .relaxing import Relax, relaxed
from .releases import spare_released
from .seen import seen_by
from .snapshot import Snapshot, take_snapshot
from .states import WaveMode, WaveState

Progress = Callable[[int, int], None]
ROUNDS = 5
"""How often orders that lost a race are tried again at once before they are left to the next wave."""

TIMINGS = ("seconds", "claim_s", "read_s", "solve_s", "commit_s")


@dataclass(frozen=True, slots=True)
class WaveReport:
    """What one wave did, and how long its parts took."""

    wave_id: int | None
    outcomes: Outcomes
    seconds: float = 0.0
    claim_s: float = 0.0
    read_s: float = 0.0
    solve_s: float = 0.0
    commit_s: float = 0.0


def worker_name() -> str:
    """Who runs a wave, for people: machine and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_wave(
    *,
    now: datetime,
    worker: str = "",
    limit: int | None = None,
    order_ids: Sequence[int] | None = None,
    guarded: bool = True,
    progress: Progress | None = None,
    relax: Relax | None = None,
    by: User | None = None,
    joint: Jointly | None = None,
    turn: Callable[[], bool] | None = None,
) -> WaveReport:
    """Allocate the queued orders once (all, the most urgent `limit`, or those named).

    `relax` lets go of one condition, because `by` allowed it. `joint` decides them all at once instead of one by one.
    `turn` is asked while claiming, in the same transaction; where it says no, nothing is claimed.

    1. Claim them by a lease, committed at once.
    2. Read orders, stock, loads and rules in one repeatable-read snapshot.
    3. Decide, outside any transaction.
    4. Commit in chunks; what lost a race goes back to the queue.
    5. Let go of whatever is left, also when something failed.
    """
    started = time.perf_counter()
    mode = WaveMode.STREAM if joint is None else WaveMode.JOINT
    wave = Wave.objects.create(worker=worker or worker_name(), started_at=now, mode=mode)
    try:
        with transaction.atomic():
            mine, lease = turn is None or turn(), joint.lease if joint else LEASE
            claimed = claim_orders(wave.id, now=now, limit=limit, order_ids=order_ids, lease=lease) if mine else 0
        if not claimed:
            wave.delete()
            return WaveReport(None, Outcomes())
        begin_rules(now=now)
        claimed_at = time.perf_counter()
        with transaction.atomic():
            _read_one_snapshot()
            snapshot = relaxed(take_snapshot(wave.id, claimed, now), relax)
        wave.parameters = seen_by(snapshot)
        if relax is not None:
            wave.parameters |= {"relax": relax.value, "by": None if by is None else by.pk}
        _describe(wave, snapshot)
        read_at = time.perf_counter()
        decided = None
        if joint is not None:
            begin_joint(wave, claimed, joint)
            decided = decide_jointly(wave, snapshot, joint)
        plan = decided.plan if decided else allocate(snapshot.problem)
        spare_released(snapshot, plan)
        solved_at = time.perf_counter()
        outcomes = commit_plan(Commit(wave.id, snapshot, plan, now, guarded), progress=progress)
        keep_credits(snapshot, plan)
        if decided is not None:
            keep_joint(wave, snapshot, decided)
        ended = time.perf_counter()
        report = WaveReport(
            wave.id,
            outcomes,
            seconds=ended - started,
            claim_s=claimed_at - started,
            read_s=read_at - claimed_at,
            solve_s=solved_at - read_at,
            commit_s=ended - solved_at,
        )
        _finish(wave, WaveState.DONE, plan, report, now, decided)
        return report
    except BaseException:
        _finish(wave, WaveState.FAILED, None, None, now)
        raise


def run_waves(
    *, now: datetime, worker: str = "", progress: Progress | None = None, joint: Jointly | None = None
) -> list[WaveReport]:
    """Run waves until the queue is empty, or nothing but lost races is left after a few rounds."""
    reports: list[WaveReport] = []
    fruitless = 0
    while fruitless < ROUNDS:
        report = run_wave(now=now, worker=worker, progress=progress, joint=joint)
        if report.wave_id is None:
            break
        reports.append(report)
        fruitless = fruitless + 1 if report.outcomes.lost == report.outcomes.orders else 0
    return reports


def _read_one_snapshot() -> None:
    """All reading of a wave sees one moment. Inside an outer transaction (a test) that is as good as it gets."""
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _describe(wave: Wave, snapshot: Snapshot) -> None:
    wave.version = snapshot.rules.version
    wave.warehouse_ids = [warehouse.id for warehouse in snapshot.network.warehouses]
    wave.save(update_fields=["version", "warehouse_ids", "parameters"])


def _finish(
    wave: Wave,
    state: WaveState,
    plan: Plan | None,
    report: WaveReport | None,
    now: datetime,
    decided: Decided | None = None,
) -> None:
    release_claims(wave.id)
    wave.state, wave.finished_at = state, now
    if plan is not None and report is not None:
        wave.statistics = {
            **asdict(report.outcomes),
            "freight_minor": int(plan.freight_minor_a.sum()),
            **{
                name: round(getattr(report, name), 3)
                for name in ("seconds", "claim_s", "read_s", "solve_s", "commit_s")
            },
        }
    if decided is not None:
        wave.statistics |= {"joint": decided.figures}
        wave.bound_minor = decided.figures["bound_minor"]
    wave.save(update_fields=["state", "finished_at", "statistics", "bound_minor"])
    if wave.mode == WaveMode.JOINT:
        note_change(TOPIC)
