"""A worker process that only delivers, on a clock that runs a thousand times as fast; to be killed at any instant.

Run as `python -m tests.alerts.webhooks.worker`; the database is that of DATABASE_URL.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta

FASTER = 1000
TOTAL_S, LEASE_S = 0.8, 2.0
"""Of the real clock."""
STARTED = datetime(2026, 11, 11, tzinfo=UTC)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
    import django

    django.setup()
    from paidan.alerts.webhooks import delivering

    delivering.LOOK_EVERY_S = delivering.RELAY_EVERY_S = 0.05
    delivering.LEASE = timedelta(seconds=LEASE_S * FASTER)
    began = float(os.environ["BEGAN"])

    def clock() -> datetime:
        return STARTED + timedelta(seconds=FASTER * (time.time() - began))

    delivering.deliver_until(threading.Event(), clock=clock, total_s=TOTAL_S)


if __name__ == "__main__":
    main()
