import pytest
from tests.builders import NOW, make_promotion, make_team, make_user, make_warehouse

from paidan.kit.errors import Refusal
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.rules.queries import published_rules
from paidan.rules.services import publish_rules, restore_version

pytestmark = pytest.mark.django_db


def test_a_publication_remembers_who_when_and_why():
    lead = make_user("lin")
    version = publish_rules([{"id": "a"}], now=NOW, by=lead, note="双11").version
    assert (version.published_by, version.published_at, version.note) == (lead, NOW, "双11")


def test_rules_are_read_back_by_priority_and_as_listed_where_it_is_equal():
    publish_rules([{"id": "c", "priority": 9}, {"id": "b"}, {"id": "a"}], now=NOW)
    assert [rule.id for rule in published_rules(NOW).rules] == ["b", "a", "c"]


def test_what_is_switched_off_or_out_of_season_is_not_in_force():
    make_promotion("618", starts_at=NOW.replace(month=6))
    rules = [{"id": "a", "active": False}, {"id": "b", "limits": {"promotion": "618"}}, {"id": "c", "priority": 2}]
    publish_rules(rules, now=NOW)
    assert [rule.id for rule in published_rules(NOW).rules] == ["c"]


def test_a_catch_all_in_the_middle_does_not_end_the_set():
    done = publish_rules([{"id": "a"}, {"id": "b", "priority": 2, "when": {"tag": ["vip"]}}], now=NOW)
    assert done.catch_all_added


@pytest.mark.parametrize("last", [{"when": {"tag": ["vip"]}}, {"limits": {"weekdays": ["sun"]}}, {"active": False}])
def test_a_last_rule_that_does_not_take_everything_always_gets_a_catch_all_after_it(last):
    done = publish_rules([{"id": "a", **last}], now=NOW)
    assert done.catch_all_added
    assert Rule.objects.order_by("priority").last().code == "catch-all"


def test_the_added_rule_takes_a_name_nobody_has():
    publish_rules([{"id": "catch-all", "when": {"tag": ["vip"]}}], now=NOW)
    assert Rule.objects.order_by("priority").last().code == "catch-all-1"


def test_a_policy_is_a_set_of_one_rule():
    publish_rules({"policy": {"strategies": ["cheapest"]}}, now=NOW)
    [rule] = published_rules(NOW).rules
    assert rule.id == "policy"


def test_a_refused_set_leaves_the_published_one_in_force():
    publish_rules([{"id": "a"}], now=NOW)
    with pytest.raises(Refusal):
        publish_rules([{"id": "b", "then": {"warehouses": ["nowhere"]}}], now=NOW)
    assert [rule.id for rule in published_rules(NOW).rules] == ["a"]
    assert RuleSetVersion.objects.filter(state=VersionState.PUBLISHED).count() == 1


def test_warehouses_and_teams_that_are_there_may_be_named():
    make_team("t1", make_warehouse("gz"))
    publish_rules([{"id": "a", "then": {"warehouses": ["gz"], "team": "t1"}}], now=NOW)
    assert Rule.objects.get(code="a").then == {"warehouses": ["gz"], "team": "t1"}


def test_a_restored_version_is_a_new_one_with_the_old_rules():
    publish_rules([{"id": "a", "name": "甲", "limits": {"weekdays": ["mon"]}}, {"id": "z", "priority": 5}], now=NOW)
    publish_rules([{"id": "b"}], now=NOW)
    restored = restore_version(1, now=NOW)
    assert restored.version.number == 3
    assert list(restored.version.rules.order_by("id").values_list("code", "name", "limits")) == [
        ("a", "甲", {"weekdays": ["mon"]}),
        ("z", "", {}),
    ]
