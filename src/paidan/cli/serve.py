"""`paidan serve`, `paidan web`, `paidan worker`: the processes of a running Paidan."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Annotated

import typer

from paidan.cli.app import app
from paidan.cli.database import use_database
from paidan.cli.language import gettext as _
from paidan.cli.output import say

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
PATIENCE_S = 40.0
AGAIN_AFTER_S = 2.0
PR_SET_PDEATHSIG = 1
CHILD = "from paidan.cli import main, serve; serve.end_with_parent(); main.main()"
HOPELESS_S = 5.0
"""What ends sooner than this would only end again: a port that is taken, a database that is not there."""

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Where to listen."))]
Host = Annotated[str, typer.Option("--host", help=_("The address to listen on; this machine only by default."))]
Processes = Annotated[int, typer.Option("--processes", min=1, help=_("Web processes."))]
Threads = Annotated[int, typer.Option("--threads", min=1, help=_("Requests each web process answers at a time."))]


@app.command(help=_("Serve the pages and run a worker, until stopped."))
def serve(port: Port = 8000, host: Host = "127.0.0.1", processes: Processes = 2, threads: Threads = 4) -> None:
    plain_on_loopback(host)
    use_database()
    web = ["web", "--port", str(port), "--host", host, "--processes", str(processes), "--threads", str(threads)]
    say(_("Paidan is at http://%(host)s:%(port)s/ – Ctrl-C stops it.") % {"host": shown(host), "port": port})
    raise typer.Exit(supervise({"web": [*web, "--quiet"], "worker": ["worker"]}))


@app.command(help=_("Serve the pages, until stopped. Run a worker beside it, here or elsewhere."))
def web(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    processes: Processes = 2,
    threads: Threads = 4,
    quiet: Annotated[bool, typer.Option("--quiet", hidden=True)] = False,
) -> None:
    plain_on_loopback(host)
    use_database()
    if not quiet:
        say(_("Paidan is at http://%(host)s:%(port)s/ – Ctrl-C stops it.") % {"host": shown(host), "port": port})
    from paidan.cli.pages import serve_pages

    serve_pages(host, port, processes=processes, threads=threads)


@app.command(help=_("Allocate what waits and run the jobs that are due, until stopped. Any number may run."))
def worker() -> None:
    use_database()
    from paidan.cli.worker import stop_on_signals, work

    work(stop_on_signals())


def plain_on_loopback(host: str) -> None:
    """Nobody else can listen in on this machine's own loopback, and no proxy means nobody else brings TLS."""
    if host in LOOPBACK and not os.environ.get("PAIDAN_BEHIND_PROXY"):
        os.environ.setdefault("PAIDAN_PLAIN_HTTP", "1")


def shown(host: str) -> str:
    return "localhost" if host in LOOPBACK else f"[{host}]" if ":" in host else host


def supervise(commands: Mapping[str, list[str]]) -> int:
    """Run these commands of ours as processes, start again what dies, and stop all of them together."""
    stop = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda _number, _frame: stop.set())
    running = {name: start(arguments) for name, arguments in commands.items()}
    began = dict.fromkeys(running, time.monotonic())
    while not stop.wait(0.3):
        for name, process in running.items():
            if process.poll() is None:
                continue
            if time.monotonic() - began[name] < HOPELESS_S:
                say(_("%(name)s ended with %(code)s right after its start; see above.") % said_of(name, process))
                stop_all(list(running.values()))
                return process.returncode or 1
            say(_("%(name)s ended with %(code)s and is started again.") % said_of(name, process))
            if not stop.wait(AGAIN_AFTER_S):
                running[name], began[name] = start(commands[name]), time.monotonic()
    return stop_all(list(running.values()))


def said_of(name: str, process: "subprocess.Popen[bytes]") -> dict[str, object]:
    return {"name": name, "code": process.returncode}


def start(arguments: list[str]) -> "subprocess.Popen[bytes]":
    """One of our own commands, in a session of its own so that a Ctrl-C reaches it through us and once."""
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], start_new_session=True)


def end_with_parent() -> None:
    """Have the kernel stop this process should its supervisor be killed; where it cannot, the process lives on."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def stop_all(processes: "list[subprocess.Popen[bytes]]") -> int:
    """Ask all to stop, wait, and end by force what does not; 0 when all went in peace."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    until, forced = time.monotonic() + PATIENCE_S, False
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            forced = True
            process.kill()
            process.wait()
    return 1 if forced else 0
