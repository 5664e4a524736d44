"""The jobs that work a what-if out, and that keep looking ahead honest: prices solved anew, tested every day."""

from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from paidan.allocation.ahead.demand import local
from paidan.allocation.ahead.force import settings
from paidan.allocation.ahead.solving import solve_prices, solving_due, somebody_looks_ahead
from paidan.allocation.models import LookAhead
from paidan.web.live import note_change

from .ahead import back_test
from .running import work_out

TOPIC = "look_ahead"
TESTED_FOR = timedelta(hours=36)
NIGHT = range(2, 6)
"""A test is a day old at night, when its hour comes round; a worker that slept then makes up for it later."""


@app.task(name="what_if")
def run_what_if(what_if_id: int) -> None:
    """Work out one what-if that somebody asked for."""
    work_out(what_if_id)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="look_ahead", lock="look_ahead", name="look_ahead")
def look_ahead(timestamp: int) -> bool:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Solve the scarcity prices anew, at least every two hours, where a rule asks for them; test them once a day."""
    now = timezone.now()
    if not somebody_looks_ahead(now):
        return False
    if _test_due(settings(), now):
        back_test(now=now)
        note_change(TOPIC)
    if not solving_due(now):
        return False
    found = solve_prices(now=now)
    note_change(TOPIC)
    return found is not None


def _test_due(row: LookAhead, now: datetime) -> bool:
    """Whether it was never tested under rules that ask for it, or not since the day before."""
    if row.tested_at is None or not row.test.get("asked", True):
        return True
    age = now - row.tested_at
    return age > TESTED_FOR or (local(now).hour in NIGHT and age > TESTED_FOR / 2)


@app.task(queueing_lock="test_look_ahead", lock="look_ahead", name="test_look_ahead")
def test_look_ahead() -> str:
    """Solve and test at once, because somebody asked; answers the verdict."""
    now = timezone.now()
    solve_prices(now=now)
    verdict = str(back_test(now=now).test["verdict"])
    note_change(TOPIC)
    return verdict
