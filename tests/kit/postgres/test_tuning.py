"""Settings suit the machine, small or large."""

from pathlib import Path
from typing import NamedTuple

import pytest

from paidan.kit.postgres import tuning
from paidan.kit.postgres.tuning import GIB, MIB, memory_bytes, server_settings


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("memory", "shared"), [(1 * GIB, "128MB"), (4 * GIB, "512MB"), (256 * GIB, "1024MB")])
def test_shared_buffers_are_an_eighth_of_the_memory_up_to_a_gibibyte(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, memory: int, shared: str
) -> None:
    monkeypatch.setattr(tuning, "memory_bytes", lambda: memory)
    assert server_settings(tmp_path, durable=True)["shared_buffers"] == shared


def test_a_container_counts_with_its_own_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(tuning, "CGROUP_LIMITS", (str(tmp_path / "absent"), str(limit)))
    limit.write_text("max\n")
    machine = memory_bytes()
    limit.write_text(f"{machine // 2}\n")
    assert memory_bytes() == machine // 2
    limit.write_text(f"{machine * 2}\n")
    assert memory_bytes() == machine


def test_a_disk_nearly_full_gets_a_shorter_log_and_small_shared_memory_is_spared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tuning.shutil, "disk_usage", lambda _folder: Disk(64 * MIB, 0, 64 * MIB))
    settings = server_settings(tmp_path, durable=True)
    assert settings["max_wal_size"] == "1024MB"
    assert settings["dynamic_shared_memory_type"] == ("mmap" if Path("/dev/shm").is_dir() else "posix")
