"""What the worker does for reports by the clock: keeps the roll-ups true."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .following import follow_advice
from .models import RefreshState
from .refresh import refresh

SHARE = 6
"""At most one sixth of a worker's time goes into counting: after a long refresh the next one waits."""
BUDGET_S = 10.0
"""Other jobs wait meanwhile; what a first count of years leaves is gone on with a minute later."""


@app.periodic(cron="40 20 * * *")
@app.task(queueing_lock="follow_advice", name="follow_advice")
def follow_the_advice(timestamp: int) -> int:  # noqa: ARG001
    """At 4:40 in China, before the day begins: what follows the advice is set anew."""
    return len(follow_advice(now=timezone.now()))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="refresh_reports", lock="refresh_reports", name="refresh_reports")
def refresh_reports(timestamp: int) -> bool:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Count anew what changed in the last minute."""
    now = timezone.now()
    last = RefreshState.objects.filter(id=1).first()
    if last and last.began_at and now < last.began_at + timedelta(seconds=SHARE * last.took_s):
        return False
    return refresh(now=now, budget_s=BUDGET_S)
