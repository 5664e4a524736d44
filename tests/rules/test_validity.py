from datetime import UTC, datetime, timedelta

import pytest

from paidan.rules.validity import applies_at

WEDNESDAY_8 = datetime(2026, 11, 11, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai on Wednesday, 11 November 2026."""
SALE = {"1111": (WEDNESDAY_8 - timedelta(hours=8), WEDNESDAY_8 + timedelta(hours=16))}


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"from": "2026-11-11T08:00:00+08:00"},
        {"until": "2026-11-11T08:00:01+08:00"},
        {"weekdays": ["wed"]},
        {"hours": ["08:00", "09:00"]},
        {"hours": ["22:00", "09:00"]},
        {"promotion": "1111"},
        {"weekdays": ["wed"], "hours": ["07:00", "09:00"], "promotion": "1111"},
        {"hours": ["00:00", "01:00"], "timezone": "UTC"},
    ],
)
def test_a_rule_applies_within_its_limits(limits):
    assert applies_at(limits, WEDNESDAY_8, SALE)


@pytest.mark.parametrize(
    "limits",
    [
        {"from": "2026-11-11T08:00:01+08:00"},
        {"until": "2026-11-11T08:00:00+08:00"},
        {"weekdays": ["thu", "fri"]},
        {"hours": ["09:00", "10:00"]},
        {"hours": ["07:00", "08:00"]},
        {"hours": ["22:00", "08:00"]},
        {"promotion": "618"},
        {"weekdays": ["wed"], "hours": ["09:00", "10:00"]},
        {"weekdays": ["tue"], "timezone": "UTC"},
    ],
)
def test_a_rule_sleeps_outside_any_of_its_limits(limits):
    assert not applies_at(limits, WEDNESDAY_8, SALE)


def test_a_promotion_that_is_over_ends_its_rules():
    assert not applies_at({"promotion": "1111"}, WEDNESDAY_8 + timedelta(hours=16), SALE)
