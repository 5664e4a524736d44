"""How many orders are expected: level, weekday, promotion, the part of today that is left."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from paidan.allocation.ahead.forecast import Past, Sale, foresee, parts_of_days, uplift_on, uplifts, weekdays

MONDAY = date(2026, 10, 5)
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)  # a Monday, four weeks later
EVENLY = np.full(24, 1 / 24)


def past(count_d, sales=(), uplift=None, hour_share=EVENLY):
    return Past(MONDAY, np.array(count_d, np.int64), tuple(sales), uplift or {}, hour_share)


def test_equal_days_go_on_equally_and_every_past_order_stands_for_the_same():
    found = foresee(past([100] * 28), NOON, 7)
    assert found.total == pytest.approx(700)
    assert found.level == pytest.approx(100)
    assert float((found.weight_d * 100).sum()) == pytest.approx(700)
    assert found.weight_d[-1] == pytest.approx(found.weight_d[13] * 2, rel=1e-6)  # a fortnight older: half as much


def test_recent_days_weigh_more():
    rising = foresee(past([100] * 14 + [200] * 14), NOON, 7)
    assert 150 < rising.level < 200


def test_weekends_are_told_from_working_days():
    week = [100, 100, 100, 100, 100, 300, 300]
    found = foresee(past(week * 4), NOON, 7)
    assert found.weekday_j[5] / found.weekday_j[0] > 2
    assert found.total == pytest.approx(sum(week), rel=0.05)
    friday_evening = foresee(past(week * 4), NOON + timedelta(days=4), 2)
    assert friday_evening is not None
    assert friday_evening.total > foresee(past(week * 4), NOON, 2).total


def test_weekday_factors_have_the_mean_one_and_a_single_day_is_not_believed_at_once():
    found = weekdays(past([100] * 6 + [400]), range(7), dict.fromkeys(range(7), 1.0))
    assert found.mean() == pytest.approx(1)
    assert 1 < found[6] / found[0] < 4


def test_what_today_has_gone_of_by_its_hours_is_not_expected_again():
    assert parts_of_days(past([]), NOON, 3) == pytest.approx([0.5, 1, 1, 0.5])
    evening = np.zeros(24)
    evening[20] = 1.0
    assert parts_of_days(past([], hour_share=evening), NOON.replace(hour=20, minute=30), 1) == pytest.approx([0.5, 0.5])


def test_a_promotions_days_are_not_ordinary_and_a_coming_one_is_expected_as_the_last_of_its_kind():
    sales = [
        Sale("d11-2025", MONDAY + timedelta(days=20), MONDAY + timedelta(days=21)),
        Sale("d11-2026", date(2026, 11, 4), date(2026, 11, 4)),
    ]
    counts = [100] * 20 + [500, 500] + [100] * 6
    plain = foresee(past(counts, sales[:1]), NOON, 7)
    assert plain.total == pytest.approx(700)
    assert plain.weight_d[20] == pytest.approx(plain.weight_d[19] / 5, rel=0.06)
    coming = foresee(past(counts, sales, {"d11": 5.0, "": 3.0}), NOON, 7)
    assert coming.total == pytest.approx(600 + 500)
    other = Sale("new-year", date(2026, 11, 4), date(2026, 11, 4))
    assert uplift_on(past(counts, [other], {"d11": 5.0, "": 3.0}), date(2026, 11, 4)) == 3.0
    assert uplift_on(past(counts), date(2026, 11, 4)) == 1.0


def test_an_uplift_is_a_promotions_day_beside_the_ordinary_days_before_it():
    sales = [
        Sale("618-2025", date(2025, 6, 16), date(2025, 6, 18)),
        Sale("618-2024", date(2024, 6, 18), date(2024, 6, 18)),
    ]

    def count_on(first, last):
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return {day: {2025: 300, 2024: 500}[day.year] if any(s.covers(day) for s in sales) else 100 for day in days}

    assert uplifts(sales, date(2025, 7, 1), count_on) == {"618": 4.0, "": 4.0}
    assert uplifts(sales, date(2025, 6, 18), count_on) == {"618": 5.0, "": 5.0}  # the newer one is not over
    assert uplifts(sales, date(2025, 7, 1), lambda _first, _last: {}) == {}


@pytest.mark.parametrize("counts", [[], [100] * 5, [0] * 22 + [100] * 6])
def test_too_few_days_foretell_nothing(counts):
    begun = Past(date(2026, 11, 2) - timedelta(days=len(counts)), np.array(counts, np.int64), (), {}, EVENLY)
    assert foresee(begun, NOON, 7) is None


def test_only_whole_days_before_the_moment_are_looked_at():
    counts = [100] * 21 + [900] * 7
    assert foresee(past(counts), NOON - timedelta(days=7), 7).total == pytest.approx(700)
