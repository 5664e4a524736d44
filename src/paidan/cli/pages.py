"""The web process: static files collected once, then the server."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

STAMP = ".collected-from"


def serve_pages(host: str, port: int, *, processes: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests in hand are finished."""
    collect_static()
    Granian(
        "paidan.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        workers_kill_timeout=30,
        respawn_failed_workers=True,
        websockets=False,
        log_access=bool(settings.DEBUG),
        log_level=LogLevels.info if settings.DEBUG else LogLevels.warning,
    ).serve()


def collect_static() -> None:
    """Hash and compress the static files into the data folder, unless that was done for exactly these."""
    if settings.DEBUG:
        return
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    wanted, stamp = fingerprint(), folder / STAMP
    with alone(folder / ".lock"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def fingerprint() -> str:
    """Of the packaged files: names, sizes and times."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = os.stat(storage.path(name))
            digest.update(f"{name} {file.st_size} {file.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Of several processes that start at once, one collects and the others wait."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
