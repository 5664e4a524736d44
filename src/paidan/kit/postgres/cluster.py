"""One PostgreSQL cluster of our own: started by whoever needs it first, shared by all, stopped on request."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from paidan.kit.postgres import access, launch, locks
from paidan.kit.postgres.account import account_of, server_account
from paidan.kit.postgres.binaries import environment, installation, major_version
from paidan.kit.postgres.errors import ClusterError
from paidan.kit.postgres.places import PORT, Places
from paidan.kit.postgres.postmaster import forget_dead_postmaster, postmaster_pid
from paidan.kit.postgres.progress import Progress, to_stderr
from paidan.kit.postgres.tuning import server_settings
from paidan.kit.postgres.wording import N_, worded

DATABASE = "paidan"
# The recovery of a big cluster on a slow disk; giving up earlier would only mean to wait again.
START_LIMIT_S = 3600.0
STOP_LIMIT_S = 600.0


@dataclass(frozen=True)
class Status:
    """What `db status` tells: `state` is absent, stopped, starting (or stopping, or recovering) or running."""

    state: str
    folder: Path
    sockets: Path
    pid: int | None
    version: str | None


class Cluster:
    """The server whose data lie in `folder`; making this object touches nothing."""

    def __init__(
        self,
        folder: Path | str,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = to_stderr,
    ) -> None:
        """`settings` add to or replace our server settings at the next start; `say` gets the waiting messages."""
        self.places = Places(Path(folder).absolute())
        self.durable = durable
        self.settings = dict(settings or {})
        self.say = say
        self._was_up = False

    def connection_settings(self, dbname: str = DATABASE, *, superuser: bool = False) -> dict[str, Any]:
        """What psycopg.connect needs; starts nothing."""
        role = access.SUPERVISOR if superuser else access.ROLE
        return {"host": str(self.places.sockets), "port": PORT, "user": role, "dbname": dbname}

    def dsn(self, dbname: str = DATABASE) -> str:
        """The same as one string, for tools that want a string."""
        return psycopg.conninfo.make_conninfo(**self.connection_settings(dbname))

    def start(self, limit_s: float = START_LIMIT_S) -> None:
        """Return when the server answers; create, start, or wait for a start or a recovery that is under way."""
        self.places.make()
        with self._alone():
            self.places.stopped.unlink(missing_ok=True)
        self._bring_up(limit_s)
        with self._alone():
            self._ensure_role()
        self._was_up = True

    def revive(self) -> None:
        """Start for a process that needs a connection now, unless somebody stopped the server under its hands."""
        if self._was_up and self.places.stopped.exists():
            raise ClusterError("stopped")
        self.start()

    def note_connected(self) -> None:
        """A connection was made without our help: from now on an explicit stop is to be respected."""
        self._was_up = True

    def stop(self, limit_s: float = STOP_LIMIT_S) -> bool:
        """Stop the server in order, ending its sessions; false when none was running."""
        places = self.places
        if not places.folder.exists() or not locks.is_held(places.server_lock):
            return False
        with self._alone():
            places.stopped.touch(mode=0o600)
        progress = Progress(N_("waiting for the database to stop, %(seconds)s s so far"), places.log, limit_s, self.say)
        asked: int | None = None
        while locks.is_held(places.server_lock):
            pid = postmaster_pid(places)
            if pid is not None and pid != asked:
                os.kill(pid, signal.SIGINT)
                asked = pid
            if not progress.wait():
                raise ClusterError("still_stopping", waited=round(limit_s), file=places.log)
        places.forget_sockets()
        return True

    def status(self) -> Status:
        """Look without changing anything."""
        version = self._data_version()
        alive = locks.is_held(self.places.server_lock)
        if version is None:
            state = "absent"
        elif not alive:
            state = "stopped"
        else:
            state = "running" if self._answers() else "starting"
        pid = postmaster_pid(self.places) if alive else None
        return Status(state, self.places.folder, self.places.sockets, pid, version)

    def ensure_database(self, dbname: str = DATABASE) -> None:
        """Create the application's database if it is not there."""
        with self._supervisor() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone()
            if found is None:
                make = sql.SQL("CREATE DATABASE {} OWNER {}")
                # Another process may be at the same.
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(make.format(sql.Identifier(dbname), sql.Identifier(access.ROLE)))

    def drop_databases(self, prefix: str) -> None:
        """Drop all databases whose names begin like this, whoever is connected."""
        with self._supervisor() as connection:
            found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            for (dbname,) in found.fetchall():
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(dbname)))

    def shell(self, dbname: str = DATABASE, *, superuser: bool = False) -> int:
        """Hand the terminal to psql, started server included; its exit code."""
        self.start()
        self.ensure_database()
        there = psycopg.conninfo.make_conninfo(**self.connection_settings(dbname, superuser=superuser))
        terminal = {name: os.environ[name] for name in ("TERM", "HOME", "LANG", "PAGER") if name in os.environ}
        surroundings = {**environment(installation()), **terminal}
        return subprocess.run([installation() / "bin" / "psql", there], env=surroundings, check=False).returncode

    def _alone(self) -> "AbstractContextManager[None]":
        waiting = N_("waiting for another process to start the database")
        return locks.held(self.places.start_lock, lambda: self.say(worded(waiting)))

    def _bring_up(self, limit_s: float) -> None:
        """Wait for the living server to answer or to end; where none lives, start one, once.

        The start lock is held for the launch only, not for the wait, so that `stop` can end even a long recovery.
        """
        started = False
        progress = Progress(N_("waiting for the database, %(seconds)s s so far"), self.places.log, limit_s, self.say)
        while not self._answers():
            with self._alone():
                started = self._launch_if_none_lives(started) or started
            if not progress.wait():
                raise ClusterError("still_starting", waited=round(limit_s), file=self.places.log)

    def _launch_if_none_lives(self, started: bool) -> bool:
        """Whether we launched; a second launch would only fail the same way, so the first one's end is reported."""
        handle = locks.open_lock(self.places.server_lock)
        try:
            if not locks.take(handle):
                return False
            if self.places.stopped.exists():
                raise ClusterError("stopped")
            if started:
                raise ClusterError("died", file=self.places.log, log=launch.log_tail(self.places))
            self._launch(handle)
            return True
        finally:
            os.close(handle)

    def _launch(self, server_lock: int) -> None:
        """Start a server, knowing (by its lock in our hand) that none lives."""
        places = self.places
        if not places.data.exists():
            self.say(worded(N_("creating the database")))
            launch.create(places, server_account())
        self._check_version()
        account = account_of(places.data.lstat().st_uid)
        places.make_sockets(account)
        forget_dead_postmaster(places)
        settings = {**server_settings(places.folder, durable=self.durable), **self.settings}
        launch.start(places, account, settings, server_lock)

    def _check_version(self) -> None:
        found = self._data_version()
        if found != str(major_version()):
            raise ClusterError("wrong_version", folder=self.places.data, found=found, ours=major_version())

    def _data_version(self) -> str | None:
        try:
            return (self.places.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def _answers(self) -> bool:
        """Ready means: a connection can be made and answers."""
        try:
            with self._supervisor() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _supervisor(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            **self.connection_settings("postgres", superuser=True), autocommit=True, connect_timeout=10
        )

    def _ensure_role(self) -> None:
        """The application's role: it makes databases and looks around, and is no superuser."""
        with self._supervisor() as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [access.ROLE]).fetchone() is None:
                role = sql.Identifier(access.ROLE)
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
                rights = "GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO {}"
                connection.execute(sql.SQL(rights).format(role))
