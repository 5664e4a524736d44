"""What the API does in the background."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .once import forget_answers
from .rates import forget_counts


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="forget_calls", name="forget_calls")
def forget_calls(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Forget kept answers and counted minutes whose time is over."""
    now = timezone.now()
    return forget_answers(now) + forget_counts(now)
