"""Every address of the map × every role and scope, fragments and batch posts included, against the table beside this.

`permissions.csv` is read by people: a letter per person and method. Renew it with PAIDAN_RENEW=1 and look at what
changed.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from tests.web.clients import SignedIn

from paidan.accounts.models import User
from paidan.web.models import Batch
from paidan.web.pages import RegisteredPage

from .world import World, address, list_pages, make_world, pages

TABLE = Path(__file__).with_name("permissions.csv")
LETTERS = {401: "s", 403: "-", 404: "0", 405: "m"}
"""s = must sign in first, - = the role may not, 0 = does not exist for this person, y = may."""
EVERYBODYS = {"desk:settings-promotion", "desk:settings-promotion-edit"}
"""Pages of one thing that belongs to no warehouse, team or shop."""
FRAGMENTS = {"lead", "viewer", "team of other", "lead of other"}
"""Who also asks as htmx does: somebody who may, somebody who only looks, and two from elsewhere."""
Row = dict[str, str]


@pytest.fixture
def world(db) -> World:  # noqa: ARG001 - it needs the database
    return make_world()


def letter(answer: HttpResponseBase, asked: str) -> str:
    assert answer.status_code < 500, f"{asked}: {answer.status_code}"
    if answer.status_code == 302 and answer["Location"].startswith("/account/sign-in/"):
        return "s"
    return LETTERS.get(answer.status_code, "y")


def ask(client: Client, method: str, url: str, *, fragment: bool = False) -> HttpResponseBase:
    """Ask, and take back whatever it did."""
    headers = {"HX-Request": "true"} if fragment else {}
    with transaction.atomic():
        answer: HttpResponseBase = getattr(client, method.lower())(url, headers=headers)
        transaction.set_rollback(True)
    return answer


def asked_as(person: SignedIn, method: str, url: str, *, fragment: bool) -> str:
    """What one person gets; with `fragment` also as htmx asks, which must come to the same."""
    # Signed in anew: signing out elsewhere, or out, is one of the pages.
    person.client.force_login(person.user)
    whole = letter(ask(person.client, method, url), f"{person.user} {method} {url}")
    if fragment:
        person.client.force_login(person.user)
        part = letter(ask(person.client, method, url, fragment=True), f"{person.user} {method} {url} as a fragment")
        assert whole == part, f"{person.user} {method} {url}: {whole} for the page, {part} for the fragment"
    return whole


def asked(found: RegisteredPage, world: World) -> Iterator[Row]:
    """One row for each method of a page."""
    assert found.rule is not None
    for method in found.rule.methods:
        row = {"page": found.name or found.route, "method": method}
        with transaction.atomic():
            nobody = User.objects.first()
            assert nobody is not None
            row["stranger"] = letter(ask(Client(), method, address(found, world, nobody)), found.route)
            transaction.set_rollback(True)
        for name, person in world.people.items():
            with transaction.atomic():
                url = address(found, world, person.user)
                row[name] = asked_as(person, method, url, fragment=name in FRAGMENTS)
                transaction.set_rollback(True)
        yield row


PARTS = 8
"""The pages are asked in so many tests, so that several workers share them."""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_address_lets_in_who_may_and_nobody_else(world, part):
    mine = pages()[part::PARTS]
    names = {one.name or one.route for one in mine}
    found = [row for one in mine for row in asked(one, world)]
    kept = table()
    if os.environ.get("PAIDAN_RENEW"):
        kept = [row for row in kept if row["page"] not in names] + found
        order = {one.name or one.route: at for at, one in enumerate(pages())}
        write(sorted((row for row in kept if row["page"] in order), key=lambda row: order[row["page"]]))
    expected = [row for row in kept if row["page"] in names]
    assert [row for row in found if row not in expected] == []
    assert [row for row in expected if row not in found] == []


def test_the_table_has_no_page_that_is_gone(world):  # noqa: ARG001 - the map needs the database
    assert {row["page"] for row in table()} == {one.name or one.route for one in pages()}


def table() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows: list[Row]) -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_the_table_agrees_with_what_each_page_declares(world):
    """Who lacks the capability is refused, a stranger signs in, what is another's does not exist."""
    kept = {(row["page"], row["method"]): row for row in table()}
    for one in pages():
        for method in one.rule.methods if one.rule else ():
            row = kept[one.name or one.route, method]
            if one.rule.public:
                assert set(row.values()) - {row["page"], method} <= {"y", "0", "-", "s"}
                continue
            assert row["stranger"] == "s", row
            for name, person in world.people.items():
                if one.rule.capability is not None and not person.user.can(one.rule.capability):
                    assert row[name] == "-", (name, row)
                elif one.rule.scope is not None and name.endswith("of other") and one.name not in EVERYBODYS:
                    assert row[name] == "0", (name, row)


def test_a_batch_is_its_owners_alone(world):
    """Not even who may do everything goes on with another's batch."""
    admin, clerk = world.people["administrator"], world.people["clerk"]
    for one in pages():
        if "<uuid:batch>" in one.route:
            url = address(one, world, clerk.user)
            assert letter(ask(admin.client, "POST", url), url) == "0", url
            assert letter(ask(admin.client, "POST", url, fragment=True), url) == "0", url


def test_every_action_of_every_list_keeps_to_role_and_scope(world):
    """Opening a batch: who may not is refused, and a foreign row is never taken into one."""
    for key, page in list_pages().items():
        for action in page.actions:
            url = page.url("batch", action.key)
            for name, person in world.people.items():
                may = person.user.can(page.capability) and person.user.can(action.capability)
                ids = ",".join(str(order.pk) for order in world.mine.orders.values())
                with transaction.atomic():
                    answer = person.client.post(url, {"id": ids} if key in ("orders", "stuck") else {"all": "1"})
                    assert (answer.status_code == 403) != may, (name, url, answer.status_code)
                    if may and key in ("orders", "stuck") and name.endswith("of other"):
                        assert not Batch.objects.exists(), (name, url)
                    transaction.set_rollback(True)
