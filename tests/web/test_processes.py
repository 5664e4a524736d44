"""`paidan serve` as an operator runs it: pages and a worker, a clean stop."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.builders import make_order

from paidan.orders.models import Order
from paidan.orders.states import OrderState

PATIENCE_S = 300.0
"""The engine compiles itself at its first wave, which takes minutes on a busy machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer_of(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def until(found, patience_s: float = PATIENCE_S) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_serve_answers_allocates_what_waits_and_stops_cleanly(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    order = make_order()
    environment = {**os.environ, "DATABASE_URL": database_url, "PAIDAN_DATA": str(tmp_path), "PAIDAN_LANG": "en"}
    program = [sys.executable, "-c", "from paidan.cli.main import main; main()", "serve", "--port", str(port)]
    log = tmp_path / "log"
    with log.open("w") as out:
        serving = subprocess.Popen([*program, "--processes", "1"], env=environment, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        assert until(lambda: answer_of(f"{address}/readyz")[0] == 200), log.read_text()
        assert answer_of(f"{address}/healthz") == (200, "ok")
        status, page = answer_of(f"{address}/account/sign-in/")
        assert status == 200
        hashed = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert len(hashed.split(".")) >= 3, "static files have hashed names"
        assert answer_of(address + hashed)[0] == 200
        # There are no rules, so the worker's answer is that the order cannot be allocated.
        assert until(lambda: Order.objects.get(pk=order.pk).state == OrderState.UNALLOCATED), log.read_text()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0, log.read_text()
        assert answer_of(f"{address}/healthz")[0] == 0
    finally:
        if serving.poll() is None:
            serving.kill()
            serving.wait()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_running_when_the_supervisor_is_killed(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "PAIDAN_DATA": str(tmp_path), "PAIDAN_LANG": "en"}
    program = [sys.executable, "-c", "from paidan.cli.main import main; main()", "serve", "--port", str(port)]
    serving = subprocess.Popen([*program, "--processes", "1"], env=environment, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answer_of(f"http://127.0.0.1:{port}/healthz")[0] == 200)
    finally:
        serving.kill()
        serving.wait()
    assert until(lambda: answer_of(f"http://127.0.0.1:{port}/healthz")[0] == 0, 60)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_serve_gives_up_when_its_port_is_taken(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "PAIDAN_DATA": str(tmp_path), "PAIDAN_LANG": "en"}
    program = [sys.executable, "-c", "from paidan.cli.main import main; main()", "serve"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*program, "--port", port], env=environment, capture_output=True, timeout=90, check=False
        )
    assert ended.returncode != 0
