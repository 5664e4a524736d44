"""Putting rules in force: orders that waited for other rules are tried again in the same transaction."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from paidan.rules.services import Publication

from .retry import queue_retries


def put_in_force(publish: Callable[[], Publication], *, now: datetime) -> tuple[Publication, int]:
    """Publish, queue whatever waits, and answer both; workers take the new rules with their next wave."""
    with transaction.atomic():
        done = publish()
        retried = queue_retries(now=now)
    return done, retried
