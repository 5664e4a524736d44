"""Ratio credits from wave to wave of one work day, forgotten as soon as a ratio changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from django.db import transaction

from paidan.engine.plan import Plan
from paidan.kit.arrays import array_cursor

from .guard import TEAMS, WAREHOUSES
from .snapshot import Snapshot, postgres_days

# In the order of their keys, as everybody locks them; earned under another ratio is forgotten.
EARN = """
INSERT INTO {table} AS d ({key}, day, load_n, credit, credit_key)
SELECT id, '2000-01-01'::date + day, 0, earned, key
FROM unnest(%(ids)s::int[], %(days)s::int[], %(earned)s::float[], %(keys)s::bigint[]) n(id, day, earned, key)
ORDER BY id, day ON CONFLICT ({key}, day) DO UPDATE
SET credit = excluded.credit + CASE WHEN d.credit_key = excluded.credit_key THEN d.credit ELSE 0 END,
    credit_key = excluded.credit_key
"""


def keep_credits(snapshot: Snapshot, plan: Plan) -> None:
    """Add what each member earned in this wave to its work day, so that the next wave goes on from there."""
    warehouses, teams = snapshot.problem.warehouses, snapshot.problem.teams
    day_w = postgres_days(warehouses.work_day_w)
    first = int(day_w.min()) if len(day_w) else 0
    day_t = np.where(teams.warehouse_t >= 0, day_w[np.maximum(teams.warehouse_t, 0)] if len(day_w) else 0, first)
    earned_w, earned_t = plan.credit_w - warehouses.credit_w, plan.credit_t - teams.credit_t
    with transaction.atomic(savepoint=False):
        _earn(WAREHOUSES, [w.id for w in snapshot.network.warehouses], day_w, earned_w, snapshot.credit_key_w)
        _earn(TEAMS, [t.id for t in snapshot.network.teams], day_t, earned_t, snapshot.credit_key_t)


def _earn(
    names: dict[str, str],
    ids: list[int],
    days: npt.NDArray[np.integer],
    earned: npt.NDArray[np.float64],
    key: int,
) -> None:
    changed = np.flatnonzero(np.abs(earned) > 1e-12)
    if not len(changed):
        return
    values = {
        "ids": np.array(ids, np.int32)[changed],
        "days": days[changed].astype(np.int32),
        "earned": earned[changed],
        "keys": np.full(len(changed), key, np.int64),
    }
    array_cursor().execute(EARN.format(**names), values)
