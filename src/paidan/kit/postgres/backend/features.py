"""What the database must be able to do for Paidan."""

from django.db.backends.postgresql.features import DatabaseFeatures as PostgresqlFeatures


class DatabaseFeatures(PostgresqlFeatures):
    """PostgreSQL as Django knows it, from the oldest version our statements are tested with."""

    minimum_database_version = (15,)
