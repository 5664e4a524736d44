"""How many requests a token may make per minute: counted in PostgreSQL, so that all processes count together.

The counters are in a table that is not logged: a crash forgets them, and counting does not wait for a disk.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from paidan.kit.arrays import array_cursor

from .models import CallCount
from .problems import Problem

MINUTE_S = 60

_COUNT = """
INSERT INTO api_callcount (token_id, minute, calls_n) VALUES (%s, %s, 1)
ON CONFLICT (token_id, minute) DO UPDATE SET calls_n = api_callcount.calls_n + 1 RETURNING calls_n
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a token stands in this minute."""

    limit: int
    calls: int
    reset_s: int

    def write(self, answer: HttpResponse) -> None:
        """As headers (RateLimit of the IETF's draft, in its three plain fields)."""
        answer["RateLimit-Limit"] = str(self.limit)
        answer["RateLimit-Remaining"] = str(max(0, self.limit - self.calls))
        answer["RateLimit-Reset"] = str(self.reset_s)
        if answer.status_code == 429:
            answer["Retry-After"] = str(self.reset_s)


def count_call(token_id: int, now: datetime) -> Rate | None:
    """Count one request; nothing where no limit is set."""
    limit: int = settings.API_CALLS_PER_MINUTE
    if not limit:
        return None
    minute, second = divmod(int(now.timestamp()), MINUTE_S)
    [calls] = array_cursor().execute(_COUNT, (token_id, minute)).fetchone() or (0,)
    return Rate(limit, calls, MINUTE_S - second)


def refuse_beyond(rate: Rate) -> None:
    """429 when there were more than allowed."""
    if rate.calls > rate.limit:
        said = _("More than %(limit)d requests in this minute. Wait %(seconds)d seconds.")
        raise Problem(429, "too_many_requests", said % {"limit": rate.limit, "seconds": rate.reset_s})


def forget_counts(now: datetime) -> int:
    """Drop the minutes that are over; answers how many."""
    old = int((now - timedelta(minutes=5)).timestamp()) // MINUTE_S
    return CallCount.objects.filter(minute__lt=old).delete()[0]
