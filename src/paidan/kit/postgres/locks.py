"""File locks that the kernel lets go when their holder is gone, however it went."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_S = 0.05
FIRST_WORD_AFTER_S = 3.0


def open_lock(file: Path) -> int:
    """Open a lock file without following a link somebody may have put in its place."""
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def take(handle: int) -> bool:
    """Take the lock if it is free; never wait."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(file: Path) -> bool:
    """Whether some living process holds the lock."""
    if not file.exists():
        return False
    handle = open_lock(file)
    try:
        return not take(handle)
    finally:
        os.close(handle)


@contextmanager
def held(file: Path, say_waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock for a while; threads of one process exclude each other too, each opens the file anew."""
    handle = open_lock(file)
    began, told = time.monotonic(), False
    try:
        while not take(handle):
            if not told and time.monotonic() - began > FIRST_WORD_AFTER_S:
                say_waiting()
                told = True
            time.sleep(PAUSE_S)
        yield
    finally:
        os.close(handle)
