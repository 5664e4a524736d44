"""Users, tokens, the change log and one's own account as pages: who may, what they do, what is logged."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from tests.builders import GUANGZHOU, NOW, make_order, make_shop, make_team, make_warehouse
from tests.web.clients import sign_in_as

import paidan
from paidan.accounts.capabilities import Role
from paidan.accounts.changes import record_change
from paidan.accounts.models import ApiToken, ChangeLogEntry, User
from paidan.accounts.tokens import token_of
from paidan.alerts.webhooks.events import WebhookEvent
from paidan.desk.people.change_sentences import SENTENCES, UNDONE
from paidan.desk.people.change_words import sentence_of, shown_changes
from paidan.network.people import limits_of

pytestmark = pytest.mark.django_db

THINGS = (
    "user|token|credential|password|session|warehouse|team|shop|promotion|order|orders|allocation|allocations|intercept"
)
THINGS += (
    "|intercepts|buyer|exceptions|shortages|freight|sku|bundle|stock|shop_sku|file|ratios|rule|rules|reminder|channel"
)
KIND = re.compile(rf"(?:{THINGS})\.[a-z_]+(?:\.undone)?")


@pytest.fixture
def admin():
    return sign_in_as(Role.ADMINISTRATOR)


def filled(**fields):
    return {"username": "wang", "last_name": "王", "first_name": "敏", "role": Role.CLERK, **fields}


def test_a_user_is_added_with_limits_and_signs_in_by_the_invitation(admin):
    gz = make_warehouse("gz", **GUANGZHOU)
    answer = admin.client.post(reverse("desk:user-add"), filled(warehouses=[gz.pk]))
    [link] = re.findall(r"/account/welcome/\d+/[\w-]+/", answer.content.decode())
    wang = User.objects.get(username="wang")
    assert limits_of(wang).warehouses == [gz]
    assert not wang.has_usable_password()
    guest = Client()
    words = {"new_password1": "long enough words", "new_password2": "long enough words"}
    assert guest.post(link, words).status_code == 302
    assert guest.post(link, words).status_code == 410
    signing_in = {"username": "wang", "password": words["new_password1"]}
    assert guest.post(reverse("accounts:sign-in"), signing_in).url == reverse("web:home")
    assert set(ChangeLogEntry.objects.values_list("action", flat=True)) >= {"user.added", "user.limited"}


def test_a_taken_name_and_a_team_member_without_a_team_come_back_at_the_field(admin):
    User.objects.create(username="wang")
    answer = admin.client.post(reverse("desk:user-add"), filled())
    assert answer.status_code == 422
    assert "username" in answer.context["form"].errors
    answer = admin.client.post(reverse("desk:user-add"), filled(username="li", role=Role.TEAM))
    assert "member_of" in answer.context["form"].errors


def test_a_changed_role_is_logged_before_and_after_and_ends_the_sessions(admin):
    person = sign_in_as(Role.CLERK)
    url = reverse("desk:user", args=[person.user.pk])
    admin.client.post(url, filled(username=person.user.username, role=Role.VIEWER))
    entry = ChangeLogEntry.objects.get(action="user.changed")
    assert (entry.before["role"], entry.after["role"]) == ("clerk", "viewer")
    assert person.client.get(reverse("desk:orders")).status_code == 302
    assert "order clerk → viewer" in admin.client.get(url).content.decode()


def test_the_last_administrator_stays_one(admin):
    admin.user.set_password("x" * 20)
    admin.user.save()
    admin.client.force_login(admin.user, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("desk:user", args=[admin.user.pk])
    answer = admin.client.post(url, filled(username=admin.user.username, role=Role.VIEWER))
    assert "last administrator" in answer.content.decode()
    assert User.objects.get(pk=admin.user.pk).role == Role.ADMINISTRATOR


def test_an_account_is_closed_reopened_reset_and_signed_out(admin):
    person = sign_in_as(Role.CLERK)
    key = [person.user.pk]
    admin.client.post(reverse("desk:user-close", args=key))
    assert person.client.get(reverse("desk:orders")).status_code == 302
    admin.client.post(reverse("desk:user-reopen", args=key))
    assert User.objects.get(pk=key[0]).is_active
    assert "/account/welcome/" in admin.client.post(reverse("desk:user-reset", args=key)).content.decode()
    admin.client.post(reverse("desk:user-sign-out", args=key))
    assert ChangeLogEntry.objects.filter(action="user.sessions_ended").count() == 1


def test_the_users_are_listed_with_where_they_may_act(admin):
    gz = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    sign_in_as(Role.CLERK, warehouses=[gz])
    sign_in_as(Role.TEAM, member_of=[make_team("t1", gz, name="Night team")])
    page = admin.client.get(reverse("desk:users")).content.decode()
    assert "Guangzhou" in page
    assert "Night team" in page


def test_only_who_manages_users_comes_near_them(admin):
    someone = sign_in_as(Role.VIEWER).user
    for role in set(Role) - {Role.ADMINISTRATOR}:
        client = sign_in_as(role).client
        for url in (reverse("desk:users"), reverse("desk:user-add"), reverse("desk:user", args=[someone.pk])):
            assert client.get(url).status_code == 403
        assert client.post(reverse("desk:user-close", args=[someone.pk])).status_code == 403
    assert admin.client.get(reverse("desk:users")).status_code == 200


def test_a_token_is_shown_once_limited_and_revoked(admin):
    shop = make_shop("tmall")
    url = reverse("desk:token-add")
    given = {"name": "ERP", "owner": admin.user.pk, "scopes": ["orders:write"], "shops": [shop.pk]}
    page = admin.client.post(url, given).content.decode()
    [secret] = re.findall(r"pd_[a-z2-9]{8}_[\w-]+", page)
    row = ApiToken.objects.get()
    assert token_of(secret, now=timezone.now()) == row
    assert secret not in admin.client.get(reverse("desk:token", args=[row.pk])).content.decode()
    admin.client.post(reverse("desk:token-revoke", args=[row.pk]))
    assert token_of(secret, now=timezone.now()) is None
    assert "ERP" in admin.client.get(reverse("desk:tokens"), {"tab": "ended"}).content.decode()
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    assert admin.client.post(url, {**given, "expires_on": yesterday}).status_code == 422


def test_an_integrator_makes_tokens_for_themselves_and_sees_no_others(admin):
    one, other = sign_in_as(Role.INTEGRATOR), sign_in_as(Role.INTEGRATOR)
    given = {"name": "mine", "owner": other.user.pk, "scopes": ["orders:read"]}
    assert one.client.post(reverse("desk:token-add"), given).status_code == 422
    assert one.client.post(reverse("desk:token-add"), {**given, "owner": one.user.pk}).status_code == 200
    key = [ApiToken.objects.get().pk]
    assert "mine" not in other.client.get(reverse("desk:tokens")).content.decode()
    assert other.client.get(reverse("desk:token", args=key)).status_code == 404
    assert other.client.post(reverse("desk:token-revoke", args=key)).status_code == 404
    assert "mine" in admin.client.get(reverse("desk:tokens")).content.decode()


def test_the_log_says_who_did_what_in_sentences_and_is_narrowed(admin):
    order = make_order(number="N1")
    record_change("order.held", by=admin.user, now=NOW, of=order, reason="wait")
    record_change("orders.tagged.undone", by=None, now=NOW, number=1200, tag="VIP")
    page = admin.client.get(reverse("desk:changes")).content.decode()
    assert "Held order N1" in page
    assert "Tagged 1,200 orders – taken back" in page
    about = admin.client.get(reverse("desk:changes"), {"thing": "network"}).content.decode()
    assert "Held order N1" not in about
    assert "Held order N1" in admin.client.get(reverse("desk:changes"), {"by": admin.user.pk}).content.decode()
    assert sign_in_as(Role.CLERK).client.get(reverse("desk:changes")).status_code == 403
    assert sign_in_as(Role.LEAD).client.get(reverse("desk:changes")).status_code == 200


def test_a_value_is_written_as_people_read_it(admin):
    gz = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    record_change("warehouse.changed", by=admin.user, now=NOW, of=gz, before={"capacity": 5}, after={"capacity": 5200})
    record_change("order.assigned", by=admin.user, now=NOW, of=make_order(), warehouse=gz.pk)
    words = [one.words for one in shown_changes(ChangeLogEntry.objects.order_by("id"), NOW)]
    assert "5 → 5,200" in words[0]
    assert "Guangzhou" in words[1]


def test_everybody_sets_their_language_and_ends_their_other_sessions():
    person = sign_in_as(Role.TEAM, member_of=[make_team("t1", make_warehouse("gz", **GUANGZHOU))])
    other = Client()
    other.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("desk:account")
    person.client.post(url, {"language": "zh-hans", "theme": "dark", "density": ""})
    assert "我的权限" in person.client.get(url).content.decode()
    person.client.post(reverse("desk:account-elsewhere"))
    assert other.get(url).status_code == 302
    assert person.client.get(url).status_code == 200


def kinds_in_the_sources():
    """Every literal of the sources that is a kind of change."""
    for file in Path(paidan.__file__).parent.rglob("*.py"):
        if "migrations" in file.parts or file.name in ("change_sentences.py", "changes.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.fullmatch(node.value):
                yield node.value.removesuffix(UNDONE)


def test_every_kind_of_change_has_a_sentence_in_both_languages():
    kinds = set(kinds_in_the_sources())
    assert len(kinds) > 40
    known = {*SENTENCES, *WebhookEvent.values}  # what other systems are told is no entry of the log
    missing = kinds - known - {"order.number", "sku.code", "team.code", "warehouse.code", "rules.json"}
    assert missing == set()
    entry = ChangeLogEntry(
        action="", label="X", after={"number": 2, "order": "N", "rule": "R", "version": 2, "to": 1, "days": 3}
    )
    for kind in SENTENCES:
        entry.action = kind
        with translation.override("en"):
            said = sentence_of(entry)
        assert said != kind
        with translation.override("zh-hans"):
            assert sentence_of(entry) not in (said, kind)
