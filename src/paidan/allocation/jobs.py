"""What the worker does by the clock, beside running waves: retries, due holds, tidying. Each is safe to run twice."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from paidan.kit.arrays import array_cursor
from paidan.network.plans import apply_due
from paidan.orders.checking.book import reckon_usual_amounts
from paidan.orders.checking.partners import forget_keys
from paidan.orders.queue import queue_waiting
from paidan.web.live import prune_marks
from paidan.web.models import Batch, PastedNumbers

from .ahead.force import forget_old
from .holds import release_due
from .rechecking import recheck_all, recheck_held
from .retry import queue_retries

BATCHES_KEPT = timedelta(days=30)
PASTED_KEPT = timedelta(days=90)
ATTEMPTS_KEPT = timedelta(days=30)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="retry", name="retry")
def retry(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the moment it was due
    """Try again what is unallocated: its cause may be gone."""
    return queue_retries(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="release_due_holds", name="release_due_holds")
def release_due_holds(timestamp: int) -> int:  # noqa: ARG001
    """Release the holds whose time has come."""
    return release_due(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="recheck", name="recheck")
def recheck(timestamp: int) -> int:  # noqa: ARG001
    """Let go what a check holds and has no cause any more."""
    return recheck_held(now=timezone.now()).released


@app.task(name="recheck_everything")
def recheck_everything(shop_id: int | None = None) -> int:
    """Look at all that waits or is held, of one shop or all, after somebody set the check differently."""
    return recheck_all(now=timezone.now(), shop_id=shop_id).orders


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="usual_amounts", name="usual_amounts")
def usual_amounts(timestamp: int) -> int:  # noqa: ARG001
    """Find out what an order of each shop is usually worth."""
    return reckon_usual_amounts(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="apply_plans", name="apply_plans")
def apply_plans(timestamp: int) -> int:  # noqa: ARG001
    """Put planned ratios and capacities in force when their time begins; what waited for capacity is tried again."""
    applied = apply_due(timezone.now())
    if any("capacity" in one.after for one in applied):
        queue_waiting()
    return len(applied)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="nightly_rebalance", lock="nightly_rebalance", name="nightly_rebalance")
def nightly_rebalance(timestamp: int) -> int:  # noqa: ARG001
    """Decide again what no team has accepted, where somebody asked for it, at the time they set."""
    from .rebalance.nightly import rebalance_if_due  # brings the engine, which most processes never need

    applied = rebalance_if_due(now=timezone.now())
    return applied.done if applied else 0


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="tidy", name="tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001
    """Forget what nobody will ask for again: change marks, old batches, sessions, failed sign-ins."""
    now = timezone.now()
    prune_marks(now=now)
    forget_keys(array_cursor())
    forget_old(now)
    Batch.objects.filter(created_at__lt=now - BATCHES_KEPT).delete()
    PastedNumbers.objects.filter(created_at__lt=now - PASTED_KEPT).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()
    call_command("clearsessions", verbosity=0)
