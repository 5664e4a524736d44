"""Clusters of their own for the tests of the supervisor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from paidan.kit.postgres import Cluster


@pytest.fixture
def said() -> list[str]:
    """What the cluster of this test told while it waited."""
    return []


@pytest.fixture
def cluster(tmp_path: Path, said: list[str]) -> Iterator[Cluster]:
    """A cluster that does not exist yet. (pytest's folders are closed to others, so for root this is the hard case.)"""
    made = Cluster(tmp_path / "postgres", durable=False, say=said.append)
    yield made
    made.stop()
