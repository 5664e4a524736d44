import json

import pytest
from tests.builders import make_warehouse

from paidan.rules.models import RuleSetVersion, VersionState

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish(paidan, tmp_path):
    def run(document, *options):
        path = tmp_path / "rules.json"
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return paidan("rules", "publish", path, *options)

    return run


def test_a_published_set_is_shown_in_the_words_it_was_written_in(paidan, publish):
    make_warehouse("gz")
    rule = {"id": "r1", "name": "广东", "priority": 1, "when": {"region": ["440000"]}, "then": {"warehouses": ["gz"]}}
    assert publish([rule]).code == 0
    shown = paidan("rules", "show", "--json").json
    assert shown["version"] == 1
    assert shown["rules"][0] == rule


def test_a_set_without_a_catch_all_gets_one_and_is_told(paidan, publish):
    answer = publish([{"id": "r1", "when": {"tag": ["vip"]}}])
    assert "one was added last" in answer.err
    last = paidan("rules", "show", "--json").json["rules"][-1]
    assert (last["when"], last["then"]) == ({}, {"strategies": ["nearest"]})
    assert last["priority"] > 1


def test_a_set_with_a_catch_all_is_left_as_it_is(publish):
    assert publish([{"id": "all"}], "--json").json["catch_all_added"] is False


def test_the_version_before_becomes_past(publish):
    publish([{"id": "a"}], "--note", "first")
    publish([{"id": "b"}])
    states = list(RuleSetVersion.objects.order_by("number").values_list("state", flat=True))
    assert states == [VersionState.PAST, VersionState.PUBLISHED]


def test_what_is_shown_can_be_published_again(paidan, publish):
    publish([{"id": "a", "limits": {"weekdays": ["mon"]}}, {"id": "b", "priority": 2, "active": False}])
    shown = paidan("rules", "show", "--json").json
    assert publish(shown).code == 0
    assert paidan("rules", "show", "--json").json["rules"] == shown["rules"]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"nothing": 1}, ""),
        ({"rules": {}}, "/rules"),
        ([{"id": "a", "whan": {}}], "/rules/0/whan"),
        ([{"id": "a", "then": {"strategies": ["best"]}}], "/rules/0/then/strategies/0"),
        ([{"id": "a", "then": {"warehouses": ["nowhere"]}}], "/rules/0/then/warehouses"),
        ([{"id": "a", "then": {"team": "nobody"}}], "/rules/0/then/team"),
        ([{"id": "a"}, {"id": "a"}], "/rules/1/id"),
        ([{"id": "a", "limits": {"hours": ["8", "25:00"]}}], "/rules/0/limits/hours"),
        ([{"id": "a", "limits": {"promotion": "none"}}], "/rules/0/limits/promotion"),
        ([{"id": "a", "priority": -1}], "/rules/0/priority"),
        ({"rules": [], "objective": {"km_minor": -1}}, "/objective"),
    ],
)
def test_a_wrong_set_is_refused_with_its_place_and_changes_nothing(publish, document, path):
    answer = publish(document, "--json")
    assert answer.code in (1, 2)
    assert answer.json["error"]["path"] == path
    assert not RuleSetVersion.objects.exists()


def test_showing_without_a_published_set_says_how_to_get_one(paidan):
    answer = paidan("rules", "show")
    assert answer.code == 1
    assert "paidan rules publish" in answer.err


def test_a_past_version_comes_back_as_a_new_one(paidan, publish):
    publish([{"id": "a", "then": {"max_km": 100}}])
    publish([{"id": "b"}])
    assert paidan("rules", "rollback", "1", "--json").json["version"] == 3
    assert paidan("rules", "show", "--json").json["rules"][0]["then"] == {"max_km": 100}
    assert paidan("rules", "rollback", "9").code == 1


def test_a_file_is_judged_and_compared_before_it_is_published(paidan, tmp_path):
    file = tmp_path / "rules.json"
    listed = [
        {"id": "all-a", "priority": 1, "when": {"shop": ["a"]}},
        {"id": "late", "priority": 2, "when": {"shop": ["a"]}},
    ]
    file.write_text(json.dumps({"rules": listed}), encoding="utf-8")
    found = paidan("rules", "check", str(file), "--json")
    assert (found.code, found.json["warnings"][0]["rule"]) == (1, "late")
    assert paidan("rules", "publish", str(file)).code == 0
    assert paidan("rules", "diff", str(file)).code == 0
    listed[1] = {**listed[1], "when": {"shop": ["b"]}}
    file.write_text(json.dumps({"rules": listed}), encoding="utf-8")
    assert paidan("rules", "check", str(file)).code == 0
    changed = paidan("rules", "diff", str(file), "--json")
    assert (changed.code, [(row["rule"], row["change"]) for row in changed.json]) == (1, [("late", "changed")])
    assert "the shop is b" in paidan("rules", "diff", str(file)).out
    assert RuleSetVersion.objects.filter(state=VersionState.DRAFT).count() == 0
    assert paidan("rules", "publish", str(file)).code == 0
    assert paidan("rules", "rollback", "--json").json["version"] == 3
    file.write_text('{"rules": [{"id": "x", "when": {"nonsense": 1}}]}', encoding="utf-8")
    wrong = paidan("rules", "check", str(file), "--json")
    assert (wrong.code, wrong.json["error"]["path"]) == (2, "/rules/0/when/nonsense")
