from datetime import UTC, datetime

import pytest

from paidan.kit.formats import duration, kilometres, moment, money


@pytest.mark.parametrize(
    ("minor", "text"),
    [(0, "¥0.00"), (5, "¥0.05"), (120_450, "¥1,204.50"), (-165_800, "−¥1,658.00"), (None, "—")],
)
def test_money_has_its_mark_its_separators_and_a_real_minus(minor, text):
    assert money(minor) == text


def test_other_money_is_called_by_its_code():
    assert money(100, "USD") == "USD 1.00"


@pytest.mark.parametrize(
    ("metres", "text"), [(1_067_499, "1,067 km"), (1_067_500, "1,068 km"), (9_940, "9.9 km"), (None, "—"), (-1, "—")]
)
def test_distances_are_whole_kilometres_unless_near(metres, text):
    assert kilometres(metres) == text


def test_a_moment_is_told_by_the_clock_of_its_place():
    at = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
    assert moment(at) == "2026-11-11 00:30"
    assert moment(at, "Europe/Berlin") == "2026-11-10 17:30"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(90, "2 min", "2 分"), (11_520, "3 h 12 min", "3 时 12 分"), (None, "—", "—")],
)
def test_spans_are_minutes_then_hours(seconds, english, chinese):
    assert duration(seconds, chinese=False) == english
    assert duration(seconds, chinese=True) == chinese
