"""Waiting has a limit and a voice."""

from pathlib import Path

import pytest

from paidan.kit.postgres import progress
from paidan.kit.postgres.progress import Progress

LOG = (
    "2026-01-01 00:00:00.000 UTC [7] LOG:  database system was interrupted; last known up at 2025-12-31\n"
    "2026-01-01 00:00:04.000 UTC [7] LOG:  redo in progress, elapsed time: 4.00 s, current LSN: 0/5A3B2C8\n"
)


def test_a_long_wait_says_what_it_waits_for_and_how_far_the_recovery_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER_S", 0)
    (tmp_path / "server.log").write_text(LOG)
    said: list[str] = []
    assert Progress("waiting, %(seconds)s s so far", tmp_path / "server.log", 60, said.append).wait()
    assert said == ["waiting, 0 s so far (redo in progress, elapsed time: 4.00 s, current LSN: 0/5A3B2C8)"]


def test_a_short_wait_says_nothing_and_a_limit_ends_it(tmp_path: Path) -> None:
    said: list[str] = []
    wait = Progress("waiting, %(seconds)s s so far", tmp_path / "no.log", 0.05, said.append)
    rounds = 1
    while wait.wait():
        rounds += 1
    assert 1 < rounds < 4
    assert said == []
