import pytest

from paidan.cli.language import CHINESE, ENGLISH, chosen_language
from paidan.cli.main import _without_globals


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("PAIDAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_english_is_spoken_where_nothing_says_otherwise():
    assert chosen_language([]) == ENGLISH


@pytest.mark.parametrize("name", ["LANG", "LC_ALL", "PAIDAN_LANG"])
def test_a_chinese_environment_makes_chinese_answers(environment, name):
    environment.setenv(name, "zh_CN.UTF-8")
    assert chosen_language([]) == CHINESE


def test_lc_all_wins_over_lang(environment):
    environment.setenv("LANG", "zh_CN.UTF-8")
    environment.setenv("LC_ALL", "C")
    assert chosen_language([]) == ENGLISH


def test_paidan_lang_wins_over_the_terminal(environment):
    environment.setenv("LC_ALL", "zh_CN.UTF-8")
    environment.setenv("PAIDAN_LANG", "en")
    assert chosen_language([]) == ENGLISH


@pytest.mark.parametrize("arguments", [["--lang", "zh-Hans", "order"], ["order", "list", "--lang=zh-Hans"]])
def test_the_option_wins_over_everything_wherever_it_stands(environment, arguments):
    environment.setenv("PAIDAN_LANG", "en")
    assert chosen_language(arguments) == CHINESE


@pytest.mark.usefixtures("environment")
def test_what_follows_two_dashes_is_text_not_an_option():
    assert chosen_language(["address", "--", "--lang", "zh"]) == ENGLISH
    assert _without_globals(["address", "--", "--debug"]) == (["address", "--", "--debug"], False)


def test_global_options_are_taken_out_of_the_line_wherever_they_stand():
    line = ["--lang", "en", "order", "--debug", "list", "--lang=en"]
    assert _without_globals(line) == (["order", "list"], True)
