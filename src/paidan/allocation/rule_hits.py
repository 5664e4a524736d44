"""How many orders each rule has decided: today, and day by day over the last week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

DAYS = 7
_HITS = """
SELECT r.code, floor(extract(epoch FROM a.created_at - %(from)s) / 86400)::int, count(DISTINCT a.order_id)
FROM allocation_allocation a JOIN rules_rule r ON r.id = a.rule_id
WHERE a.created_at >= %(from)s AND a.created_at <= %(now)s
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Hits:
    """Orders one rule served, by its code through all versions; `days` oldest first, the last is today."""

    days: tuple[int, ...]

    @property
    def today(self) -> int:
        return self.days[-1]

    @property
    def week(self) -> int:
        return sum(self.days)


NO_HITS = Hits((0,) * DAYS)


def rule_hits(now: datetime) -> dict[str, Hits]:
    """Per rule code; a rule that served nothing is not in it. One query over a week of allocations."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_HITS, {"from": midnight - timedelta(days=DAYS - 1), "now": now})
        for code, day, orders in cursor.fetchall():
            days[code][min(day, DAYS - 1)] += orders
    return {code: Hits(tuple(counts)) for code, counts in days.items()}
