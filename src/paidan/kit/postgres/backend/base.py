"""Django's PostgreSQL backend, which sees to it that the embedded server runs before the first connection."""

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresqlWrapper


class DatabaseWrapper(PostgresqlWrapper):
    """The stock backend, for now."""
