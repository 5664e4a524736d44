"""A few new orders stored and decided in one transaction: what a program that pushes one order waits for.

The ordinary way is two steps with a queue between them: the intake commits, a wave claims, reads, decides and commits
again. Here the orders come in already leased to their wave and nobody else sees them before they are decided, so one
transaction does for both. The engine, the guard and every row that is left behind are the wave's own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import numpy as np
from django.db import transaction

from paidan.accounts.models import User
from paidan.engine.sequential import allocate
from paidan.kit.arrays import array_cursor, prepared
from paidan.network.kept import terms_mark
from paidan.orders.arrivals import FEW, OrderSaid, OutOfTheOrdinary, insert_arrivals, read_arrivals
from paidan.orders.intake import known_shops
from paidan.rules.queries import published_rules

from .claims import LEASE
from .commit import Commit, commit_new
from .credits import keep_credits
from .explain import explain_orders
from .explain_new import explain_new
from .explanation import Explanation
from .releases import spare_released
from .seen import seen_by
from .snapshot import take_snapshot
from .states import WaveMode, WaveState
from .wave import worker_name

_WAVE = """
INSERT INTO allocation_wave (id, state, mode, worker, started_at, finished_at, version_id, warehouse_ids, parameters,
    statistics)
VALUES (%(id)s, %(state)s, %(mode)s, %(worker)s, %(now)s, %(now)s, %(version)s, %(warehouses)s, %(parameters)s::jsonb,
        %(statistics)s::jsonb)
"""


def store_and_decide(orders: Sequence[OrderSaid], *, now: datetime, by: User | None) -> list[Explanation]:
    """Store these new orders and decide them; answers why each went where it went, as far as the headline says it.

    Call it outside any transaction. Raises `OutOfTheOrdinary`, with nothing stored, for what the general intake has to
    look at: anything that is wrong, bundles, orders that are known, and more than FEW. What loses a race for stock or
    capacity stays queued.
    """
    if len(orders) > FEW:
        raise OutOfTheOrdinary
    started = time.perf_counter()
    with prepared(), transaction.atomic():
        mark = terms_mark()
        arrivals = read_arrivals(orders, known_shops(mark))
        rules = published_rules(now, mark)
        if rules.version is None:
            raise OutOfTheOrdinary
        ids, wave_id = insert_arrivals(arrivals, now=now, by=by, leased_until=now + LEASE, mark=mark)
        stored = time.perf_counter()
        snapshot = take_snapshot(wave_id, len(ids), now, rules=rules, mark=mark)
        if not len(snapshot.id_o):  # the order check holds them all
            return _read_back(ids, {}, now)
        read = time.perf_counter()
        plan = allocate(snapshot.problem)
        spare_released(snapshot, plan)
        solved = time.perf_counter()
        outcomes, kept_o = commit_new(Commit(wave_id, snapshot, plan, now))
        keep_credits(snapshot, plan)
        ended = time.perf_counter()
        seconds = {
            "seconds": ended - started,
            "claim_s": stored - started,
            "read_s": read - stored,
            "solve_s": solved - read,
            "commit_s": ended - solved,
        }
        statistics = {
            **asdict(outcomes),
            "freight_minor": int(plan.freight_minor_a.sum()),
            **{name: round(value, 3) for name, value in seconds.items()},
        }
        values = {
            "id": wave_id,
            "state": int(WaveState.DONE),
            "mode": int(WaveMode.STREAM),
            "worker": worker_name(),
            "now": now,
            "version": rules.version.pk,
            "warehouses": np.array([warehouse.id for warehouse in snapshot.network.warehouses], np.int32),
            "parameters": json.dumps(seen_by(snapshot)),
            "statistics": json.dumps(statistics),
        }
        array_cursor().execute(_WAVE, values)
        known = explain_new(arrivals, ids, snapshot, plan, kept_o, wave_id, now, mark)
    return _read_back(ids, known, now)


def _read_back(ids: Sequence[int], known: Mapping[int, Explanation], now: datetime) -> list[Explanation]:
    """Explanations of all of these, those not known yet from what is stored."""
    missing = [key for key in ids if key not in known]
    found = {**known, **explain_orders(missing, now=now, brief=True)} if missing else known
    return [found[key] for key in ids]
