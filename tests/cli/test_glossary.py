"""The glossary says what the commands say."""

from pathlib import Path

import pytest

from paidan.allocation.states import AllocationState
from paidan.cli import language, texts
from paidan.engine.codes import Reason
from paidan.orders.states import OrderState

GLOSSARY = (Path(__file__).resolve().parent.parent.parent / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.fixture(params=[language.ENGLISH, language.CHINESE])
def spoken(request):
    language.speak(request.param)
    yield
    language.speak(language.ENGLISH)


@pytest.mark.usefixtures("spoken")
def test_every_reason_has_its_word():
    for reason in Reason:
        if reason:
            row = next(line for line in GLOSSARY.splitlines() if line.startswith(f"| `{reason.code}` |"))
            assert f"| {texts.reason_word(reason.code)} |" in row


@pytest.mark.usefixtures("spoken")
def test_every_state_has_its_word():
    for state in OrderState:
        assert f"| {texts.order_state_word(state.code)} |" in GLOSSARY
    for step in AllocationState:
        assert f"| {texts.allocation_state_word(step.code)} |" in GLOSSARY
