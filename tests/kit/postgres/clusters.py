"""What the tests of the supervisor share."""

import os

import psycopg
import pytest

from paidan.kit.postgres import Cluster

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def query(cluster: Cluster, statement: str, dbname: str = "postgres", **connect: object) -> object:
    """The first column of the only row."""
    with psycopg.connect(**{**cluster.connection_settings(dbname), **connect}, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
