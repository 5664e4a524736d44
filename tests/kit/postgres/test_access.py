"""Nobody but the owner gets in, and nothing above the data folder is touched."""

import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.kit.postgres.clusters import only_root, query

from paidan.kit.postgres import Cluster, ClusterError, account, binaries
from paidan.kit.postgres.places import SOCKET_NAME

STRANGER = 65533


@pytest.fixture
def open_house() -> Iterator[Cluster]:
    """A cluster whose folders and socket somebody has opened to all, so that only its own door is left to hold."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    made = Cluster(folder / "pg", durable=False, settings={"unix_socket_permissions": "0777"}, say=lambda _text: None)
    made.start()
    made.places.folder.chmod(0o755)
    made.places.run.chmod(0o755)
    yield made
    made.stop()
    shutil.rmtree(folder)


def answer_as(uid: int, question: Callable[[], str]) -> str:
    """Ask in a child process that has become another user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.write(writer, question().encode())
        except BaseException as error:
            os.write(writer, f"failed: {error!r}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as answer:
        return answer.read().decode()


def knock(cluster: Cluster) -> str:
    """Connect to the socket, as far as the file system lets us."""
    door = socket.socket(socket.AF_UNIX)
    try:
        door.connect(str(cluster.places.run / SOCKET_NAME))
    except OSError as error:
        return type(error).__name__
    return "open"


def log_in(cluster: Cluster, user: str) -> str:
    """Connect to the server, as far as it lets us."""
    try:
        psycopg.connect(**{**cluster.connection_settings("postgres"), "user": user}).close()
    except psycopg.OperationalError as error:
        return str(error)
    return "in"


@only_root
def test_another_user_cannot_reach_the_socket(cluster: Cluster) -> None:
    cluster.start()
    assert knock(cluster) == "open"
    assert answer_as(STRANGER, lambda: knock(cluster)) == "PermissionError"


@only_root
@pytest.mark.parametrize("role", ["paidan", "paidan_supervisor"])
def test_another_user_is_refused_by_the_server_even_when_every_folder_is_open(open_house: Cluster, role: str) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    assert log_in(open_house, role) == "in"
    assert answer_as(nobody, lambda: knock(open_house)) == "open"
    assert "Peer authentication failed" in answer_as(nobody, lambda: log_in(open_house, role))


@only_root
def test_another_user_cannot_read_the_data_or_the_log(cluster: Cluster) -> None:
    cluster.start()

    def read(file: Path) -> str:
        try:
            return file.read_text()
        except OSError as error:
            return type(error).__name__

    assert read(cluster.places.data / "PG_VERSION") == "18\n"
    for file in (cluster.places.data / "PG_VERSION", cluster.places.log):
        assert answer_as(STRANGER, lambda file=file: read(file)) == "PermissionError"  # type: ignore[misc]


@only_root
def test_root_runs_the_server_as_an_account_that_is_not_root(cluster: Cluster) -> None:
    cluster.start()
    assert Path(f"/proc/{cluster.status().pid}").stat().st_uid == account.server_account().uid != 0


@only_root
def test_no_folder_above_the_cluster_is_changed_and_its_rooms_are_closed(tmp_path: Path) -> None:
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    before = [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in (above, *above.parents)]
    cluster = Cluster(above / "data" / "postgres", durable=False, say=lambda _text: None)
    cluster.start()
    try:
        assert query(cluster, "SELECT 1") == 1
        assert [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder, _, _ in before] == before
        for room in (above / "data", cluster.places.folder, cluster.places.data, cluster.places.run):
            assert room.stat().st_mode & 0o077 == 0
    finally:
        cluster.stop()


@only_root
def test_a_folder_of_another_user_is_refused_with_the_remedy(cluster: Cluster) -> None:
    cluster.places.folder.mkdir()
    os.chown(cluster.places.folder, 1, 1)
    with pytest.raises(ClusterError) as refusal:
        cluster.start()
    assert refusal.value.code == "foreign_folder"
    assert "daemon" in str(refusal.value)
    assert "PAIDAN_DATA" in str(refusal.value)


@only_root
@pytest.mark.parametrize(
    ("name", "code"), [("nobody", "unfit_account"), ("root", "unfit_account"), ("no-such-user", "unknown_account")]
)
def test_an_account_that_others_can_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> None:
    monkeypatch.setenv("PAIDAN_DB_ACCOUNT", name)
    with pytest.raises(ClusterError) as refusal:
        account.server_account()
    assert refusal.value.code == code


@only_root
def test_programs_out_of_the_accounts_reach_are_copied_to_where_only_root_writes(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = binaries.installation().parent
    hidden = tmp_path / "hidden" / package.name / "pginstall"
    shutil.copytree(package / "pginstall", hidden, symlinks=True)
    shutil.copytree(package.with_suffix(".libs"), tmp_path / "hidden" / f"{package.name}.libs")
    copies = Path(tempfile.mkdtemp())
    copies.chmod(0o755)
    monkeypatch.setattr(binaries, "installation", lambda: hidden)
    monkeypatch.setattr(binaries, "COPIES", copies)
    try:
        cluster.start()
        assert query(cluster, "SELECT 1") == 1
        running = Path(f"/proc/{cluster.status().pid}/exe").readlink()
        assert running.is_relative_to(copies)
        assert not any(path.stat().st_mode & 0o022 for path in copies.rglob("*"))
    finally:
        cluster.stop()
        shutil.rmtree(copies)


def test_the_server_does_not_listen_on_the_network(cluster: Cluster) -> None:
    cluster.start()
    assert query(cluster, "SHOW listen_addresses") == ""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**{**cluster.connection_settings("postgres"), "host": "127.0.0.1"})


def test_the_applications_role_is_no_superuser(cluster: Cluster) -> None:
    cluster.start()
    assert query(cluster, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(cluster, "SELECT pg_read_file('/etc/hostname')")
