"""Paidan's own PostgreSQL server: where it lives, who may enter, how it starts, recovers and stops."""

from paidan.kit.postgres.cluster import DATABASE, Cluster, Status
from paidan.kit.postgres.errors import ClusterError

__all__ = ["DATABASE", "Cluster", "ClusterError", "Status"]
