"""Under which circumstances a file is imported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from paidan.accounts.models import User

Progress = Callable[[int, int], None]
"""Told how many rows of how many are done."""


@dataclass(frozen=True)
class Run:
    """The clock, the person, whether everything is taken back at the end, and whom to tell how far it is."""

    now: datetime
    by: User | None
    dry_run: bool
    progress: Progress | None
