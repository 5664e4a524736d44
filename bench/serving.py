"""A Paidan of its own on loopback, as `paidan web` serves it, and clients that keep their connection."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

START = "from paidan.cli.main import main; main()"


@contextmanager
def served(processes: int = 2, threads: int = 4) -> Iterator[int]:
    """The port of a running server on the data folder of this process; stopped at the end."""
    port = _free_port()
    command = [sys.executable, "-c", START, "web", "--quiet", "--port", str(port)]
    command += ["--processes", str(processes), "--threads", str(threads)]
    environment = {**os.environ, "PAIDAN_PLAIN_HTTP": "1", "PAIDAN_API_CALLS": "1000000"}
    process = subprocess.Popen(command, env=environment, stdout=sys.stderr)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError as error:
            if process.poll() is not None:
                raise RuntimeError("the server ended") from error
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


class Caller:
    """One program on one connection."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def post(self, path: str, body: bytes) -> Any:
        """The answer, which must be good."""
        try:
            self.connection.request("POST", f"/api/v1{path}", body, self.headers)
            answer = self.connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # Idle for long, as while the server compiled its engine: the server has closed it.
            self.connection.close()
            self.connection.request("POST", f"/api/v1{path}", body, self.headers)
            answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {content[:300]!r}")
        return json.loads(content)
