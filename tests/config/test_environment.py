"""What the operator says is understood, or refused in words that help and keep secrets."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from paidan.config.environment import data_folder, database, flag, server_of, words
from paidan.config.secret_key import secret_key


def test_a_database_address_is_read_whole() -> None:
    url = "postgres://kate:p%40ss@db.example.com:6543/orders?sslmode=require&application_name=paidan"
    assert server_of(url) == {
        "NAME": "orders",
        "USER": "kate",
        "PASSWORD": "p@ss",
        "HOST": "db.example.com",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require", "application_name": "paidan"},
    }


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("mysql://u:geheim@h/db", "must begin with postgres://"),
        ("sqlite:///paidan.db", "PostgreSQL 15 or later only"),
        ("postgres://u:geheim@h:nan/db?nonsense=1", "percent-encoded"),
        ("postgres://u:geheim@h:5432/", "names no database"),
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_its_password(url: str, remedy: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        server_of(url)
    assert remedy in str(refusal.value)
    assert "geheim" not in str(refusal.value)


def test_without_an_address_the_database_is_our_own_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PAIDAN_DATA", str(tmp_path))
    assert database()["CLUSTER"] == str(tmp_path / "postgres")
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/orders")
    assert "CLUSTER" not in database()


def test_the_data_folder_may_be_relative_or_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_DATA", "here")
    assert data_folder() == Path.cwd() / "here"
    monkeypatch.setenv("PAIDAN_DATA", "~/there")
    assert data_folder() == Path.home() / "there"


def test_a_flag_is_yes_or_no_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAIDAN_DEBUG", raising=False)
    assert flag("PAIDAN_DEBUG") is False
    monkeypatch.setenv("PAIDAN_DEBUG", "Yes")
    assert flag("PAIDAN_DEBUG") is True
    monkeypatch.setenv("PAIDAN_DEBUG", "ture")
    with pytest.raises(ImproperlyConfigured, match="PAIDAN_DEBUG is 'ture'; write 1 or 0"):
        flag("PAIDAN_DEBUG")


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_HOSTS", "a.example.com, b.example.com,")
    assert words("PAIDAN_HOSTS") == ["a.example.com", "b.example.com"]


def test_the_secret_key_is_made_once_for_its_owner_alone_however_many_ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAIDAN_SECRET_KEY", raising=False)
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: secret_key(tmp_path / "data"), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_a_given_secret_key_is_used_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAIDAN_SECRET_KEY", "given")
    assert secret_key(tmp_path / "data") == "given"
    assert not (tmp_path / "data").exists()
