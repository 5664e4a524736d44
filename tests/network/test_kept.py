"""Terms kept in memory: any change of theirs, and nothing else, has them read again."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from tests.builders import (
    GUANGZHOU,
    NOW,
    make_day_off,
    make_freight,
    make_order,
    make_promotion,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.network.columns import lasting_network, network_at, shops_by_id
from paidan.network.kept import Kept, terms_mark
from paidan.network.models import CalendarDay, FreightRate, Promotion, Shop, Team, Warehouse
from paidan.rules.models import Rule, RuleSetVersion
from paidan.rules.queries import published_rules
from paidan.rules.services import publish_rules
from paidan.web.live import KEPT, mark_of, note_change, prune_marks
from paidan.web.models import ChangeMark

pytestmark = pytest.mark.django_db
RULE = {"id": "r", "when": {}, "then": {"strategies": ["nearest"]}}


@pytest.fixture
def terms():
    """One of everything that orders are decided on."""
    gz, shop = make_warehouse("gz", **GUANGZHOU), make_shop("jd")
    make_team("t1", gz, [shop])
    make_freight(gz)
    make_day_off(gz, NOW.date())
    make_promotion()
    publish_rules([RULE], now=NOW)


def seen():
    """What callers make of the terms, as plain values."""
    network, rules = network_at(NOW), published_rules(NOW)
    return {
        "ratios": [(warehouse.code, warehouse.ratio) for warehouse in network.warehouses],
        "work days": network.warehouse_columns.work_day_w.tolist(),
        "teams": [(team.code, team.capacity) for team in network.teams],
        "team columns": (network.team_columns.capacity_t.tolist(), network.team_columns.shops_t),
        "freight": network.freight_columns.first_minor_f.tolist(),
        "shops": {shop.code: shop.ship_within_h for shop in shops_by_id().values()},
        "rules": (rules.version and rules.version.number, [rule.id for rule in rules.rules]),
    }


def only(model):
    return model.objects.filter(pk=model.objects.latest("pk").pk)


CHANGES = {
    "warehouse added": (lambda: make_warehouse("bj"), "ratios"),
    "warehouse changed": (lambda: only(Warehouse).update(ratio=7), "ratios"),
    "warehouse removed": (lambda: make_warehouse("bj").delete(), None),
    "day off added": (lambda: make_day_off(Warehouse.objects.get(), NOW.date() + timedelta(days=1)), "work days"),
    "day off changed": (lambda: CalendarDay.objects.update(working=True), "work days"),
    "day off removed": (lambda: CalendarDay.objects.all().delete(), "work days"),
    "team added": (lambda: make_team("t2"), "teams"),
    "team changed": (lambda: only(Team).update(capacity=3), "teams"),
    "team switched off": (lambda: only(Team).update(active=False), "teams"),
    "team's shop added": (lambda: Team.objects.get().shops.add(make_shop("jd2")), "team columns"),
    "team's shop removed": (lambda: Team.objects.get().shops.set([]), "team columns"),
    "freight added": (lambda: make_freight(Warehouse.objects.get(), "yto"), "freight"),
    "freight changed": (lambda: FreightRate.objects.update(first_minor=1), "freight"),
    "freight removed": (lambda: FreightRate.objects.all().delete(), "freight"),
    "shop added": (lambda: make_shop("tmall"), "shops"),
    "shop changed": (lambda: Shop.objects.update(ship_within_h=5), "shops"),
    "promotion added": (lambda: make_promotion("1212"), None),
    "promotion changed": (lambda: Promotion.objects.update(ends_at=NOW + timedelta(hours=1)), None),
    "promotion removed": (lambda: Promotion.objects.all().delete(), None),
    "rules published": (lambda: publish_rules([RULE | {"id": "new"}], now=NOW), "rules"),
    "rules withdrawn": (lambda: RuleSetVersion.objects.update(state=3), "rules"),
    "rule changed": (lambda: Rule.objects.filter(code="r").update(active=False), "rules"),
    "rule removed": (lambda: Rule.objects.filter(code="r").delete(), "rules"),
}


@pytest.mark.parametrize(("change", "shown"), CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.usefixtures("terms")
def test_a_change_has_another_mark_and_is_seen(change, shown):
    mark, before = terms_mark(), seen()
    change()
    assert terms_mark() != mark
    after = seen()
    if shown:
        assert after[shown] != before[shown]


@pytest.mark.usefixtures("terms")
def test_a_promotion_moved_takes_the_rule_bound_to_it_along():
    publish_rules([RULE | {"limits": {"promotion": "1111"}}], now=NOW)
    later = NOW + timedelta(hours=2)
    assert "r" in [rule.id for rule in published_rules(later).rules]
    Promotion.objects.update(ends_at=NOW + timedelta(hours=1))
    assert "r" not in [rule.id for rule in published_rules(later).rules]


@pytest.mark.usefixtures("terms")
def test_without_a_change_everything_is_the_same_object_and_nothing_but_the_mark_is_read(django_assert_num_queries):
    first, rules, shops = network_at(NOW), published_rules(NOW), shops_by_id()
    make_stock(first.warehouses[0])
    make_order(shop=shops[next(iter(shops))])  # work, not terms
    with django_assert_num_queries(0):  # the mark is asked for beside Django
        again, rules_again, shops_again = network_at(NOW + timedelta(hours=1)), published_rules(NOW), shops_by_id()
    assert again.warehouses is first.warehouses
    assert again.team_columns is first.team_columns
    assert rules_again is rules
    assert shops_again is shops
    mark = terms_mark()
    assert lasting_network(mark) is lasting_network(mark)


@pytest.mark.usefixtures("terms")
def test_what_the_clock_decides_is_reckoned_anew():
    CalendarDay.objects.all().delete()
    days = [int(network_at(NOW + timedelta(days=n)).warehouse_columns.work_day_w[0]) for n in (0, 1)]
    assert np.diff(days).tolist() == [1]


@pytest.mark.usefixtures("terms")
def test_what_was_rolled_back_is_not_seen_afterwards():
    mark, before = terms_mark(), seen()
    with transaction.atomic():
        Warehouse.objects.update(ratio=7)
        Shop.objects.update(ship_within_h=5)
        publish_rules([RULE | {"id": "new"}], now=NOW)
        assert seen() != before  # and is kept, under a mark nobody will see
        transaction.set_rollback(True)
    assert terms_mark() == mark
    assert seen() == before
    Team.objects.update(capacity=9)
    assert seen() == before | {"teams": [("t1", 9)], "team columns": ([9], (("jd",),))}


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_seen():
    """Its mark took its number before another change that was seen already."""
    make_warehouse("gz")
    make_shop("jd")
    slow = connections["default"].copy()
    slow.set_autocommit(False)
    try:
        with slow.cursor() as cursor:
            cursor.execute("UPDATE network_warehouse SET ratio = 7")
        Shop.objects.update(ship_within_h=5)
        mark, ratios = terms_mark(), seen()["ratios"]
        slow.commit()
    finally:
        slow.close()
    assert ratios != [("gz", 7)]
    assert terms_mark() != mark
    assert seen()["ratios"] == [("gz", 7)]


@pytest.mark.usefixtures("terms")
def test_other_topics_leave_the_terms_alone():
    mark = terms_mark()
    for topic in ("orders", "network", "stock"):
        note_change(topic)
    make_stock(Warehouse.objects.get())
    assert terms_mark() == mark


def test_where_no_mark_is_nothing_is_kept():
    ChangeMark.objects.all().delete()
    read = Kept(object)
    assert terms_mark()[1] == 0
    assert read.at(terms_mark()) is not read.at(terms_mark())
    note_change("terms")
    assert read.at(terms_mark()) is read.at(terms_mark())


def test_what_cannot_be_read_is_not_kept():
    answers = iter([LookupError(), "found"])

    def read():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    note_change("terms")
    kept, mark = Kept(read), terms_mark()
    with pytest.raises(LookupError):
        kept.at(mark)
    assert kept.at(mark) == kept.at(mark) == "found"


def age(by):
    """Have all marks be older than they are."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE web_changemark SET at = at - %s", [by])


