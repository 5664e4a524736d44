"""What the operator may say through environment variables, read and checked; nothing here knows Django's settings."""

import os
from pathlib import Path
from typing import Any

import platformdirs
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}
ENGINE = "paidan.kit.postgres.backend"


def flag(name: str) -> bool:
    """A yes/no variable, off when unset; anything unclear is refused rather than guessed."""
    value = os.environ.get(name, "").strip().lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")
    return value in YES


def number(name: str, default: int) -> int:
    """A whole number, zero or more; anything else is refused rather than guessed."""
    value = os.environ.get(name, "").strip()
    if value and not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number.")
    return int(value) if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list without blanks."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def data_folder() -> Path:
    """Where this installation keeps its own things: PAIDAN_DATA, or the user's data folder."""
    named = os.environ.get("PAIDAN_DATA")
    return Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("paidan"))


def files_folder(otherwise: Path) -> Path:
    """Where files are exchanged with warehouses: PAIDAN_FILES, or `files` in the data folder."""
    named = os.environ.get("PAIDAN_FILES")
    return Path(named).expanduser().absolute() if named else otherwise / "files"


def database() -> dict[str, Any]:
    """Django's description of the one database: DATABASE_URL, or the embedded server in the data folder."""
    shared = {"ENGINE": ENGINE, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    url = os.environ.get("DATABASE_URL")
    if url:
        return {**shared, **server_of(url)}
    return {**shared, "NAME": "paidan", "USER": "paidan", "CLUSTER": str(data_folder() / "postgres")}


def server_of(url: str) -> dict[str, Any]:
    """Read a postgres:// address; the message of a refusal never repeats it, for it may hold a password."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgres:// or postgresql://, for example "
            "postgres://user:password@db.example.com:5432/paidan. Paidan runs on PostgreSQL 15 or later only; "
            "unset DATABASE_URL to let it run its own."
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        # libpq's own message quotes the address, password included.
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read as a PostgreSQL address; characters such as @ : / # in the password "
            "must be percent-encoded."
        ) from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database; put it after the last slash, as in …:5432/paidan.")
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    server: dict[str, Any] = {django: str(parts.pop(libpq)) for libpq, django in names.items() if libpq in parts}
    return {**server, "OPTIONS": parts}
