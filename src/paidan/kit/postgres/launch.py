"""Run PostgreSQL's programs as the server account, with its folders handed in as open handles.

For root, the account may be unable to walk to the data folder, because a folder above it is closed (root's home is).
A folder that is handed in open needs no walking: the programs get it as /proc/self/fd/N, and nobody's permissions are
changed.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from paidan.kit.postgres import access
from paidan.kit.postgres.account import Account
from paidan.kit.postgres.binaries import environment, programs_for
from paidan.kit.postgres.errors import ClusterError
from paidan.kit.postgres.locale import character_type
from paidan.kit.postgres.places import Places, make_room

HANDLES = Path("/proc/self/fd")
LOG_KEPT_BYTES = 10_000_000
LOG_TAIL_LINES = 12
# Read last by the server, so what an administrator writes there wins over our own settings.
SETTINGS_FILE = "postgresql.conf"
OUR_SETTINGS_FILE = "paidan.conf"

# Children whose object we keep, so that they are reaped when they end and Python does not complain meanwhile.
_children: list[subprocess.Popen[bytes]] = []


def create(places: Places, account: Account) -> None:
    """Make the data folder; under another name until it is complete, so that what is there is always whole."""
    draft = places.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    make_room(draft, account)
    programs = programs_for(account)
    with _opened(draft, account) as (path, handles):
        command = [str(programs / "bin" / "initdb"), "--pgdata", path, "--username", access.SUPERVISOR]
        command += ["--encoding=UTF8", "--locale=C", f"--lc-ctype={character_type()}"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        made = _run(command, account, programs, handles)
    if made.returncode != 0:
        raise ClusterError("not_made", folder=places.folder, log=(made.stderr or made.stdout).strip())
    settings = f"# Your own settings; they win over {OUR_SETTINGS_FILE}, which Paidan writes anew at each start.\n"
    _write(draft, account, SETTINGS_FILE, f"{settings}include '{OUR_SETTINGS_FILE}'\n")
    _write(draft, account, "pg_hba.conf", access.HBA)
    draft.rename(places.data)


def start(places: Places, account: Account, settings: Mapping[str, str], server_lock: int) -> None:
    """Start the server detached from us; it and all its children hold `server_lock` from now on."""
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    _write(places.data, account, OUR_SETTINGS_FILE, "".join(lines))
    _write(places.data, account, "pg_ident.conf", access.ident())
    programs = programs_for(account)
    with ExitStack() as stack:
        data, data_handles = stack.enter_context(_opened(places.data, account))
        sockets, socket_handles = stack.enter_context(_opened(places.sockets, account))
        log = stack.enter_context(_log(places.log))
        command = [str(programs / "bin" / "postgres"), "-D", data, "-c", f"unix_socket_directories={sockets}"]
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment(programs),
            start_new_session=True,
            pass_fds=[*data_handles, *socket_handles, server_lock],
            **_as(account),
        )
    _children[:] = [earlier for earlier in _children if earlier.poll() is None]
    _children.append(child)


def log_tail(places: Places) -> str:
    """The last lines of the server's log, for a message that has to explain."""
    try:
        with places.log.open("rb") as file:
            file.seek(max(0, places.log.stat().st_size - 8192))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


@contextmanager
def _opened(folder: Path, account: Account) -> Iterator[tuple[str, list[int]]]:
    """The path a program can use for this folder, and the handles it must inherit for that."""
    if not account.lent:
        yield str(folder), []
        return
    if not HANDLES.is_dir():
        raise ClusterError("root_needs_proc")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield str(HANDLES / str(handle)), [handle]
    finally:
        os.close(handle)


@contextmanager
def _log(file: Path) -> Iterator[int]:
    """The log, opened by us, so the server account needs no right to the folder; the last big one is kept."""
    if file.exists() and file.stat().st_size > LOG_KEPT_BYTES:
        file.replace(file.with_suffix(".log.1"))
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _write(folder: Path, account: Account, name: str, text: str) -> None:
    """Write a file as the account itself: root writing into a folder of another user could be led astray by a link."""
    subprocess.run(
        ["/bin/sh", "-c", f"umask 077; cat > {name}.new && mv {name}.new {name}"],
        input=text.encode(),
        cwd=folder,
        check=True,
        **_as(account),
    )


def _run(
    command: list[str], account: Account, programs: Path, handles: list[int]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(programs),
        pass_fds=handles,
        umask=0o077,
        **_as(account),
    )


def _as(account: Account) -> dict[str, Any]:
    """What tells `subprocess` to become the account; nothing when that is ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account.lent else {}
