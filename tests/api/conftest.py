"""A small seller and programs that call: tokens with scopes and limits."""

from types import SimpleNamespace

import pytest
from django.test import Client
from tests.builders import BEIJING, GUANGZHOU, NOW, make_freight, make_shop, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.accounts.token_scopes import TokenScope
from paidan.accounts.tokens import add_token
from paidan.allocation.doctor import all_violations
from paidan.network.models import TokenLimit
from paidan.rules.services import publish_rules


class Program:
    """A caller with a token."""

    def __init__(self, secret):
        self.secret = secret
        self.client = Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})

    def get(self, path, **query):
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path, body, method="post", query=""):
        send = getattr(self.client, method)
        return send(f"/api/v1{path}{query}", body, content_type="application/json")


@pytest.fixture
def seller(db):  # noqa: ARG001 - it needs the database
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing", **BEIJING)
    teams = make_team("t1", gz), make_team("t2", bj)
    for place in (gz, bj):
        make_stock(place, "A", 100)
        make_freight(place)
    jd, tmall = make_shop("jd", name="JD"), make_shop("tmall", name="Tmall")
    publish_rules([], now=NOW)
    owner = User.objects.create(username="erp", role=Role.ADMINISTRATOR)

    def program(*scopes, shops=(), warehouses=(), role=None):
        who = owner if role is None else User.objects.create(username=f"{role}", role=role)
        token, secret = add_token("t", owner=who, scopes=scopes or list(TokenScope), now=NOW, by=None)
        for shop in shops:
            TokenLimit.objects.create(token=token, shop=shop)
        for place in warehouses:
            TokenLimit.objects.create(token=token, warehouse=place)
        return Program(secret)

    yield SimpleNamespace(gz=gz, bj=bj, teams=teams, jd=jd, tmall=tmall, program=program, owner=owner)
    assert list(all_violations()) == []
