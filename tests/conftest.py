"""Every test runs on a real PostgreSQL: one of our own in .test-db/, or the one DATABASE_URL names.

The server is kept between runs for speed, its databases are not. Several runs may share it: each has databases of
its own name, and the last one out stops it.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone, translation

from paidan.kit.postgres import Cluster, ClusterError

FOLDER = Path(__file__).resolve().parent.parent / ".test-db"
RUN = "PAIDAN_TEST_RUN"
USERS = pytest.StashKey[int]()
# Machines are shared and slow at times: no test has a time limit of its own.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Name this run's database and, in the controlling process, have the server up before any worker starts."""
    run = os.environ.setdefault(RUN, str(os.getpid()))
    database: dict[str, Any] = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = f"test_paidan_{run}"
    os.environ.setdefault("PAIDAN_SECRET_KEY", "of-no-worth-outside-the-tests-" * 2)
    # The tests' client speaks plain http.
    settings.SECURE_SSL_REDIRECT = False
    if "DATABASE_URL" in os.environ:
        return
    database.update(CLUSTER=str(FOLDER / "postgres"), DURABLE=False)
    # A test that was given up leaves its statement running in the server, and whoever comes next waits for its locks.
    options = database.setdefault("OPTIONS", {})
    options["options"] = f"{options.get('options', '')} -c statement_timeout=150s -c lock_timeout=60s".strip()
    if not hasattr(config, "workerinput"):
        config.stash[USERS] = join(cluster())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave; whoever turns out to be the last one stops the server."""
    users = config.stash.get(USERS, None)
    if users is not None:
        leave(users, cluster())
        os.environ.pop(RUN, None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once why a test failed: a run that is cut off later prints no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stdout.write(f"\n{report.when} of {report.nodeid} failed:\n{report.longreprtext[-4000:]}\n")
        sys.stdout.flush()


@pytest.fixture(autouse=True)
def _nobody_has_been_here() -> None:
    """A request leaves its language and time zone behind; every test begins without."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def database_url(transactional_db: None) -> str:  # noqa: ARG001 - it is there to make the database
    """The address of this test's database, for processes of their own (rows must be committed to be seen there)."""
    at = connection.get_connection_params()
    account = quote(at.get("user", ""), safe="") + (f":{quote(at['password'], safe='')}" if at.get("password") else "")
    return f"postgres://{account}@:{at.get('port', 5432)}/{at['dbname']}?host={quote(str(at.get('host', '')), safe='')}"


def cluster() -> Cluster:
    """The test server: fast and forgetful."""
    return Cluster(FOLDER / "postgres", durable=False, say=lambda _text: None)


def join(server: Cluster) -> int:
    """Count ourselves in; the first one in clears away what a killed run left."""
    FOLDER.mkdir(exist_ok=True)
    users = os.open(FOLDER / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if alone(users):
        start_clean(server)
    fcntl.flock(users, fcntl.LOCK_SH)
    server.start()
    return users


def leave(users: int, server: Cluster) -> None:
    """Count ourselves out."""
    if alone(users):
        server.stop()
    os.close(users)


def alone(users: int) -> bool:
    """Whether no other run uses the server."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start_clean(server: Cluster) -> None:
    """Start on the kept data without old databases, or on none where they cannot be used any more."""
    try:
        server.start()
        server.drop_databases("test_")
    except ClusterError:
        server.stop()
        shutil.rmtree(server.places.folder, ignore_errors=True)