@pytest.mark.usefixtures("terms")
def test_pruning_leaves_a_mark_and_none_that_ever_was():
    marks, words = [terms_mark()], [mark_of(["terms"])]
    for _ in range(3):
        age(2 * KEPT)
        note_change("terms")  # seen late by pruning: it is young, the others are old
        marks.append(terms_mark())
        words.append(mark_of(["terms"]))
        assert prune_marks(now=timezone.now()) > 0
        marks.append(terms_mark())
        words.append(mark_of(["terms"]))
    age(2 * KEPT)
    prune_marks(now=timezone.now())
    marks.append(terms_mark())
    assert all(mark[1] > 0 for mark in marks)
    assert len(set(marks)) == len(marks)
    assert len(set(words)) == len(words)


@pytest.mark.usefixtures("terms")
def test_pruning_brings_no_mark_back_though_a_change_commits_late():
    """Seen, then a change with an older mark, then pruned of it: the mark that was seen must not stand for both."""
    ChangeMark.objects.all().delete()
    note_change("terms")
    before = terms_mark()
    late = ChangeMark.objects.create(topic="terms")
    ChangeMark.objects.filter(pk=late.pk).update(at=timezone.now() - 2 * KEPT)  # its transaction began long ago
    assert prune_marks(now=timezone.now()) == 1
    assert terms_mark() != before


def test_pruning_with_nothing_old_changes_nothing():
    note_change("terms")
    before = terms_mark()
    assert prune_marks(now=timezone.now()) == 0
    assert terms_mark() == before
