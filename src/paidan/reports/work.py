"""The work of an hour by warehouse and team: assigned, accepted, shipped, handed back, moved away and cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from paidan.orders.states import EventKind as E

# An allocation moved away keeps its place; only its successor has another.
COUNT = f"""
INSERT INTO reports_workhour (hour, warehouse, team, assigned_n, accepted_n, shipped_n, back_n, out_n, out_hand_n,
                              gone_n, problems_n)
SELECT %(hour)s, a.warehouse_id, coalesce(a.team_id, 0),
       count(*) FILTER (WHERE e.kind = {E.ASSIGNED:d}), count(*) FILTER (WHERE e.kind = {E.ACCEPTED:d}),
       count(*) FILTER (WHERE e.kind = {E.SHIPPED:d}), count(*) FILTER (WHERE e.kind = {E.HANDED_BACK:d}),
       count(*) FILTER (WHERE e.kind = {E.REASSIGNED:d}),
       count(*) FILTER (WHERE e.kind = {E.REASSIGNED:d} AND e.by_id IS NOT NULL
                        AND coalesce(e.detail->>'cause', '') <> 'rebalanced'),
       count(*) FILTER (WHERE e.kind = {E.CANCELLED:d}), count(*) FILTER (WHERE e.kind = {E.EXCEPTION_OPENED:d})
FROM orders_event e JOIN allocation_allocation a ON a.id = e.allocation_id
WHERE e.at >= %(hour)s AND e.at < %(end)s GROUP BY 2, 3
"""


def count_hour(hour: datetime) -> None:
    """Count an hour's events anew, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_workhour WHERE hour = %s", [hour])
        cursor.execute(COUNT, {"hour": hour, "end": hour + timedelta(hours=1)})
