"""Once a minute: look, then send what is due."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .reports import send_reports
from .sending import send_due
from .watching import begin_watching, forget, look


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
