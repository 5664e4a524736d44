"""Who may come: every declared page against people of every role, scope and none."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import make_order, make_shop, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import CAPABILITIES, Capability, Role
from paidan.web.pages import registered_pages

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.sample")]


def test_every_address_says_who_may_come():
    # What is under the API is guarded by tokens; tests/api has who may do what there.
    undeclared = [
        found.route for found in registered_pages() if found.rule is None and not found.route.startswith("api/v1/")
    ]
    assert undeclared == []


def test_only_these_pages_are_public():
    public = {found.route for found in registered_pages() if found.rule and found.rule.public}
    assert public == {
        "healthz",
        "readyz",
        "language/",
        "look/",
        "account/sign-in/",
        "account/welcome/<int:user_id>/<str:key>/",
        "api/openapi.json",
        # Programs sign each call instead.
        "openapi",
        "openapi2/<slug:method>.php",
        "router/qm",
        "hooks/<str:shop_code>/<slug:platform>",
    }


def test_strangers_are_sent_to_the_sign_in_and_back():
    order = make_order()
    answer = Client().get(f"/sample/orders/{order.pk}/?x=1")
    assert answer["Location"] == f"/account/sign-in/?next=/sample/orders/{order.pk}/%3Fx%3D1"


def test_a_fragment_whose_session_ended_leaves_the_page():
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sample/orders/?tab=all"}
    answer = Client().get("/sample/orders/", headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/account/sign-in/?next=/sample/orders/%3Ftab%3Dall"


def test_a_role_without_the_capability_is_refused():
    assert sign_in_as(Role.TEAM).client.get("/sample/orders/").status_code == 403


def test_what_lies_outside_the_scope_does_not_exist():
    mine, foreign = make_shop("mine"), make_shop("foreign")
    here, there = make_order(shop=mine), make_order(shop=foreign)
    clerk = sign_in_as(Role.CLERK, shops=[mine]).client
    assert clerk.get(f"/sample/orders/{here.pk}/").status_code == 200
    assert clerk.get(f"/sample/orders/{there.pk}/").status_code == 404
    assert clerk.post(f"/sample/orders/{there.pk}/note/", {"note": "x"}).status_code == 404


def test_other_methods_are_refused():
    order = make_order()
    clerk = sign_in_as(Role.CLERK).client
    assert clerk.post(f"/sample/orders/{order.pk}/").status_code == 405
    assert clerk.get("/sample/orders/batch/raise/").status_code == 405
    assert clerk.delete("/sample/orders/").status_code == 405


def test_a_form_saves_refuses_and_complains_at_the_field():
    order = make_order()
    clerk = sign_in_as(Role.CLERK).client
    address = f"/sample/orders/{order.pk}/note/"
    assert clerk.get(address).status_code == 200
    too_long = clerk.post(address, {"note": "x" * 21})
    assert too_long.status_code == 422
    refused = clerk.post(address, {"note": "no"})
    assert (refused.status_code, "no is no note." in refused.content.decode()) == (422, True)
    saved = clerk.post(address, {"note": "yes"})
    assert saved["Location"] == f"/sample/orders/{order.pk}/"
    assert "Noted" in clerk.get(saved["Location"]).content.decode()
    order.refresh_from_db()
    assert order.seller_remark == "yes"


def test_htmx_is_told_where_to_go():
    order = make_order()
    answer = sign_in_as(Role.CLERK).client.post(
        f"/sample/orders/{order.pk}/note/", {"note": "yes"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/sample/orders/{order.pk}/")


def test_nobody_is_sent_to_another_host():
    client = sign_in_as(Role.CLERK).client
    for wanted in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = client.post("/language/", {"language": "en", "next": wanted})
        assert answer["Location"] == reverse("web:home")


def test_the_administrator_may_everything_and_a_closed_account_nothing():
    assert CAPABILITIES[Role.ADMINISTRATOR] == frozenset(Capability)
    closed = sign_in_as(Role.ADMINISTRATOR).user
    closed.is_active = False
    assert closed.capabilities == frozenset()


def test_who_only_looks_changes_nothing():
    looking = {"see_dashboard", "see_orders", "see_board", "see_stock", "see_network", "see_rules", "see_reports"}
    assert {str(one) for one in CAPABILITIES[Role.VIEWER]} == looking


def test_the_search_finds_an_order_by_any_number_within_scope():
    mine, foreign = make_shop("mine"), make_shop("foreign")
    make_team("t", make_warehouse())
    make_order(shop=mine, number="10669")
    make_order(shop=foreign, number="10670")
    clerk = sign_in_as(Role.CLERK, shops=[mine]).client
    assert clerk.get("/search/", {"q": "10669"}).status_code == 302
    assert "Nothing found" in clerk.get("/search/", {"q": "10670"}).content.decode()
    assert clerk.get("/search/", {"q": ""}).status_code == 200
    assert clerk.get("/search/", {"q": "9" * 30}).status_code == 200


def test_pages_forbid_foreign_scripts_and_frames():
    answer = Client().get("/account/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
