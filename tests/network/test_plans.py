"""Planned ratios and capacities: which time it is, that each is put in force once, and what the log says of it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import make_promotion, make_team, make_user, make_warehouse

from paidan.accounts.models import ChangeLogEntry
from paidan.kit.errors import Refusal
from paidan.network.models import Plan, PlannedValue
from paidan.network.plans import (
    NO_LIMIT,
    NORMAL,
    apply_due,
    keep_as_normal,
    planned,
    promotion_key,
    set_planned,
    weekday_key,
)

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
DAY = timedelta(days=1)


def plan(kind, name, member, now=TUESDAY, **by_time):
    cells = {(member.pk, when.replace("_", ":")): value for when, value in by_time.items()}
    return set_planned(kind, name, cells, by=None, now=now)


def now_at(member, now):
    apply_due(now)
    member.refresh_from_db()
    return member.ratio, member.capacity


def test_a_weekday_counts_on_its_day_and_normal_on_the_others():
    gz = make_warehouse("gz", ratio=50, capacity=100)
    plan("warehouse", "ratio", gz, weekday_2=70)
    plan("warehouse", "capacity", gz, weekday_2=300)
    assert now_at(gz, TUESDAY) == (50, 100)
    assert now_at(gz, TUESDAY + DAY) == (70, 300)
    assert now_at(gz, TUESDAY + 2 * DAY) == (50, 100)


def test_a_weekday_is_that_of_the_work_day_in_the_warehouses_time_zone():
    gz = make_warehouse("gz", ratio=50, cutoff=time(16, 0))
    plan("warehouse", "ratio", gz, weekday_2=70)
    assert now_at(gz, datetime(2026, 11, 10, 7, 59, tzinfo=UTC))[0] == 50
    assert now_at(gz, datetime(2026, 11, 10, 8, 1, tzinfo=UTC))[0] == 70  # 16:01 in Shanghai: for Wednesday already
    utc = make_warehouse("utc", ratio=50, timezone="UTC")
    plan("warehouse", "ratio", utc, weekday_2=70)
    assert now_at(utc, datetime(2026, 11, 10, 23, 59, tzinfo=UTC))[0] == 50
    assert now_at(utc, datetime(2026, 11, 11, 0, 0, tzinfo=UTC))[0] == 70


def test_a_promotion_goes_before_the_weekday_and_ends_to_the_minute():
    gz = make_warehouse("gz", ratio=50)
    sale = make_promotion("1111", TUESDAY + timedelta(hours=3), hours=24)
    plan("warehouse", "ratio", gz, weekday_1=60, weekday_2=70, **{promotion_key(sale.pk).replace(":", "_"): 90})
    assert now_at(gz, TUESDAY)[0] == 60
    assert now_at(gz, sale.starts_at)[0] == 90
    assert now_at(gz, sale.ends_at - timedelta(seconds=1))[0] == 90
    assert now_at(gz, sale.ends_at)[0] == 70


def test_of_two_promotions_the_later_one_that_plans_something_counts():
    gz = make_warehouse("gz", ratio=50)
    long, short, empty = (make_promotion(f"p{n}", TUESDAY + n * DAY, hours=24 * (9 - 3 * n)) for n in range(3))
    for sale, ratio in ((long, 80), (short, 90)):
        plan("warehouse", "ratio", gz, **{f"promotion_{sale.pk}": ratio})
    assert now_at(gz, TUESDAY + timedelta(hours=1))[0] == 80
    assert now_at(gz, short.starts_at)[0] == 90
    assert now_at(gz, empty.starts_at)[0] == 90
    assert now_at(gz, short.ends_at)[0] == 80


def test_what_is_set_by_hand_stays_until_the_next_planned_time():
    gz = make_warehouse("gz", ratio=50)
    plan("warehouse", "ratio", gz, weekday_2=70)
    type(gz).objects.filter(pk=gz.pk).update(ratio=33)
    assert now_at(gz, TUESDAY + timedelta(hours=2))[0] == 33
    assert now_at(gz, TUESDAY + DAY)[0] == 70


def test_no_limit_can_be_planned_and_taken_back():
    t1 = make_team("t1", make_warehouse("gz"), capacity=40)
    plan("team", "capacity", t1, weekday_1=NO_LIMIT)
    t1.refresh_from_db()
    assert t1.capacity is None
    assert planned("team", "capacity") == {t1.pk: {NORMAL: 40, weekday_key(1): NO_LIMIT}}
    plan("team", "capacity", t1, weekday_1=None)
    t1.refresh_from_db()
    assert t1.capacity == 40
    assert not PlannedValue.objects.exists()


def test_a_team_of_no_warehouse_goes_by_the_houses_time_zone():
    free = make_team("free", ratio=1)
    plan("team", "ratio", free, weekday_2=5)
    assert now_at(free, datetime(2026, 11, 10, 15, 59, tzinfo=UTC))[0] == 1
    assert now_at(free, datetime(2026, 11, 10, 16, 0, tzinfo=UTC))[0] == 5


def test_each_time_is_put_in_force_once_and_logged_with_what_it_was_before():
    gz, lead = make_warehouse("gz", ratio=50), make_user("lead")
    applied = set_planned("warehouse", "ratio", {(gz.pk, weekday_key(1)): 60}, by=lead, now=TUESDAY)
    assert [(one.member, one.when, one.before, one.after) for one in applied] == [
        (gz, "weekday:1", {"ratio": 50}, {"ratio": 60})
    ]
    assert apply_due(TUESDAY) == []
    said = ChangeLogEntry.objects.order_by("id").values_list("action", "by", "before", "after")
    assert list(said) == [
        ("warehouse.planned", lead.pk, {"weekday:1": None}, {"weekday:1": 60, "value": "ratio"}),
        ("warehouse.plan_applied", None, {"ratio": 50}, {"ratio": 60, "when": "weekday:1"}),
    ]


def test_the_members_own_form_sets_what_is_normal():
    gz = make_warehouse("gz", ratio=50)
    plan("warehouse", "ratio", gz, weekday_2=70)
    gz.ratio = 40
    gz.save()
    keep_as_normal(gz, {"ratio": 40, "name": "South"})
    assert now_at(gz, TUESDAY + 2 * DAY)[0] == 40


@pytest.mark.parametrize(
    ("name", "when", "value", "code"),
    [
        ("ratio", NORMAL, None, "normal_missing"),
        ("ratio", "weekday:1", -1, "out_of_range"),
        ("ratio", "weekday:1", 10**7, "out_of_range"),
        ("capacity", "weekday:1", -2, "out_of_range"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place_and_nothing_is_kept(name, when, value, code):
    gz = make_warehouse("gz", ratio=50)
    cells = {(gz.pk, "weekday:0"): 5, (gz.pk, when): value}
    with pytest.raises(Refusal) as refused:
        set_planned("warehouse", name, cells, by=None, now=TUESDAY)
    assert (refused.value.code, refused.value.pointer) == (code, f"{gz.pk}/{when}")
    assert not Plan.objects.exists()


def test_a_promotion_that_is_thrown_away_takes_its_plan_with_it():
    gz = make_warehouse("gz", ratio=50)
    sale = make_promotion("1111", TUESDAY, hours=48)
    plan("warehouse", "ratio", gz, **{f"promotion_{sale.pk}": 90})
    gz.refresh_from_db()
    assert gz.ratio == 90
    sale.delete()
    assert now_at(gz, TUESDAY + timedelta(minutes=1))[0] == 50


@settings(max_examples=25)
@given(
    st.dictionaries(st.integers(0, 6), st.integers(0, 100), max_size=7),
    st.lists(st.integers(0, 14 * 24 * 60), min_size=1, max_size=12),
)
def test_whenever_it_is_looked_at_the_value_is_that_of_the_day(by_weekday, minutes):
    """Late, early, several days left out: the last look decides."""
    PlannedValue.objects.all().delete()
    Plan.objects.all().delete()
    gz = make_warehouse(f"gz{timezone.now().timestamp()}", ratio=50)
    set_planned(
        "warehouse",
        "ratio",
        {(gz.pk, weekday_key(day)): ratio for day, ratio in by_weekday.items()},
        by=None,
        now=TUESDAY,
    ) if by_weekday else None
    for minute in sorted(minutes):
        now = TUESDAY + timedelta(minutes=minute)
        weekday = (now + timedelta(hours=8)).weekday()
        assert now_at(gz, now)[0] == by_weekday.get(weekday, 50)
