"""A cluster is created, shared, stopped, and found again."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.kit.postgres.clusters import query

from paidan.kit.postgres import Cluster, ClusterError


def supervisor(command: str, folder: Path) -> "subprocess.Popen[str]":
    """The supervisor in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "paidan.kit.postgres", command, str(folder)], stderr=subprocess.PIPE, text=True
    )


def test_a_cluster_that_was_never_there_is_absent_and_looking_creates_nothing(cluster: Cluster) -> None:
    assert cluster.status().state == "absent"
    assert cluster.stop() is False
    assert not cluster.places.folder.exists()


def test_start_creates_what_is_missing_and_answers(cluster: Cluster) -> None:
    cluster.start()
    assert query(cluster, "SELECT 1") == 1
    assert cluster.status().state == "running"
    assert cluster.status().pid is not None


def test_starting_twice_changes_nothing(cluster: Cluster) -> None:
    cluster.start()
    before = cluster.status()
    cluster.start()
    assert cluster.status() == before


def test_stop_leaves_no_process_and_start_finds_the_data_again(cluster: Cluster) -> None:
    cluster.start()
    pid = cluster.status().pid
    assert pid is not None
    with psycopg.connect(**cluster.connection_settings("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE kept")
    assert cluster.stop() is True
    assert cluster.status().state == "stopped"
    assert not is_running(pid)
    cluster.start()
    assert query(cluster, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1


def test_stop_ends_open_sessions(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(**cluster.connection_settings("postgres")) as connection:
        connection.execute("SELECT 1")
        assert cluster.stop() is True
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_processes_that_start_at_once_share_one_server(cluster: Cluster) -> None:
    folder = cluster.places.folder
    starters = [supervisor("start", folder) for _ in range(4)]
    for starter in starters:
        _, complaint = starter.communicate(timeout=60)
        assert starter.returncode == 0, complaint
    assert cluster.places.log.read_text().count("starting PostgreSQL") == 1
    assert query(cluster, "SELECT count(*) FROM pg_database WHERE datname = 'paidan'") == 1


def test_the_server_outlives_its_starter_and_its_terminal(cluster: Cluster) -> None:
    assert supervisor("start", cluster.places.folder).wait(60) == 0
    pid = cluster.status().pid
    assert pid is not None
    assert os.getsid(pid) == pid


def test_a_process_that_was_connected_respects_an_explicit_stop_and_a_new_one_starts_the_server(
    cluster: Cluster,
) -> None:
    cluster.start()
    Cluster(cluster.places.folder).stop()
    with pytest.raises(ClusterError) as refusal:
        cluster.revive()
    assert refusal.value.code == "stopped"
    Cluster(cluster.places.folder, durable=False).revive()
    cluster.revive()
    assert cluster.status().state == "running"


def test_the_locale_is_the_same_on_every_machine_and_chinese_can_be_searched(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_database("locale")
    locale = "SELECT format('%s %s %s', datlocprovider, datlocale, pg_encoding_to_char(encoding)) FROM pg_database"
    assert query(cluster, f"{locale} WHERE datname = 'locale'") == "b C.UTF-8 UTF8"
    assert query(cluster, "SHOW data_checksums") == "on"
    with psycopg.connect(**cluster.connection_settings("locale"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    assert query(cluster, "SELECT cardinality(show_trgm('广州市天河区'))", "locale") == 7


def test_real_data_are_durable_and_only_test_data_are_not(tmp_path: Path, cluster: Cluster) -> None:
    durable = Cluster(tmp_path / "durable", say=lambda _text: None)
    try:
        durable.start()
        assert [query(durable, f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on", "on"]
    finally:
        durable.stop()
    cluster.start()
    assert query(cluster, "SHOW fsync") == "off"


def test_an_administrators_own_settings_win(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    with (cluster.places.data / "postgresql.conf").open("a") as settings:
        settings.write("work_mem = '7MB'\n")
    cluster.start()
    assert query(cluster, "SHOW work_mem") == "7MB"


def test_a_path_too_long_for_a_socket_works_and_leaves_nothing_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("long " * 20) / ("数据" * 20) / "postgres"
    cluster = Cluster(folder, durable=False, say=lambda _text: None)
    cluster.start()
    try:
        sockets = cluster.places.sockets
        assert query(cluster, "SELECT 1") == 1
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    finally:
        cluster.stop()
    assert not sockets.exists()


def test_a_socket_folder_that_was_swept_away_is_made_anew(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / ("long" * 30) / "postgres", durable=False, say=lambda _text: None)
    cluster.start()
    cluster.stop()
    cluster.places.run.symlink_to("/tmp/paidan-swept-away")
    cluster.start()
    try:
        assert query(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()


def is_running(pid: int) -> bool:
    """Whether it is a process and not the memory of one."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
