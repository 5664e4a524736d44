"""The folders files are exchanged in, and writing and moving files so that nobody ever sees half of one."""

import os
import re
from pathlib import Path

from django.conf import settings

from paidan.network.models import Warehouse

PLAIN = re.compile(r"[\w-][\w.-]{0,39}")
"""Codes that may be a folder's name as they are; nothing that leads out of the folder of all."""
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
OUT, IN, DONE, REJECTED = "out", "in", "done", "rejected"


def folder_of(warehouse: Warehouse) -> Path:
    name = warehouse.code if PLAIN.fullmatch(warehouse.code) else f"warehouse-{warehouse.pk}"
    return Path(settings.FILES) / name


def make_folders(warehouse: Warehouse) -> Path:
    """The warehouse's folder with its four; only we and our group get in, for the files hold addresses."""
    base = folder_of(warehouse)
    for name in (OUT, IN, DONE, REJECTED):
        (base / name).mkdir(mode=0o770, parents=True, exist_ok=True)
    return base


def write_whole(path: Path, body: bytes) -> None:
    """Write beside, then rename: whoever looks sees all of it or nothing, also after a crash."""
    beside = path.with_name(f".{path.name}.tmp")
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(0o660)
    beside.replace(path)


def arrived(folder: Path, *, before: float) -> list[Path]:
    """The files that have come, oldest first; those still being written or younger than `before` are left alone."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        hidden = path.name.startswith((".", "~")) or path.name.lower().endswith(UNFINISHED)
        if not hidden and path.is_file() and not path.is_symlink() and path.stat().st_mtime <= before:
            found.append((path.stat().st_mtime, path.name, path))
    return [path for _at, _name, path in sorted(found)]


def free_name(path: Path) -> Path:
    """This name, or with a number behind it: no file is ever written over."""
    at, wanted = 1, path
    while path.exists():
        path = wanted.with_name(f"{wanted.stem}-{at}{wanted.suffix}")
        at += 1
    return path
