"""By the clock: look once a minute and send what is due; once a day forget old deliveries of webhooks."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .reports import send_reports
from .sending import send_due
from .watching import begin_watching, forget, look
from .webhooks.relay import forget_old


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="remind", lock="remind", name="remind")
def remind(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Begin, go on with and end reminders; then say outside what is due."""
    now = timezone.now()
    begin_watching()
    forget(now)
    return len(send_due(look(now), now))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_reports", lock="send_reports", name="send_reports")
def send_due_reports(timestamp: int) -> int:  # noqa: ARG001
    """Send the regular reports whose time has come."""
    return send_reports(timezone.now())


@app.periodic(cron="29 3 * * *")
@app.task(queueing_lock="forget_deliveries", name="forget_deliveries")
def forget_deliveries(timestamp: int) -> None:  # noqa: ARG001
    """Forget what was delivered long ago."""
    forget_old(timezone.now())
