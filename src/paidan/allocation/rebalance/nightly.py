"""Deciding again every night: whether it is due, and doing it once, whichever worker looks first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from ..models import NightlyRebalance
from .applying import Applied, apply_rebalance
from .asked import Rebalance
from .planning import plan_rebalance

LATEST = timedelta(hours=2)
"""How long after its time a rebalance is still made: later the day has begun, and teams are at work."""
SECONDS = 60.0


def nightly() -> NightlyRebalance:
    """The setting, as stored or as it would begin."""
    return NightlyRebalance.objects.filter(id=1).first() or NightlyRebalance()


def set_nightly(*, active: bool, at: time, saving_minor: int, most: int | None, now: datetime) -> NightlyRebalance:
    """Keep the setting; a time of today that has passed already counts from tomorrow on."""
    values = {"active": active, "at": at, "saving_minor": saving_minor, "most": most, "since_at": now}
    return NightlyRebalance.objects.update_or_create(id=1, defaults=values)[0]


def last_time(at: time, now: datetime) -> datetime:
    """The last moment at or before now at which the business's clocks showed this time."""
    local = now.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE))
    today = local.replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def rebalance_if_due(*, now: datetime) -> Applied | None:
    """Decide again if it is the time and nobody has; None when there was nothing to do.

    1. Claim the night by a conditional update: of two workers one goes on. 2. Plan and apply. 3. Keep what came of it.
    A worker killed in between leaves some moves made, each wholly; the next night goes on.
    """
    found = nightly()
    due = last_time(found.at, now)
    if not found.active or now - due > LATEST or (found.since_at is not None and found.since_at > due):
        return None
    unclaimed = NightlyRebalance.objects.filter(Q(ran_at=None) | Q(ran_at__lt=due), id=1, active=True)
    if not unclaimed.update(ran_at=now, moved_n=0, stayed_n=0, saved_minor=0):
        return None
    asked = Rebalance(most=found.most, saving_minor=found.saving_minor, seconds=SECONDS)
    applied = apply_rebalance(plan_rebalance(asked, now=now), now=now, nightly=True)
    NightlyRebalance.objects.filter(id=1).update(
        moved_n=applied.done, stayed_n=applied.refused.total(), saved_minor=applied.saving_minor
    )
    return applied
