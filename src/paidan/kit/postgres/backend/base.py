"""Django's PostgreSQL backend, which sees to it that our own server runs before the first connection.

A database described with CLUSTER (a folder) and no HOST is ours; any other description goes through untouched.
"""

from functools import cached_property
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresqlWrapper

from paidan.kit.postgres.backend.features import DatabaseFeatures
from paidan.kit.postgres.cluster import DATABASE, Cluster


class DatabaseWrapper(PostgresqlWrapper):
    """Connects; when that fails for want of the server or of its database, provides them and connects again."""

    features_class = DatabaseFeatures

    @cached_property
    def cluster(self) -> Cluster | None:
        """Our own server, if it is one; decided at the first connection, for tests describe theirs after set-up."""
        folder = self.settings_dict.get("CLUSTER")
        return Cluster(folder, durable=self.settings_dict.get("DURABLE", True)) if folder else None

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters, with the socket folder as it is now: a restart may have moved it."""
        params: dict[str, Any] = super().get_connection_params()
        if self.cluster:
            params.update(self.cluster.connection_settings(params["dbname"]))
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Try first, so that a running server costs nothing; then see what was missing."""
        if self.cluster is None:
            return super().get_new_connection(conn_params)
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            self.cluster.revive()
            if conn_params["dbname"] == DATABASE:
                self.cluster.ensure_database()
            connection = super().get_new_connection(self.get_connection_params())
        self.cluster.note_connected()
        return connection
