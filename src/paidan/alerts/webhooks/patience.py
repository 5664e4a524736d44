"""How long to wait: after a try that failed, and before a receiver that is down is asked again."""

from datetime import timedelta
from random import Random

MOST_TRIES = 12
"""After these a message is given up: with the waits below that is about two days after the first try."""
FIRST_S, FACTOR, LONGEST_S = 5.0, 4.0, 6 * 3600.0
JITTER = 0.25
"""Waits are longer or shorter by up to this share, so that what failed together does not come back together."""

DOWN_AFTER = 5
"""Failures in a row after which an endpoint rests instead of being asked for every message."""
REST_FIRST_S, REST_LONGEST_S = 5.0, 300.0
GIVE_UP_AFTER = timedelta(days=3)
"""An endpoint that took nothing for so long is switched off."""


def wait_after(tries: int, chance: Random) -> timedelta:
    """Until the next try of a message that was tried so often in vain."""
    return _spread(min(FIRST_S * FACTOR ** (tries - 1), LONGEST_S), chance)


def rest_after(failures: int, chance: Random) -> timedelta | None:
    """How long to leave an endpoint alone after so many failures in a row; None while it may only have stumbled."""
    if failures < DOWN_AFTER:
        return None
    return _spread(min(REST_FIRST_S * 2.0 ** min(failures - DOWN_AFTER, 20), REST_LONGEST_S), chance)


def _spread(seconds: float, chance: Random) -> timedelta:
    return timedelta(seconds=seconds * chance.uniform(1 - JITTER, 1 + JITTER))
