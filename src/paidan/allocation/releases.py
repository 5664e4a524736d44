"""What a person released is not put on hold again by the rule it was released from."""

from __future__ import annotations

import numpy as np
from django.db import connection

from paidan.engine.codes import Outcome
from paidan.engine.plan import Plan
from paidan.kit.copy import select_columns

from .snapshot import Snapshot

RELEASED = """
SELECT DISTINCT order_id FROM orders_hold
WHERE reason LIKE 'rule:%%' AND released_at IS NOT NULL AND order_id = ANY(%s)
"""


def spare_released(snapshot: Snapshot, plan: Plan) -> None:
    """Let the plan's holds of orders that somebody has released from a rule's hold become what they would be without.

    Such an order is unallocated (or partial) for the reason of its first open line. Changes the plan in place.
    """
    held = np.flatnonzero(plan.outcome_o == Outcome.HELD)
    if not len(held):
        return
    released = select_columns(connection.connection, RELEASED, {"id": "i8"}, [snapshot.id_o[held]])["id"]
    served_o, ptr = plan.served_o(), snapshot.problem.orders.ptr
    for order in held[np.isin(snapshot.id_o[held], released)].tolist():
        lines = np.arange(ptr[order], ptr[order + 1])
        plan.outcome_o[order] = Outcome.PARTIAL if served_o[order] else Outcome.UNALLOCATED
        plan.reason_o[order] = plan.reason_l[lines[plan.open_l[lines] > 0][0]]
