"""The list toolkit: pages, filters, sort, scope, exports, saved views, batches with preview and undo."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from tests.builders import NOW, make_order, make_shop
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.web.lists.keyset import Sort, cursor_of, page_of, read_cursor
from paidan.web.models import Batch, SavedView

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.sample")]
LIST = "/sample/orders/"


def make_orders(number, **fields):
    return [make_order(ship_by_at=NOW + timedelta(hours=at), amount_minor=100 * at, **fields) for at in range(number)]


def numbers_on(answer):
    return re.findall(r'<tr data-id="(\d+)"', answer.content.decode())


def test_each_row_is_on_exactly_one_page_forwards_and_backwards():
    make_orders(7)
    make_order(ship_by_at=None)
    make_order(ship_by_at=NOW)  # a tie
    for sort in (Sort("ship_by_at"), Sort("ship_by_at", True), Sort(""), Sort("amount_minor", True)):
        wanted = list(Order.objects.order_by(*sort.order).values_list("id", flat=True))
        found, page = [], page_of(Order.objects.all(), sort, size=2)
        assert page.before == ""
        found += [row.pk for row in page.rows]
        while page.after:
            page = page_of(Order.objects.all(), sort, size=2, after=page.after)
            found += [row.pk for row in page.rows]
        assert found == wanted
        back = [row.pk for row in page.rows]
        while page.before:
            page = page_of(Order.objects.all(), sort, size=2, before=page.before)
            back = [row.pk for row in page.rows] + back
        assert back == wanted


def test_a_cursor_that_is_none_shows_the_first_page():
    make_orders(3)
    for word in ("x", "e30", "bnVsbA", "W10"):
        assert read_cursor(word) is None
        assert len(page_of(Order.objects.all(), Sort(""), size=5, after=word).rows) == 3
    row = Order.objects.order_by("ship_by_at")[0]
    assert read_cursor(cursor_of(row, Sort("ship_by_at"))) == (row.ship_by_at.isoformat(), row.pk)


def test_twenty_rows_and_two_hundred_cost_the_same_queries():
    somebody = sign_in_as(Role.LEAD)
    from tests.web.sample import SampleList

    make_orders(20)
    queries = []
    for size, more in ((20, 0), (200, 200)):
        make_orders(more)
        SampleList.page_size = size
        try:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                answer = somebody.client.get(LIST)
        finally:
            SampleList.page_size = 50
        assert len(numbers_on(answer)) == size
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 12


def test_filters_narrow_the_rows_and_say_themselves():
    one, other = make_shop("one", name="One"), make_shop("two", name="Two")
    here = make_order(shop=one, amount_minor=5_000)
    make_order(shop=other, amount_minor=5_000)
    make_order(shop=one, amount_minor=100)
    answer = sign_in_as(Role.LEAD).client.get(LIST, {"shop": one.pk, "amount_from": "30"})
    assert numbers_on(answer) == [str(here.pk)]
    assert "<b>One</b>" in answer.content.decode()
    assert "<b>≥ ¥30</b>" in answer.content.decode()


def test_nonsense_in_the_address_is_no_filter():
    make_orders(2)
    answer = sign_in_as(Role.LEAD).client.get(
        LIST,
        {"shop": "x", "amount_from": "1e999", "paid_from": "31.2.", "sort": "password", "tab": "none", "after": "?"},
    )
    assert len(numbers_on(answer)) == 2


def test_tabs_count_whatever_the_filter():
    make_orders(3)
    make_order(state=OrderState.UNALLOCATED)
    page = sign_in_as(Role.LEAD).client.get(LIST, {"tab": "unallocated", "amount_from": "999999"}).content.decode()
    assert re.search(r'data-live="tab-all">4<', page)
    assert re.search(r'data-live="tab-unallocated">1<', page)


def test_an_empty_page_names_the_filter_to_drop():
    make_orders(3)
    page = sign_in_as(Role.LEAD).client.get(LIST, {"amount_from": "9999", "remark": "zz"}).content.decode()
    assert "Nothing matches" in page


def test_htmx_gets_the_fragment_and_others_the_page():
    client = sign_in_as(Role.LEAD).client
    assert b"<html" in client.get(LIST).content
    fragment = client.get(LIST, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert "HX-Request" in fragment["Vary"]


def test_scope_hides_rows_from_the_page_the_export_and_the_batch():
    mine, foreign = make_shop("mine", name="Mine"), make_shop("foreign", name="Foreign")
    ours, theirs = make_order(shop=mine), make_order(shop=foreign)
    clerk = sign_in_as(Role.CLERK, shops=[mine])
    assert numbers_on(clerk.client.get(LIST)) == [str(ours.pk)]
    assert theirs.number not in b"".join(clerk.client.get(LIST + "export.csv").streaming_content).decode()
    clerk.client.post(LIST + "batch/raise/", {"id": f"{ours.pk},{theirs.pk}"})
    assert Batch.objects.get().row_ids == [ours.pk]


def test_pasted_numbers_find_their_orders_and_no_others():
    rows = make_orders(30)
    wanted = [row.number for row in rows[:25]]
    client = sign_in_as(Role.CLERK).client
    answer = client.post(LIST + "paste/", {"key": "numbers", "numbers": "\n".join([*wanted, "unknown"])})
    assert answer.status_code == 302
    assert len(numbers_on(client.get(answer["Location"]))) == 25


def test_exports_carry_the_filter_and_no_formula():
    make_order(buyer_remark='=HYPERLINK("x")', amount_minor=1_000)
    make_order(amount_minor=1)
    somebody = sign_in_as(Role.LEAD)
    somebody.client.post(LIST + "columns/", {"column": ["number", "amount", "remark"]})
    text = b"".join(somebody.client.get(LIST + "export.csv", {"amount_from": "5"}).streaming_content).decode(
        "utf-8-sig"
    )
    heads, line = list(csv.reader(io.StringIO(text)))
    assert heads == ["Order", "Amount ¥", "Remark"]
    assert line[1:] == ["10.0", '\'=HYPERLINK("x")']
    file = io.BytesIO(b"".join(somebody.client.get(LIST + "export.xlsx", {"amount_from": "5"}).streaming_content))
    cells = list(load_workbook(file).active.iter_rows())
    assert [cell.value for cell in cells[1]][1:] == [10, '=HYPERLINK("x")']
    assert cells[1][2].data_type == "s"


def test_exports_show_the_clock_of_the_business():
    make_order(ship_by_at=NOW)
    text = b"".join(sign_in_as(Role.LEAD).client.get(LIST + "export.csv").streaming_content).decode("utf-8-sig")
    assert "2026-11-11 08:00:00" in text


def test_who_may_not_export_cannot():
    assert sign_in_as(Role.VIEWER).client.get(LIST + "export.csv").status_code == 403


def test_a_view_is_saved_shared_and_deleted_by_its_owner_only():
    owner, other = sign_in_as(Role.CLERK), sign_in_as(Role.CLERK)
    owner.client.post(LIST + "views/", {"name": "Big", "query": "amount_from=30", "shared": "1"})
    owner.client.post(LIST + "views/", {"name": "Mine", "query": "amount_from=40"})
    page = other.client.get(LIST).content.decode()
    assert "Big" in page
    assert "Mine" not in page
    view = SavedView.objects.get(name="Big")
    assert other.client.post(f"{LIST}views/{view.pk}/delete/").status_code == 404
    owner.client.post(f"{LIST}views/{view.pk}/delete/")
    assert not SavedView.objects.filter(name="Big").exists()


def open_batch(client, **selection):
    answer = client.post(LIST + "batch/raise/", selection, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return Batch.objects.latest("created_at")


def test_a_batch_previews_applies_in_chunks_and_is_undone():
    make_orders(7)
    stuck = make_order(state=OrderState.UNALLOCATED)
    client = sign_in_as(Role.CLERK).client
    batch = open_batch(client, all="1", query="")
    base = f"{LIST}batches/{batch.pk}/"
    preview = client.post(base + "preview/", {"by": "5"}).content.decode()
    assert re.search(r"Can</div><b[^>]*>7<", preview)
    assert re.search(r"Cannot</div><b[^>]*>1<", preview)
    assert not Order.objects.filter(priority=5).exists()
    for _chunk in range(3):
        answer = client.post(base + "apply/")
    assert Order.objects.filter(priority=5).count() == 7
    assert stuck.number in answer.content.decode()
    client.post(base + "undo/")
    assert not Order.objects.filter(priority=5).exists()
    client.post(base + "undo/")
    assert Batch.objects.get().state == Batch.State.UNDONE


def test_stopping_leaves_the_rest_as_it_was():
    make_orders(7)
    client = sign_in_as(Role.CLERK).client
    base = f"{LIST}batches/{open_batch(client, all='1', query='').pk}/"
    client.post(base + "preview/", {"by": "5"})
    client.post(base + "apply/")
    client.post(base + "apply/", {"stop": "1"})
    client.post(base + "apply/")
    assert Order.objects.filter(priority=5).count() == 6


def test_a_batch_cannot_be_applied_before_its_form_is_filled_in():
    make_orders(2)
    client = sign_in_as(Role.CLERK).client
    base = f"{LIST}batches/{open_batch(client, all='1', query='').pk}/"
    client.post(base + "preview/", {"by": "0"})
    client.post(base + "apply/")
    assert not Order.objects.exclude(priority=0).exists()


def test_a_batch_belongs_to_whoever_opened_it():
    make_orders(2)
    owner, other, viewer = sign_in_as(Role.CLERK), sign_in_as(Role.CLERK), sign_in_as(Role.VIEWER)
    base = f"{LIST}batches/{open_batch(owner.client, all='1', query='').pk}/"
    for step in ("preview", "apply", "undo"):
        assert other.client.post(f"{base}{step}/").status_code == 404
        assert viewer.client.post(f"{base}{step}/").status_code == 404
    assert viewer.client.post(LIST + "batch/raise/", {"all": "1"}).status_code == 403


def test_of_two_clicks_one_applies_the_chunk():
    make_orders(3)
    from tests.web.sample import SampleList

    client = sign_in_as(Role.CLERK).client
    batch = open_batch(client, all="1", query="")
    page = SampleList()
    first = page.claim_chunk(batch, page.actions[0])
    assert len(first) == 3
    assert page.claim_chunk(batch, page.actions[0]) == []


def test_what_buyers_write_is_shown_as_text():
    make_order(buyer_remark='<script>alert(1)</script>"', number="<b>1")
    somebody = sign_in_as(Role.LEAD)
    somebody.client.post(LIST + "columns/", {"column": ["number", "remark"]})
    page = somebody.client.get(LIST).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;1" in page
