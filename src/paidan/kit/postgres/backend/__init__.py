"""The Django database backend "paidan.kit.postgres.backend"."""
