"""Paidan's own PostgreSQL server: where it lives, who may enter, how it starts, recovers and stops."""
