"""What is left by a kill, a reboot or an upgrade is recovered, or refused with a remedy."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.kit.postgres.clusters import only_root, query

from paidan.kit.postgres import DATABASE, Cluster, ClusterError, locks, progress
from paidan.kit.postgres.postmaster import PID_FILE

A_MEBIBYTE_OF_ROWS = 1024


def kill(cluster: Cluster) -> None:
    """Kill the server as the kernel would when memory runs out, and wait until its children noticed."""
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while locks.is_held(cluster.places.server_lock):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def write_rows(cluster: Cluster, mebibytes: int) -> None:
    """Rows that do not compress, a kibibyte each."""
    cluster.ensure_database()
    with psycopg.connect(**cluster.connection_settings(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS wal (id bigint GENERATED ALWAYS AS IDENTITY, filler text)")
        connection.execute("ALTER TABLE wal ALTER filler SET STORAGE PLAIN")
        connection.execute(
            "INSERT INTO wal (filler) SELECT repeat(md5(n::text), 31) FROM generate_series(1, %s) AS n",
            [mebibytes * A_MEBIBYTE_OF_ROWS],
        )


@pytest.fixture
def sleeper(cluster: Cluster) -> "Iterator[subprocess.Popen[bytes]]":
    """A living process of the server's own account that has nothing to do with it."""
    cluster.start()
    owner = cluster.places.data.stat()
    become = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    process = subprocess.Popen(["sleep", "300"], **become)  # type: ignore[call-overload]
    yield process
    process.kill()
    process.wait()


def test_committed_rows_survive_a_kill(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres", say=lambda _text: None)
    cluster.start()
    try:
        write_rows(cluster, 2)
        kill(cluster)
        assert cluster.status().state == "stopped"
        cluster.start()
        assert query(cluster, "SELECT count(*) FROM wal", DATABASE) == 2 * A_MEBIBYTE_OF_ROWS
    finally:
        cluster.stop()


def test_a_pid_file_whose_number_now_belongs_to_another_process_is_no_obstacle(
    cluster: Cluster, sleeper: "subprocess.Popen[bytes]"
) -> None:
    kill(cluster)
    pid_file = cluster.places.data / PID_FILE
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(sleeper.pid), *lines[1:]]) + "\n")
    assert cluster.status().pid is None
    cluster.start()
    assert query(cluster, "SELECT 1") == 1
    assert sleeper.poll() is None


def test_stopping_never_signals_a_process_that_only_has_the_number(
    cluster: Cluster, sleeper: "subprocess.Popen[bytes]"
) -> None:
    pid_file = cluster.places.data / PID_FILE
    genuine = pid_file.read_text()
    pid_file.write_text("\n".join([str(sleeper.pid), *genuine.splitlines()[1:]]) + "\n")
    with pytest.raises(ClusterError) as refusal:
        cluster.stop(limit_s=0.5)
    assert refusal.value.code == "still_stopping"
    assert sleeper.poll() is None
    pid_file.write_text(genuine)


def test_an_interrupted_creation_is_begun_again(cluster: Cluster) -> None:
    half = cluster.places.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    cluster.start()
    assert query(cluster, "SELECT 1") == 1


def test_data_of_another_version_are_refused_before_the_server_touches_them(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.places.data / "PG_VERSION").write_text("16\n")
    before = cluster.places.log.read_text()
    with pytest.raises(ClusterError) as refusal:
        cluster.start()
    assert refusal.value.code == "wrong_version"
    assert "PostgreSQL 16" in str(refusal.value)
    assert "version 18" in str(refusal.value)
    assert cluster.places.log.read_text() == before


def test_a_server_that_cannot_start_is_reported_at_once_with_its_own_words(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    with (cluster.places.data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'plenty'\n")
    began = time.monotonic()
    with pytest.raises(ClusterError) as refusal:
        cluster.start()
    assert refusal.value.code == "died"
    assert 'invalid value for parameter "shared_buffers": "plenty"' in str(refusal.value)
    assert time.monotonic() - began < 10


def test_an_impatient_caller_is_told_that_the_server_goes_on(cluster: Cluster) -> None:
    cluster.start()
    pid = cluster.status().pid
    assert pid is not None
    kill(cluster)
    with pytest.raises(ClusterError) as refusal:
        cluster.start(limit_s=0)
    assert refusal.value.code == "still_starting"
    cluster.start()
    assert query(cluster, "SELECT 1") == 1


@only_root
def test_a_zombie_is_not_taken_for_the_server(cluster: Cluster) -> None:
    """The starter has not reaped its killed child: the number still answers to signals."""
    cluster.start()
    pid = cluster.status().pid
    kill(cluster)
    assert pid is not None
    os.kill(pid, 0)
    assert cluster.status().state == "stopped"
    cluster.start()
    assert query(cluster, "SELECT 1") == 1


@pytest.mark.slow
def test_a_gigabyte_of_log_is_recovered_after_a_kill(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER_S", 0.5)
    no_checkpoint = {"checkpoint_timeout": "1d", "max_wal_size": "8GB", "autovacuum": "off"}
    cluster = Cluster(tmp_path / "postgres", settings=no_checkpoint, say=said.append)
    cluster.start()
    try:
        begin = query(cluster, "SELECT redo_lsn FROM pg_control_checkpoint()")
        write_rows(cluster, 1024)
        written = query(cluster, f"SELECT pg_current_wal_lsn() - '{begin}'")
        assert written > 2**30  # type: ignore[operator]
        kill(cluster)
        cluster.start()
        assert query(cluster, "SELECT count(*) FROM wal", DATABASE) == 1024 * A_MEBIBYTE_OF_ROWS
        assert query(cluster, "SELECT count(DISTINCT filler) FROM wal", DATABASE) == 1024 * A_MEBIBYTE_OF_ROWS
        assert "redo done" in cluster.places.log.read_text()
        assert any("waiting for the database" in text for text in said)
    finally:
        cluster.stop()
