"""Where the parts of a cluster lie in its folder, and which of them belong to whom."""

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from paidan.kit.postgres.account import Account, user_name
from paidan.kit.postgres.errors import ClusterError

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# A Unix socket's whole path must fit into 103 bytes on macOS, 107 on Linux.
LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class Places:
    """The rooms of one cluster: the folder is the caller's, `data` and `run` are the server account's."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def run(self) -> Path:
        """The socket folder, or a link to a short one elsewhere where this path is too long for a socket."""
        return self.folder / "run"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def start_lock(self) -> Path:
        """Held while somebody starts or stops the server."""
        return self.folder / "start.lock"

    @property
    def server_lock(self) -> Path:
        """Inherited by the server and all its children: held exactly as long as one of them lives."""
        return self.folder / "server.lock"

    @property
    def stopped(self) -> Path:
        """Present after an explicit stop, so that long-running processes do not revive the server."""
        return self.folder / "stopped"

    @property
    def sockets(self) -> Path:
        """The folder a client connects to."""
        return self.run.readlink() if self.run.is_symlink() else self.run

    def make(self) -> None:
        """Create the cluster's folder for its owner alone; folders above it are created if missing, else untouched."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.folder.lstat()
        if owner.st_uid != os.geteuid():
            raise ClusterError("foreign_folder", folder=self.folder, owner=_name(owner.st_uid))
        if stat.S_IMODE(owner.st_mode) & 0o077:
            self.folder.chmod(0o700)

    def make_sockets(self, account: Account) -> None:
        """Make a socket folder that only the server account (and root) may enter; keep it when it is still good."""
        if _is_private(self.sockets, account):
            return
        if self.run.is_symlink():
            self.run.unlink()
        if len(os.fsencode(self.run / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            make_room(self.run, account)
            return
        # A fresh name each time: in a folder open to all, nobody can have taken it before us.
        elsewhere = Path(tempfile.mkdtemp(prefix="paidan-", dir=_short_folder()))
        make_room(elsewhere, account)
        self.run.symlink_to(elsewhere)

    def forget_sockets(self) -> None:
        """Leave nothing outside our folder when no server runs."""
        if self.run.is_symlink():
            with suppress(OSError):
                self.run.readlink().rmdir()
            self.run.unlink(missing_ok=True)


def make_room(folder: Path, account: Account) -> None:
    """Give a folder of ours to the server account, for it alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if account.lent:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _is_private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077


def _short_folder() -> str:
    """The user's own run-time folder where there is one, else the machine's common one."""
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return own if own and os.access(own, os.W_OK) and len(own) < 60 else "/tmp"


def _name(uid: int) -> str:
    try:
        return user_name(uid)
    except ClusterError:
        return str(uid)
