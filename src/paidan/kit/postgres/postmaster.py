"""The server's process number: read from its file, and believed only when that process really is our server."""

import os
import subprocess
from pathlib import Path

from paidan.kit.postgres.places import SOCKET_NAME, Places

PID_FILE = "postmaster.pid"


def postmaster_pid(places: Places) -> int | None:
    """The living server's process number, or nothing: numbers are used again, so the process itself is looked at."""
    pid = _noted_pid(places.data / PID_FILE)
    return pid if pid is not None and _is_our_server(pid, places.data) else None


def forget_dead_postmaster(places: Places) -> None:
    """Remove what a killed server left, for a caller who holds the server's lock and so knows that it is dead.

    PostgreSQL would take any living process with the noted number for the server and refuse to start. A server
    somebody started by hand in this folder holds no lock of ours, so a real one is looked for even here.
    """
    if postmaster_pid(places) is None:
        (places.data / PID_FILE).unlink(missing_ok=True)
        (places.sockets / SOCKET_NAME).unlink(missing_ok=True)
        (places.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)


def _noted_pid(file: Path) -> int | None:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as opened:
        first = opened.readline(32).strip()
    return int(first) if first.isdigit() and int(first) > 1 else None


def _is_our_server(pid: int, data: Path) -> bool:
    """Every server works inside its data folder; where the kernel does not show that, its name must do."""
    proc = Path("/proc") / str(pid)
    if proc.parent.joinpath("self").exists():
        try:
            return proc.joinpath("cwd").stat().st_ino == data.stat().st_ino and _comm(proc) == "postgres"
        except OSError:
            return False
    answer = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return Path(answer.stdout.strip()).name == "postgres"


def _comm(proc: Path) -> str:
    return proc.joinpath("comm").read_text(encoding="utf-8", errors="replace").strip()
