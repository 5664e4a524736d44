"""What the first command does with a database: it fills an empty one and upgrades nobody else's unasked."""

import os
import subprocess
import sys
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection
from psycopg import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def url():
    """The address of an empty database beside the tests' own."""
    settings = connection.get_connection_params()
    name = f"{settings['dbname']}_door"
    server = {key: str(settings[key]) for key in ("host", "port", "user", "password") if settings.get(key)}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as beside:
        beside.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        beside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"postgresql:///{name}?{urlencode(server)}"
        beside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def paidan(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PAIDAN_LANG": "en", "DATABASE_URL": url}
    command = [sys.executable, "-c", "from paidan.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=300, check=False)


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as door:
        door.execute(statement)


def test_an_empty_database_is_filled_and_one_of_another_age_is_left_alone(url):
    first = paidan("shop", "list", "--json", url=url)
    assert (first.returncode, first.stdout.strip()) == (0, "[]")
    assert "Preparing the database" in first.stderr

    execute(url, "DELETE FROM django_migrations WHERE app = 'allocation' AND name LIKE '0002%'")
    older = paidan("shop", "list", "--json", url=url)
    assert older.returncode == 3
    assert "paidan migrate" in older.stdout

    execute(url, "INSERT INTO django_migrations (app, name, applied) VALUES ('allocation', '9999_later', now())")
    newer = paidan("shop", "list", url=url)
    assert newer.returncode == 3
    assert "newer Paidan" in newer.stderr


def test_a_database_somebody_else_runs_is_not_started_or_stopped(url):
    stopped = paidan("db", "stop", url=url)
    assert stopped.returncode == 1
    assert "DATABASE_URL" in stopped.stderr
