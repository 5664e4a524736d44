"""The dispatch board's page: who sees what, what it says, and how many questions it asks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.builders import make_shop, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import Warehouse

URL = "/board/"


def test_the_column_says_load_queue_and_who_waits(board):
    board.assigned(5)
    page = sign_in_as(Role.LEAD).client.get(URL)
    gz, bj = page.context["columns"]
    assert (gz.load, gz.ratio, gz.is_hot, gz.waiting, gz.shipped) == (5, 1.25, True, 5, 0)
    assert (bj.load, bj.is_hot, bj.waiting) == (0, False, 0)
    text = page.content.decode()
    assert "125%" in text
    assert text.count("<article") == 5
    assert "广州" in text


def test_the_first_due_stands_first_and_vips_are_marked(board):
    board.assigned(ship_by_at=board.now + timedelta(hours=9))
    [soon] = board.assigned(ship_by_at=board.now + timedelta(hours=1), tags=["vip"])
    gz = sign_in_as(Role.LEAD).client.get(URL).context["columns"][0]
    assert (gz.cards[0].id, gz.cards[0].vip, gz.cards[1].vip) == (soon, True, False)


def test_columns_of_teams(board):
    board.assigned(2)
    south, north = sign_in_as(Role.LEAD).client.get(URL, {"by": "teams"}).context["columns"]
    assert (str(south.place), south.load, len(south.cards)) == ("South", 2, 2)
    assert (str(north.place), north.load) == ("North", 0)


def test_filters_narrow_queue_and_cards(board):
    other = make_shop("tb")
    board.assigned(2)
    board.assigned(1, shop=other)
    board.assigned(1, region="310115", ship_by_at=board.now - timedelta(hours=1))
    client = sign_in_as(Role.LEAD).client

    def shown(**query):
        column = client.get(URL, query).context["columns"][0]
        assert column.waiting == len(column.cards)
        return column.waiting

    assert shown() == 4
    assert shown(shop=other.id) == 1
    assert shown(region="310000") == 1
    assert shown(due="late") == 1
    assert shown(due="24") == 1
    assert shown(due="nonsense", shop="x", region="９") == 4


def test_four_people(board):
    board.assigned(3)
    assert b"data-draggable" in sign_in_as(Role.LEAD).client.get(URL).content
    viewer = sign_in_as(Role.VIEWER).client.get(URL)
    assert viewer.status_code == 200
    assert b"data-draggable" not in viewer.content
    assert b"/board/relieve/" not in viewer.content
    assert sign_in_as(Role.TEAM, member_of=[board.t1]).client.get(URL).status_code == 403
    elsewhere = sign_in_as(Role.LEAD, warehouses=[board.bj]).client.get(URL)
    assert [str(column.place) for column in elsewhere.context["columns"]] == ["Beijing"]
    assert b"<article" not in elsewhere.content
    other_shop = sign_in_as(Role.CLERK, shops=[make_shop("tb")]).client.get(URL)
    assert [column.waiting for column in other_shop.context["columns"]] == [0, 0]


@pytest.mark.parametrize("by", ["warehouses", "teams"])
def test_as_many_queries_for_20_rows_as_for_200(board, by):
    client = sign_in_as(Role.LEAD).client
    queries = []
    for many in (20, 180):
        board.assigned(many)
        for n in range(many // 20):
            make_team(f"x{many}-{n}", make_warehouse(f"w{many}-{n}"))
        client.get(URL, {"by": by})
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"by": by})
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 14


def test_pausing_and_resuming(board):
    lead = sign_in_as(Role.LEAD)
    assert lead.client.post(f"/board/pause/{board.gz.id}/").status_code == 200
    assert not Warehouse.objects.get(id=board.gz.id).is_open
    assert b"paused" in lead.client.get(URL).content
    lead.client.post(f"/board/resume/{board.gz.id}/")
    assert Warehouse.objects.get(id=board.gz.id).is_open
    actions = list(ChangeLogEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["warehouse.paused", "warehouse.resumed"]


@pytest.mark.parametrize("action", ["pause", "resume", "relieve"])
def test_who_may_not_pause_or_relieve(board, action):
    url = f"/board/{action}/{board.gz.id}/"
    assert sign_in_as(Role.CLERK).client.post(url).status_code == 403
    assert sign_in_as(Role.VIEWER).client.post(url).status_code == 403
    assert sign_in_as(Role.LEAD, warehouses=[board.bj]).client.post(url).status_code == 404
    assert Warehouse.objects.get(id=board.gz.id).is_open
