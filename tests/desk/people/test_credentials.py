"""Programs that speak another product's protocol, in the settings."""

import pytest
from django.urls import reverse
from tests.builders import make_shop
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ApiToken, Credential
from paidan.network.models import TokenLimit

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return sign_in_as(Role.ADMINISTRATOR)


def filled(**more):
    return {"protocol": "wdt", "account": "S", "app_key": "K", "secret": "very-secret", **more}


def test_a_program_is_let_in_its_secret_shown_once_and_shut_out(admin):
    shop = make_shop("jd", name="JD")
    page = admin.client.post(reverse("desk:credential-add"), filled(shops=[shop.pk])).content.decode()
    assert "very-secret" in page
    row = Credential.objects.get()
    assert TokenLimit.objects.get().shop == shop
    for url in (reverse("desk:credential", args=[row.pk]), reverse("desk:credentials")):
        page = admin.client.get(url).content.decode()
        assert "S" in page
        assert "very-secret" not in page
        assert row.sealed_secret not in page
    admin.client.post(reverse("desk:credential-revoke", args=[row.pk]))
    assert not Credential.objects.get().active
    assert "Revoked" in admin.client.get(reverse("desk:credentials"), {"tab": "ended"}).content.decode()


def test_its_token_is_not_among_the_api_tokens(admin):
    admin.client.post(reverse("desk:credential-add"), filled())
    assert ApiToken.objects.count() == 1
    assert "wdt S" not in admin.client.get(reverse("desk:tokens")).content.decode()
    assert admin.client.get(reverse("desk:token", args=[ApiToken.objects.get().pk])).status_code == 404


def test_what_is_missing_comes_back_at_its_field(admin):
    answer = admin.client.post(reverse("desk:credential-add"), filled(secret=""))
    assert answer.status_code == 422
    assert "secret" in answer.context["form"].errors
    answer = admin.client.post(reverse("desk:credential-add"), filled(protocol="wdt-qimen", secret="a:b"))
    assert "gateway_key" in answer.context["form"].errors


def test_an_integrator_lets_programs_in_for_themselves_and_sees_no_others(admin):
    one, other = sign_in_as(Role.INTEGRATOR), sign_in_as(Role.INTEGRATOR)
    assert one.client.post(reverse("desk:credential-add"), filled()).status_code == 422
    assert one.client.post(reverse("desk:credential-add"), filled(owner=other.user.pk)).status_code == 422
    assert one.client.post(reverse("desk:credential-add"), filled(owner=one.user.pk)).status_code == 200
    key = [Credential.objects.get().pk]
    assert other.client.get(reverse("desk:credential", args=key)).status_code == 404
    assert other.client.post(reverse("desk:credential-revoke", args=key)).status_code == 404
    assert admin.client.get(reverse("desk:credential", args=key)).status_code == 200


def test_whoever_looks_only_or_comes_from_elsewhere_is_refused():
    for role in (Role.LEAD, Role.CLERK, Role.VIEWER, Role.TEAM):
        client = sign_in_as(role).client
        for url in (reverse("desk:credentials"), reverse("desk:credential-add")):
            assert client.get(url).status_code == 403
