"""Setting a webhook up in the browser: its secret once, its trial, its switch, its given-up messages sent again."""

# ruff: noqa: ARG001 - fixtures that only set the place up

import re

import pytest
from django.urls import reverse
from tests.builders import NOW, make_order, make_shop
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.alerts.models import Delivery, Endpoint
from paidan.alerts.webhooks.relay import relay
from paidan.allocation.by_hand import assign_by_hand

pytestmark = pytest.mark.django_db
EVENTS = ["allocation.created", "allocation.shipped"]


def given(ear, **more):
    return {"name": "ERP", "url": ear.url, "events": EVENTS, **more}


def test_the_integrator_sets_one_up_and_sees_its_secret_once(place, ear):
    person = sign_in_as(Role.INTEGRATOR)
    shop = make_shop("jd", name="JD")
    page = person.client.post(reverse("alerts:webhook-new"), given(ear, shops=[shop.pk]))
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.content.decode())[0]
    row = Endpoint.objects.get()
    assert (row.secrets, row.events, list(row.shops.all())) == ([secret], EVENTS, [shop])
    for name, arguments in (("webhooks", []), ("webhook", [row.pk])):
        assert secret not in person.client.get(reverse(f"alerts:{name}", args=arguments)).content.decode()
    assert ChangeLogEntry.objects.filter(action="webhook.added", by=person.user).exists()
    again = person.client.post(reverse("alerts:webhook-secret", args=[row.pk])).content.decode()
    row.refresh_from_db()
    assert row.secrets[0] in again
    assert row.secrets[1] == secret


def test_a_bad_address_is_said_at_its_field(settings, place, ear):
    person = sign_in_as(Role.ADMINISTRATOR)
    settings.WEBHOOKS_PRIVATE = False
    for url in ("http://example.com/", "https://10.0.0.1/", "nowhere", "https://a:b@example.com/"):
        answer = person.client.post(reverse("alerts:webhook-new"), given(ear, url=url))
        assert answer.status_code == 422
        assert answer.context["form"].errors["url"]
    assert not Endpoint.objects.exists()


def test_who_is_limited_to_some_shops_sees_no_webhooks(place, ear, listener):
    row = listener()
    limited = sign_in_as(Role.LEAD, shops=[make_shop("jd")])
    assert limited.client.get(reverse("alerts:webhooks")).status_code == 404
    assert limited.client.post(reverse("alerts:webhook-switch", args=[row.pk]), {"on": "0"}).status_code == 404
    assert sign_in_as(Role.CLERK).client.get(reverse("alerts:webhooks")).status_code == 403


def test_it_is_tried_switched_changed_and_removed(place, ear, listener):
    row, person = listener(), sign_in_as(Role.LEAD)

    def post(page, **more):
        return person.client.post(reverse(f"alerts:{page}", args=[row.pk]), more, follow=True).content.decode()

    assert "took the trial message (200)" in post("webhook-try")
    ear.answer = lambda _n, _body: 500
    assert "did not take it: 500" in post("webhook-try")
    post("webhook-switch", on="0")
    assert not Endpoint.objects.get().active
    post("webhook-switch", on="1")
    assert Endpoint.objects.get().active
    post("webhook", **given(ear, name="ERP 2"))
    assert (Endpoint.objects.get().name, Endpoint.objects.get().secrets) == ("ERP 2", row.secrets)
    post("webhook-drop")
    assert not Endpoint.objects.exists()


def test_given_up_messages_are_listed_with_their_reason_and_sent_again(place, ear, listener):
    listener()
    orders = [make_order({"A": 1}) for _ in range(3)]
    for order in orders:
        assign_by_hand(order.pk, warehouse=place, now=NOW)
    relay(NOW)
    Delivery.objects.update(state=Delivery.State.DEAD, status=500, problem="500 no disk", tries_n=12)
    person = sign_in_as(Role.INTEGRATOR)
    page = person.client.get(reverse("alerts:deliveries"), {"tab": "dead"}).content.decode()
    assert "500 no disk" in page
    assert all(order.number in page for order in orders)
    chosen = [Delivery.objects.earliest("id").pk]
    opened = person.client.post(reverse("alerts:deliveries-batch", args=["again"]), {"id": chosen})
    assert opened.status_code in (200, 302)
    from paidan.web.models import Batch

    batch = Batch.objects.get()
    person.client.post(reverse("alerts:deliveries-batch-apply", args=[batch.pk]))
    assert list(Delivery.objects.order_by("id").values_list("state", "tries_n")) == [(1, 0), (3, 12), (3, 12)]
