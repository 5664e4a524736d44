"""A draft is everybody's, touches no order, and goes into force as it was seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, make_user, make_warehouse

from paidan.kit.errors import Refusal
from paidan.rules.differences import Kind, differences
from paidan.rules.drafts import (
    ConflictError,
    Who,
    copy_rule,
    discard_draft,
    draft,
    fingerprint,
    move_rule,
    open_draft,
    publish_draft,
    remove_rule,
    replace_draft,
    rules_of_version,
    save_rule,
    switch_rule,
)
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.rules.queries import published_version
from paidan.rules.services import publish_rules, restore_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return Who(make_user("lin"), NOW)


@pytest.fixture
def live(who):  # noqa: ARG001 - people first
    rules = [{"id": code, "priority": at, "when": {"shop": [code]}} for at, code in enumerate(("a", "b", "c"), 1)]
    return publish_rules({"rules": rules}, now=NOW).version


def codes():
    return [rule.code for rule in rules_of_version(draft())]


def rule_of(code):
    return next(rule for rule in rules_of_version(draft()) if rule.code == code)


def test_a_draft_begins_as_what_is_in_force_and_is_everybodys(live, who):
    first = open_draft(who)
    assert open_draft(Who(make_user("wang"), NOW)) == first
    assert (first.based_on, first.number) == (live, live.number + 1)
    assert codes() == ["a", "b", "c", "catch-all"]
    assert published_version() == live


def test_where_nothing_was_ever_published_a_draft_begins_with_nearest_first(who):
    open_draft(who)
    assert codes() == ["catch-all"]


def test_rules_are_added_above_the_last_moved_copied_switched_and_removed(live, who):  # noqa: ARG001
    save_rule({"id": "d", "when": {"shop": ["d"]}}, seen="", who=who)
    assert codes() == ["a", "b", "c", "d", "catch-all"]
    move_rule("d", to=1, who=who)
    move_rule("a", to=99, who=who)
    assert codes() == ["d", "b", "c", "a", "catch-all"]
    copy_rule("b", name="B again", who=who)
    assert codes() == ["d", "b", "b-2", "c", "a", "catch-all"]
    assert (rule_of("b-2").active, rule_of("b-2").name) == (False, "B again")
    switch_rule("c", active=False, who=who)
    remove_rule("d", who=who)
    assert codes() == ["b", "b-2", "c", "a", "catch-all"]
    assert [rule.priority for rule in rules_of_version(draft())] == [1, 2, 3, 4, 5]
    assert not rule_of("c").active
    assert draft().revision == 6


def test_there_is_always_a_last_rule_that_takes_every_order(live, who):  # noqa: ARG001
    remove_rule("catch-all", who=who)
    assert codes()[-1] == "catch-all"
    save_rule({"id": "catch-all", "when": {"shop": ["x"]}}, seen=fingerprint(rule_of("catch-all")), who=who)
    assert codes() == ["a", "b", "c", "catch-all", "catch-all-1"]


def test_two_people_who_change_the_same_rule_get_a_conflict_that_shows_both(live, who):  # noqa: ARG001
    seen = fingerprint(Rule.objects.get(version=open_draft(who), code="a"))
    other = Who(make_user("wang"), NOW)
    save_rule({"id": "a", "when": {"shop": ["theirs"]}}, seen=seen, who=other)
    save_rule({"id": "b", "when": {"shop": ["mine"]}}, seen=fingerprint(rule_of("b")), who=who)
    with pytest.raises(ConflictError) as caught:
        save_rule({"id": "a", "when": {"shop": ["mine"]}}, seen=seen, who=who)
    assert caught.value.theirs.when == {"shop": ["theirs"]}
    assert rule_of("a").when == {"shop": ["theirs"]}
    save_rule({"id": "a", "when": {"shop": ["mine"]}}, seen=fingerprint(rule_of("a")), who=who)
    assert rule_of("a").when == {"shop": ["mine"]}


def test_a_moved_rule_is_still_the_one_that_was_seen(live, who):  # noqa: ARG001
    seen = fingerprint(Rule.objects.get(version=open_draft(who), code="c"))
    move_rule("c", to=1, who=who)
    save_rule({"id": "c", "when": {"shop": ["x"]}}, seen=seen, who=who)
    assert codes()[0] == "c"


def test_what_is_wrong_in_a_rule_names_its_field_and_changes_nothing(live, who):  # noqa: ARG001
    open_draft(who)
    with pytest.raises(Refusal) as caught:
        save_rule({"id": "d", "then": {"warehouses": ["nowhere"]}}, seen="", who=who)
    assert caught.value.pointer == "/then/warehouses"
    assert codes() == ["a", "b", "c", "catch-all"]
    assert draft().revision == 0


def test_publishing_keeps_what_was_seen_and_takes_the_next_number(live, who):
    save_rule({"id": "d", "when": {"shop": ["d"]}}, seen="", who=who)
    seen = draft().revision
    save_rule({"id": "e", "when": {"shop": ["e"]}}, seen="", who=Who(make_user("wang"), NOW))
    with pytest.raises(Refusal) as stale:
        publish_draft(revision=seen, note="", who=who)
    assert stale.value.code == "changed_meanwhile"
    other = restore_version(live.number, now=NOW).version
    done = publish_draft(revision=draft().revision, note="two more", who=who)
    assert done.version.number == other.number + 1
    assert published_version() == done.version
    assert draft() is None
    assert set(RuleSetVersion.objects.filter(state=VersionState.PAST)) == {live, other}
    with pytest.raises(Refusal) as none_left:
        publish_draft(revision=0, note="", who=who)
    assert none_left.value.code == "no_draft"


def test_a_draft_is_replaced_by_a_file_or_thrown_away(live, who):
    make_warehouse("gz")
    replace_draft({"rules": [{"id": "z", "when": {"tag": ["VIP"]}, "then": {"warehouses": ["gz"]}}]}, who=who)
    assert codes() == ["z", "catch-all"]
    with pytest.raises(Refusal):
        replace_draft({"rules": [{"id": "z", "when": {"nonsense": 1}}]}, who=who)
    assert codes() == ["z", "catch-all"]
    discard_draft()
    assert draft() is None
    assert published_version() == live


def made(*listed):
    return [Rule(code=code, priority=at, when={"shop": [value]}) for at, (code, value) in enumerate(listed, 1)]


def test_differences_name_new_changed_moved_and_gone_rules():
    before = made(("a", 1), ("b", 1), ("c", 1), ("d", 1))
    after = made(("c", 1), ("a", 1), ("b", 2), ("e", 1))
    assert {one.code: one.kind for one in differences(before, after)} == {
        "c": Kind.MOVED,
        "b": Kind.CHANGED,
        "e": Kind.NEW,
        "d": Kind.GONE,
    }


@given(st.permutations(list("abcdef")), st.permutations(list("abcdef")))
def test_without_the_moved_rules_the_order_is_the_same(before, after):
    moved = {one.code for one in differences(made(*((c, 1) for c in before)), made(*((c, 1) for c in after)))}
    assert [code for code in before if code not in moved] == [code for code in after if code not in moved]
