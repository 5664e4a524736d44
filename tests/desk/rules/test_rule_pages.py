"""The pages of the rules: list and its warnings, the form, templates, difference and publishing, one order tried."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    make_order,
    make_promotion,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.desk.rules.forms import RuleForm
from paidan.desk.rules.names import Names, names_for
from paidan.desk.rules.sentences import plain, sentence
from paidan.desk.rules.templates import TEMPLATES
from paidan.engine.rule_format import read_rule
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.models import Rule
from paidan.rules.queries import published_version
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
USUAL = {
    "name": "R",
    "which": "all",
    "strategies": ["nearest"],
    "split": "never",
    "shortage": "reject",
    "otherwise": "unallocated",
    "team_by": "warehouse",
}


@pytest.fixture
def lead():
    make_shop("jd", name="JD", platform="jd")
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing", **BEIJING)
    make_team("t1", gz, name="South", skills=["vip"])
    make_stock(gz, "A", 100)
    make_stock(bj, "A", 100)
    rules = [{"id": "jd", "name": "JD first", "when": {"shop": ["jd"]}, "then": {"warehouses": ["gz"]}}]
    publish_rules({"rules": rules}, now=timezone.now())
    return sign_in_as(Role.LEAD)


def codes():
    return [rule.code for rule in rules_of_version(draft())]


def said(entry):
    return plain(
        Rule(code="r", when=entry.get("when", {}), then=entry.get("then", {}), limits=entry.get("limits", {})), Names()
    )


def test_a_rule_reads_as_one_sentence_in_both_languages():
    entry = {
        "when": {"shop": ["jd"], "amount_minor": [3000, None], "not": {"tag": ["VIP"]}},
        "limits": {"hours": ["20:00", "02:00"]},
        "then": {"warehouses": ["gz", "bj"], "strategies": ["ratio", "nearest"], "max_km": 900, "otherwise": "next"},
    }
    with translation.override("en"):
        assert said(entry) == (
            "When it is between 20:00 and 02:00 and the shop is jd and its amount is at least ¥30 "
            "and it is not tagged VIP → one of gz, bj, by ratio, then the nearest first; "
            "no farther than 900 km; if none can: the next rule"
        )
        assert said({}) == "Every order → any warehouse, the nearest first"
    with translation.override("zh-hans"):
        assert said({"when": {"shop": ["jd"]}}) == "当店铺是 jd → 所有仓库，最近的先"


def test_what_people_type_into_a_rule_is_never_markup():
    rule = Rule(code="r", when={"tag": ["<script>", "50%s"]}, then={})
    assert "<script>" not in sentence(rule, names_for([rule]))
    with translation.override("en"):
        assert "<script>, 50%s" in plain(rule, Names())


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2)
BOUND = st.none() | st.integers(0, 50)
RANGE = (
    st.tuples(BOUND, BOUND).filter(lambda pair: pair != (None, None) and (None in pair or pair[0] <= pair[1])).map(list)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    when=st.fixed_dictionaries(
        {}, optional={"shop": WORDS, "tag": WORDS, "region": st.just(["440100"]), "amount_minor": RANGE, "lines": RANGE}
    ),
    refused=st.fixed_dictionaries({}, optional={"sku": WORDS, "remark": WORDS, "weight_g": RANGE, "tag": WORDS}),
    then=st.fixed_dictionaries(
        {"strategies": st.lists(st.sampled_from(["nearest", "ratio", "cheapest"]), unique=True, min_size=1)},
        optional={
            "max_km": st.integers(0, 5000),
            "split": st.sampled_from(["by_line", "by_piece"]),
            "shortage": st.just("partial"),
            "otherwise": st.sampled_from(["next", "hold"]),
            "raise_priority": st.integers(1, 9),
            "team": st.sampled_from(["shop", "skill:vip"]),
        },
    ),
)
def test_a_rule_comes_out_of_the_form_as_it_went_in(db, when, refused, then):  # noqa: ARG001
    when = {key: value for key, value in when.items() if value}
    refused = {key: value for key, value in refused.items() if value}
    entry = {"name": "N", "when": {**when, **({"not": refused} if refused else {})}, "then": then, "limits": {}}
    shown = RuleForm(entry=entry)
    data = posted(shown)
    form = RuleForm(data, entry=entry)
    assert form.is_valid(), form.errors
    assert read_rule({"id": "r", **{key: form.to_entry()[key] for key in ("when", "then")}}) == read_rule(
        {"id": "r", "when": entry["when"], "then": entry["then"]}
    )


def posted(form):
    """What a browser sends of a form nobody has touched."""
    data = QueryDict(mutable=True)
    for name, field in form.fields.items():
        value = form[name].value()
        if isinstance(value, list | tuple):
            data.setlist(name, [str(one) for one in value])
        elif value not in (None, ""):
            data[name] = str(field.prepare_value(value))
    for name in form.initial.get("negated", ()):
        data[f"{name}_is"] = "not"
    return data


def test_a_newcomer_makes_a_working_rule_of_every_template(lead):
    make_promotion("1111")
    for template in TEMPLATES:
        page = lead.client.get(reverse("rules:new"), {"from": template.key})
        data = posted(page.context["form"])
        if template.key == "fixed":
            make_sku("M")
            data.setlist("sku", ["M"])
        if template.key == "shop-team":
            data.setlist("shop", ["jd"])
        answer = lead.client.post(reverse("rules:new") + f"?from={template.key}", data)
        assert answer.status_code == 302, (template.key, answer.context["form"].errors)
    assert len(codes()) == 2 + len(TEMPLATES)
    lead.client.post(reverse("rules:publish"), {"revision": draft().revision, "note": "all"})
    order = make_order({"A": 1}, shop=make_shop("tmall"), region="440106", now=timezone.now(), tags=["VIP"])
    run_wave(now=timezone.now())
    assert Order.objects.get(id=order.id).state == OrderState.ALLOCATED


def test_a_new_rule_is_kept_above_the_last_and_what_is_wrong_is_said_at_its_field(lead):
    bad = {**USUAL, "which": "only", "team_by": "named", "amount_from": "5", "amount_to": "3", "hours_from": "20:00"}
    answer = lead.client.post(reverse("rules:new"), {**bad, "strategies": ["nearest", "ratio", "cheapest", "ranked"]})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"warehouses", "team", "amount_to", "hours_to", "strategies"}
    answer = lead.client.post(reverse("rules:new"), {**USUAL, "region": ["000000"]})
    assert "region" in answer.context["form"].errors
    assert draft() is None
    assert lead.client.post(reverse("rules:new"), {**USUAL, "tag": ["VIP"]}).status_code == 302
    assert codes() == ["jd", "r", "catch-all"]
    assert ChangeLogEntry.objects.get(action="rule.saved").after == {"rule": "r"}
    assert [rule.code for rule in rules_of_version(published_version())] == ["jd", "catch-all"]


def test_who_changes_a_rule_somebody_else_changed_sees_both_and_chooses(lead):
    other = sign_in_as(Role.LEAD)
    url = reverse("rules:rule", args=["jd"])
    seen = lead.client.get(url).context["seen"]
    other.client.post(url, {**USUAL, "shop": ["theirs"], "seen": other.client.get(url).context["seen"]})
    answer = lead.client.post(url, {**USUAL, "shop": ["mine"], "seen": seen})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "changed this rule meanwhile" in text
    assert 'the shop is <b class="tk">theirs</b>' in text
    assert 'the shop is <b class="tk">mine</b>' in text
    assert lead.client.post(url, {**USUAL, "shop": ["mine"], "seen": answer.context["seen"]}).status_code == 302
    assert rules_of_version(draft())[0].when == {"shop": ["mine"]}


def test_the_list_shows_hits_warnings_and_finds(lead):
    make_order({"A": 1}, shop=make_shop("jd"), region="440106", now=timezone.now())
    run_wave(now=timezone.now())
    lead.client.post(reverse("rules:new"), {**USUAL, "name": "Shadow", "shop": ["jd"], "tag": ["x"]})
    page = lead.client.get(reverse("rules:list"))
    lines = {line.rule.code: line for line in page.context["lines"]}
    assert (lines["jd"].hits.today, lines["jd"].share) == (1, 1.0)
    assert lines["shadow"].warnings[0].above == "jd"
    assert "rule 1 “JD first” takes all its orders first" in page.content.decode()
    assert [line.rule.code for line in lead.client.get(reverse("rules:list"), {"q": "guangzhou"}).context["lines"]] == [
        "jd"
    ]
    assert [line.rule.code for line in lead.client.get(reverse("rules:list"), {"show": "warned"}).context["lines"]] == [
        "shadow"
    ]
    lead.client.post(reverse("rules:move", args=["shadow"]), {"to": lines["jd"].place})
    assert codes() == ["shadow", "jd", "catch-all"]
    assert not any(line.warnings for line in lead.client.get(reverse("rules:list")).context["lines"])


def test_buttons_of_the_list(lead):
    for name, data in (("copy", {}), ("switch", {"active": "0"}), ("remove", {})):
        lead.client.post(reverse(f"rules:{name}", args=["jd"]), data)
    rows = {rule.code: rule.active for rule in rules_of_version(draft())}
    assert rows == {"jd-2": False, "catch-all": True}
    answer = lead.client.post(reverse("rules:remove", args=["jd"]), follow=True)
    assert "no rule jd any more" in answer.content.decode()
    lead.client.post(reverse("rules:discard"))
    assert draft() is None


def test_the_difference_is_seen_published_and_taken_back(lead):
    lead.client.post(reverse("rules:new"), {**USUAL, "tag": ["VIP"]})
    lead.client.post(reverse("rules:switch", args=["jd"]), {"active": "0"})
    page = lead.client.get(reverse("rules:difference"))
    assert [(one["kind"], one["name"]) for one in page.context["differences"]] == [
        ("changed", "JD first"),
        ("new", "R"),
    ]
    stale = lead.client.post(reverse("rules:publish"), {"revision": 1, "note": ""}, follow=True)
    assert "Look at the difference again" in stale.content.decode()
    waiting = make_order({"A": 999}, region="440106", now=timezone.now())
    run_wave(now=timezone.now())
    answer = lead.client.post(reverse("rules:publish"), {"revision": 2, "note": "VIP"}, follow=True)
    assert "Version 2 is in force. 1 order is tried again." in answer.content.decode()
    assert Order.objects.get(id=waiting.id).state == OrderState.UNALLOCATED
    assert published_version().note == "VIP"
    assert published_version().published_by == lead.user
    assert lead.client.get(reverse("rules:history")).content.decode().count("/versions/") >= 2
    page = lead.client.get(reverse("rules:roll-back", args=[1]))
    assert {one["kind"] for one in page.context["differences"]} == {"changed", "gone"}
    lead.client.post(reverse("rules:roll-back", args=[1]))
    assert published_version().number == 3
    assert [rule.active for rule in rules_of_version(published_version())] == [True, True]
    assert set(ChangeLogEntry.objects.values_list("action", flat=True)) >= {"rules.published", "rules.rolled_back"}


def test_a_file_goes_out_and_in(lead):
    document = json.loads(lead.client.get(reverse("rules:export", args=[1])).content)
    document["rules"][0]["when"] = {"shop": ["jd"], "tag": ["gift"]}
    file = SimpleUploadedFile("r.json", json.dumps(document).encode())
    assert lead.client.post(reverse("rules:file"), {"file": file}).status_code == 302
    assert rules_of_version(draft())[0].when == {"shop": ["jd"], "tag": ["gift"]}
    for body, said_ in ((b"{", "no JSON file"), (b'{"rules": [{"id": "x", "when": {"y": 1}}]}', "/rules/0/when/y")):
        answer = lead.client.post(reverse("rules:file"), {"file": SimpleUploadedFile("r.json", body)})
        assert answer.status_code == 422
        assert said_ in answer.content.decode()


def test_the_form_says_what_it_would_match_while_one_types(lead):
    for at in range(4):
        make_order({"A": 1}, shop=make_shop("jd" if at else "tmall"), region="440106", now=timezone.now(), tags=["x"])
    page = lead.client.post(reverse("rules:says"), {**USUAL, "tag": ["x"], "code": ""})
    assert (page.context["matching"], page.context["orders"], page.context["left"]) == (4, 4, 1)
    assert "3 of them go by “JD first” first." in page.content.decode()
    page = lead.client.post(reverse("rules:says"), {**USUAL, "which": "only"})
    assert "Mend the marked fields" in page.content.decode()


def test_fields_suggest_while_one_types(lead):
    make_sku("22423", name="Cake stand", category="Kitchen")

    def found(kind, words):
        url = reverse("rules:options", args=[kind])
        return [one["value"] for one in lead.client.get(url, {"q": words}).json()["options"]]

    assert "440100" in found("region", "广州")
    assert found("sku", "cake") == ["22423"]
    assert found("category", "kit") == ["Kitchen"]
    assert lead.client.get(reverse("rules:options", args=["nothing"])).status_code == 404


def test_one_order_is_tried_and_nothing_written(lead):
    order = make_order({"A": 1}, shop=make_shop("jd"), number="T1", region="110105", now=timezone.now())
    page = lead.client.post(reverse("rules:try"), {"number": "T1"})
    assert "By the rule “JD first”" in page.content.decode()
    page = lead.client.post(
        reverse("rules:try"), {"shop": make_shop("tmall").pk, "address": "北京市朝阳区", "goods": "A × 2"}
    )
    assert "Beijing" in page.content.decode()
    assert lead.client.post(reverse("rules:try"), {"number": "none"}).status_code == 422
    wrong = lead.client.post(reverse("rules:try"), {"shop": make_shop("tmall").pk, "goods": "NOPE × 2"})
    assert "There is no SKU NOPE." in wrong.content.decode()
    assert not Allocation.objects.exists()
    assert list(Order.objects.values_list("id", "state")) == [(order.id, OrderState.PENDING)]


def test_who_is_limited_reads_the_rules_and_changes_nothing():
    gz = make_warehouse("gz")
    publish_rules([], now=timezone.now())
    limited = sign_in_as(Role.LEAD, warehouses=[gz])
    page = limited.client.get(reverse("rules:list")).content.decode()
    assert reverse("rules:new") not in page
    assert limited.client.get(reverse("rules:see", args=["catch-all"])).status_code == 200
    assert limited.client.post(reverse("rules:discard")).status_code == 404
