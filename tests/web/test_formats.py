"""Numbers, money, moments and spans in both languages, as the table in the design of the pages has them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from paidan.web import formats
from paidan.web.masking import mask_address, mask_name, mask_phone

NOW = datetime(2026, 11, 11, 6, 32, tzinfo=UTC)  # 14:32 in Shanghai, a Wednesday
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _shanghai():
    with timezone.override(SHANGHAI):
        yield


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=SHANGHAI)


def both(function, *arguments, **named):
    written = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            written.append(function(*arguments, **named))
    return tuple(written)


def test_counts_have_thousands_and_a_real_minus():
    assert formats.count(48_213) == "48,213"
    assert formats.count(-1_658) == "−1,658"
    assert formats.count(0) == "0"
    assert formats.count(None) == "—"
    assert both(formats.short_count, 60_000) == ("6 万", "60k")
    assert both(formats.short_count, 1_250_000) == ("125 万", "1.2M")


def test_money_drops_cents_where_they_do_not_matter():
    assert formats.money(120_400) == "¥1,204"
    assert formats.money(680) == "¥6.80"
    assert formats.amount(21_780) == "217.80"
    assert formats.money_change(1_780) == "+¥17.80"
    assert formats.money_change(-165_800) == "−¥1,658"
    assert formats.money(500, "JPY") == "¥500"
    assert formats.money(None) == "—"


def test_moments_are_short_and_the_year_is_written_only_across_years():
    assert both(formats.moment, at(11, "16:00"), now=NOW) == ("16:00", "16:00")
    assert both(formats.moment, at(12, "00:30"), now=NOW) == ("明 00:30", "Thu 00:30")
    assert both(formats.moment, at(10, "23:10"), now=NOW) == ("昨 23:10", "Tue 23:10")
    assert both(formats.moment, at(13, "09:00"), now=NOW) == ("11-13", "13 Nov")
    assert both(formats.day, date(2027, 1, 2), today=date(2026, 11, 11)) == ("2027-01-02", "2 Jan 2027")
    week = (date(2026, 11, 4), date(2026, 11, 10))
    assert both(formats.day_range, *week, today=date(2026, 11, 11)) == ("11-04 至 11-10", "4–10 Nov")


def test_time_left_is_h_mm_and_lateness_is_rounded_to_the_bad_side():
    assert formats.left(88 * 60 + 59) == "1:28"
    assert both(formats.left, -41 * 60) == ("超 0:41", "−0:41")
    assert both(formats.left, -1) == ("超 0:01", "−0:01")


def test_spans_and_distances():
    assert both(formats.span, timedelta(minutes=42)) == ("42 分", "42 min")
    assert both(formats.span, 3 * 3600 + 12 * 60) == ("3 时 12 分", "3 h 12 min")
    assert formats.distance(122_400) == "122 km"
    assert formats.distance(4_500) == "4.5 km"
    assert formats.points(0.019) == "+1.9 pp"
    assert formats.percent(1.29) == "129%"


def test_personal_data_keeps_only_what_one_recognises_it_by():
    assert mask_name("王小明") == "王**"
    assert mask_name("Ann Smith") == "A***"
    assert mask_phone("138 1234 5678") == "138****5678"
    assert mask_phone("12345") == "****45"
    assert mask_address("珠江新城华夏路10号3栋402") == "珠江新城华夏路***"
    assert mask_address("10 Downing Street") == "***"
    assert mask_name("") == mask_phone("") == mask_address("") == ""
