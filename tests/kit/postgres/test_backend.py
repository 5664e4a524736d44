"""Django starts our server when it first needs it, and not before."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kit.postgres.clusters import query

from paidan.kit.postgres import Cluster

CONNECT = "from django.db import connection as c; "
ASK = "k = c.cursor(); k.execute('SELECT current_database()'); print(*k.fetchone())"
QUERY = CONNECT + ASK


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder that is not there yet."""
    yield tmp_path / "data"
    Cluster(tmp_path / "data" / "postgres").stop()


def python(home: Path, code: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a process that has set Django up with this data folder."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    surroundings = {**kept, "PAIDAN_DATA": str(home), "DJANGO_SETTINGS_MODULE": "paidan.config.settings", **variables}
    command = [sys.executable, "-c", f"import django; django.setup(); {code}"]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


def test_setting_django_up_starts_and_creates_nothing(home: Path) -> None:
    assert python(home, "pass").returncode == 0
    assert not home.exists()


def test_the_first_query_finds_a_server_and_the_database(home: Path) -> None:
    first = python(home, QUERY)
    assert (first.stdout, first.returncode) == ("paidan\n", 0), first.stderr
    pid = Cluster(home / "postgres").status().pid
    assert python(home, QUERY).stdout == "paidan\n"
    assert Cluster(home / "postgres").status().pid == pid


def test_a_process_finds_the_server_again_after_it_was_killed(home: Path) -> None:
    kill = (
        "import os, signal; from pathlib import Path; from paidan.kit.postgres.postmaster import postmaster_pid; "
        "c.close(); os.kill(postmaster_pid(c.cluster.places), signal.SIGKILL); "
    )
    answer = python(home, QUERY + "; " + kill + ASK)
    assert answer.stdout == "paidan\npaidan\n", answer.stderr


def test_a_process_says_so_when_the_server_was_stopped_under_its_hands(home: Path) -> None:
    stop = "c.close(); from paidan.kit.postgres import Cluster; Cluster(c.cluster.places.folder).stop(); "
    answer = python(home, QUERY + "; " + stop + ASK)
    assert answer.stdout == "paidan\n"
    assert "The database was stopped by “paidan db stop”." in answer.stderr
    assert Cluster(home / "postgres").status().state == "stopped"


def test_another_server_is_used_as_it_is(home: Path, cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_database("elsewhere")
    url = f"postgres://paidan@:5432/elsewhere?host={cluster.places.sockets}"
    answer = python(home, QUERY, DATABASE_URL=url)
    assert answer.stdout == "elsewhere\n", answer.stderr
    assert not home.exists()


def test_a_server_that_is_too_old_is_refused(home: Path, cluster: Cluster) -> None:
    """An old server is not at hand; the one we have must be too old for a requirement from the future."""
    cluster.start()
    assert query(cluster, "SHOW server_version_num") < "190000"  # type: ignore[operator]
    future = (
        "from paidan.kit.postgres.backend.features import DatabaseFeatures as F; F.minimum_database_version = (19,); "
    )
    url = f"postgres://paidan@:5432/postgres?host={cluster.places.sockets}"
    answer = python(home, future + QUERY, DATABASE_URL=url)
    assert "PostgreSQL 19 or later is required (found 18" in answer.stderr
