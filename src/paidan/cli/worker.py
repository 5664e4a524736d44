"""The worker process: waves as soon as orders wait, webhooks as they are due, and the jobs procrastinate keeps.

Any number of workers may run, on any machines; the leases of waves and jobs keep them apart.
"""

import asyncio
import logging
import signal
import threading
from datetime import UTC, datetime

from django.db import Error, close_old_connections, connection
from procrastinate import App

from paidan.alerts.webhooks.delivering import deliver_until
from paidan.allocation.turns import run_next

LOG = logging.getLogger("paidan.worker")
LOOK_EVERY_S = 1.0
WAVE = 100_000
"""Orders per wave: a stop is heeded between waves, and memory stays small."""
AGAIN_AFTER_S = 3.0


def work(stop: threading.Event) -> None:
    """Run until `stop` is set: the wave in hand is finished, jobs in hand are given half a minute."""
    threads = [threading.Thread(target=do, args=(stop,), name=do.__name__) for do in (allocate_until, deliver_until)]
    for thread in threads:
        thread.start()
    try:
        while not stop.is_set():
            try:
                asyncio.run(run_jobs(stop))
            except Exception:  # whatever it was, tomorrow's retries must not depend on it
                LOG.exception("The jobs stopped; they start again in %s s", AGAIN_AFTER_S)
                stop.wait(AGAIN_AFTER_S)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def allocate_until(stop: threading.Event) -> None:
    """Run the waves whose turn it is, looking every second; a database that is away is waited for."""
    lost = 0
    while not stop.wait(LOOK_EVERY_S * min(2**lost, 16) if lost else LOOK_EVERY_S):
        try:
            while not stop.is_set():
                report = run_next(now=datetime.now(UTC), limit=WAVE, ending=stop.is_set)
                if report is None or report.wave_id is None or report.outcomes.lost == report.outcomes.orders:
                    break  # nothing to do, or others have them; look again in a second
            lost = 0
        except Error as error:
            lost = min(lost + 1, 4)
            LOG.warning("No wave: %s", error)
        except Exception:
            lost = min(lost + 1, 4)
            LOG.exception("A wave failed; its orders are tried again")
        finally:
            close_old_connections()
    connection.close()


async def run_jobs(stop: threading.Event) -> None:
    """Work on background and periodic jobs until told to stop."""
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as jobs:  # type: ignore[attr-defined]
        async with jobs.open_async():
            runner = asyncio.create_task(_runner(jobs))
            while not stop.is_set() and not runner.done():
                await asyncio.sleep(0.2)
            runner.cancel()
            try:
                await runner
            except asyncio.CancelledError:
                if not stop.is_set():
                    raise


async def _runner(jobs: App) -> None:
    await jobs.run_worker_async(
        install_signal_handlers=False, shutdown_graceful_timeout=30, delete_jobs="successful", concurrency=1
    )


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: stop.set())
    return stop
