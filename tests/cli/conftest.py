"""A command line as people use it: what it prints, what it says, how it ends; in either language."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import translation

from paidan.cli import language
from paidan.cli.main import run


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Paidan = Callable[..., Answer]


@pytest.fixture
def paidan(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Paidan]:
    """Run `paidan …` in this process; English unless told otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "PAIDAN_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAIDAN_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "en")

    def command(*arguments: object, lang: str = "en") -> Answer:
        capfd.readouterr()
        code = run(["--lang", lang, *map(str, arguments)])
        printed = capfd.readouterr()
        return Answer(code, printed.out, printed.err)

    yield command
    language.speak(language.ENGLISH)
    translation.deactivate()
