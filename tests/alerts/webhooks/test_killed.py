"""Workers killed with -9 again and again, a receiver that fails, hangs and lies: nothing lost, nothing out of order."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from tests.alerts.webhooks.ear import HANG
from tests.builders import NOW, make_order

from paidan.alerts.models import Delivery, Endpoint
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import cancel_allocations
from paidan.allocation.wave import run_wave
from paidan.orders.models import Announcement, Event
from paidan.orders.states import EventKind

ROOT = Path(__file__).resolve().parents[3]
ROUNDS, KILLS = 4, 4


def start(url, began):
    environment = os.environ | {
        "DATABASE_URL": url,
        "BEGAN": str(began),
        "PAIDAN_WEBHOOKS_PRIVATE": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }
    return subprocess.Popen([sys.executable, "-m", "tests.alerts.webhooks.worker"], env=environment, cwd=ROOT)


def kill(worker):
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def make_history(place):
    """Orders allocated by a wave, half of them taken back and allocated again: several events per order."""
    del place
    for _ in range(6):
        make_order({"A": 1})
    run_wave(now=NOW)
    ids = list(Allocation.objects.filter(state=1).order_by("-id").values_list("id", flat=True))[:3]
    cancel_allocations(ids, now=NOW)
    run_wave(now=NOW)


@pytest.mark.slow
def test_whatever_is_killed_every_event_arrives_in_order_per_order(database_url, place, ear, listener):
    chance = random.Random(5)
    ear.answer = lambda _n, _body: chance.choices([200, 500, HANG], [16, 5, 1])[0]
    row = listener()
    began = time.time()
    workers = [start(database_url, began) for _ in range(2)]
    try:
        for at in range(KILLS):
            if at < ROUNDS:
                make_history(place)
            before = len(ear.heard)
            wait_until(lambda before=before: len(ear.heard) >= before + 3 or finished(), 30)
            kill(workers[at % 2])  # in the middle of what it was sending
            workers[at % 2] = start(database_url, began)
        wait_until(finished, 60)
    finally:
        for worker in workers:
            kill(worker)
    told = Event.objects.filter(kind__in=[EventKind.ASSIGNED, EventKind.CANCELLED], allocation_id__gt=0)
    assert Delivery.objects.count() == told.count() == ROUNDS * (6 + 3 + 3)
    assert {one.message for one in ear.taken} == set(Delivery.objects.values_list("message", flat=True))
    assert any(one.status != 200 for one in ear.heard)
    arrived = defaultdict(list)
    for one in ear.taken:
        headers, stamp = one.headers, float(one.headers["webhook-timestamp"])
        signed = Webhook(row.secret).sign(headers["webhook-id"], _utc(stamp), one.raw.decode())
        assert headers["webhook-signature"] == signed
        arrived[one.body["data"]["order"]["id"]].append(one.message)
    place_of = dict(Delivery.objects.values_list("message", "id"))
    for messages in arrived.values():  # one sent twice comes twice in a row, never after a later one
        places = [place_of[message] for message in messages]
        assert places == sorted(places)


def finished():
    waiting = Delivery.objects.exclude(state=Delivery.State.DELIVERED).exists() or Announcement.objects.exists()
    Endpoint.objects.filter(active=False).update(active=True)
    return not waiting


def wait_until(true, seconds):
    """Look again and again; other processes do the work."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, list(Delivery.objects.values_list("state", "tries_n", "problem"))
        time.sleep(0.05)


def _utc(stamp):
    from datetime import UTC, datetime

    return datetime.fromtimestamp(stamp, tz=UTC)
