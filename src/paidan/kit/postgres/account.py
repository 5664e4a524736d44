"""The operating-system account the server runs as: ourselves, or, for root, one that nobody else can be."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

from paidan.kit.postgres.errors import ClusterError

DEDICATED = "paidan"
# "postgres" exists to run databases: whoever can become it is already trusted with them. The accounts below are
# shared by unrelated services, any of which could read the data or stop the server.
EXISTING = "postgres"
SHARED = {"nobody", "daemon", "bin", "sys", "www-data", "games", "mail"}
FIRST_PERSON = 1000


@dataclass(frozen=True)
class Account:
    """Who the server is on this machine; `lent` when we are root and it is somebody else."""

    name: str
    uid: int
    gid: int
    lent: bool


def server_account() -> Account:
    """Ourselves, or for root: PAIDAN_DB_ACCOUNT, the account `paidan` (made when missing), `postgres`."""
    if os.geteuid() != 0:
        return Account(user_name(os.geteuid()), os.geteuid(), os.getegid(), lent=False)
    named = os.environ.get("PAIDAN_DB_ACCOUNT")
    if named:
        return _named(named)
    entry = _dedicated() or _made() or _entry(EXISTING)
    if entry is None:
        raise ClusterError("no_account")
    return _lent(entry)


def account_of(uid: int) -> Account:
    """The account that owns existing data; it goes on running them whatever was chosen since."""
    if uid == os.geteuid():
        return Account(user_name(uid), uid, os.getegid(), lent=False)
    try:
        return _lent(pwd.getpwuid(uid))
    except KeyError:
        raise ClusterError("nameless_user", uid=uid) from None


def user_name(uid: int) -> str:
    """The name PostgreSQL will know this user by."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise ClusterError("nameless_user", uid=uid) from None


def _named(name: str) -> Account:
    entry = _entry(name)
    if entry is None:
        raise ClusterError("unknown_account", account=name)
    if entry.pw_uid == 0 or name in SHARED:
        raise ClusterError("unfit_account", account=name)
    return _lent(entry)


def _dedicated() -> pwd.struct_passwd | None:
    """Our own account, unless a person happens to have that name: theirs is not ours to use unasked."""
    entry = _entry(DEDICATED)
    return entry if entry and 0 < entry.pw_uid < FIRST_PERSON else None


def _made() -> pwd.struct_passwd | None:
    """Create the account; two that try at once, or a read-only /etc, are no error here."""
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None or _entry(DEDICATED):
        return None
    shell = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run([*command, "--shell", shell, DEDICATED], capture_output=True, check=False)
    return _dedicated()


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _lent(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, lent=True)
