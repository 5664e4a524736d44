"""The import wizard: guess, name the columns, check, bring in, mend the rejects; who may, and within which scope."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.builders import NOW, make_shop, make_sku, make_stock, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.catalog.models import Sku
from paidan.desk.uploads import forms
from paidan.desk.uploads.jobs import forget_uploads
from paidan.desk.uploads.running import bring_in
from paidan.orders.models import Order
from paidan.stock.models import Stock
from paidan.web.models import Upload, UploadContent

SKUS = "货品编码,名称,重量(克)\nA,Cup,380\nB,Mug,heavy\n"


@pytest.fixture
def lead(db):  # noqa: ARG001 - it needs the database
    return sign_in_as(Role.LEAD)


def drop(who, text, name="file.csv", encoding="utf-8"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode(encoding))
    answer = who.client.post(reverse("desk:imports"), {"file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    return Upload.objects.latest("id")


def page_of(who, upload):
    return who.client.get(reverse("desk:import", args=[upload.pk]))


def columns_of(who, upload):
    """The form as the page shows it."""
    form = page_of(who, upload).context["form"]
    return {field.html_name: field.value() or "" for field in form}


def send(who, upload, do="", **changes):
    return who.client.post(
        reverse("desk:import", args=[upload.pk]), {**columns_of(who, upload), **changes, **({"do": do} if do else {})}
    )


def bring(who, upload, do="import"):
    send(who, upload, do)
    bring_in(upload.pk, dry_run=do == "check", now=NOW)
    upload.refresh_from_db()
    return upload


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SKUS, "sku"),
        ("sku,warehouse,on_hand\nA,gz,1\n", "stock"),
        ("店铺,订单号,货品编码,数量\nt,1,A,1\n", "order"),
        ("bundle,component,qty\nS,A,2\n", "bundle"),
        ("code,name,latitude,longitude,capacity\ngz,Guangzhou,23,113,5\n", "warehouse"),
    ],
)
def test_the_kind_of_a_file_is_guessed(lead, text, kind):
    assert drop(lead, text).kind == kind


def test_the_first_rows_are_shown_with_what_is_wrong_and_the_encoding(lead):
    seen = page_of(lead, drop(lead, SKUS, encoding="gb18030")).context["seen"]
    assert (seen.number, seen.encoding) == (2, "gb18030")
    assert seen.field_of == {"货品编码": "code", "名称": "name", "重量(克)": "weight_g"}
    [[_line, good, _whole], [line, bad, _nothing]] = seen.rows
    assert [wrong for _text, wrong in good] == ["", "", ""]
    assert line == 3
    assert bad[2][0] == "heavy"
    assert "not a number" in bad[2][1]


def test_at_most_twenty_rows_are_shown(lead):
    rows = "".join(f"S{number},Cup\n" for number in range(50))
    assert len(page_of(lead, drop(lead, "code,name,weight\n" + rows.replace("\n", ",1\n"))).context["seen"].rows) == 20


def test_a_check_writes_nothing_and_says_what_would_come(lead):
    upload = bring(lead, drop(lead, SKUS), "check")
    assert upload.state == Upload.State.CHECKED
    assert (upload.checked["created"], upload.checked["rejected"]) == (1, 1)
    assert not Sku.objects.exists()
    assert not ChangeLogEntry.objects.filter(action="file.imported").exists()


def test_bad_rows_are_downloaded_mended_and_imported_again(lead):
    upload = bring(lead, drop(lead, SKUS))
    assert upload.state == Upload.State.DONE
    assert list(Sku.objects.values_list("code", flat=True)) == ["A"]
    assert upload.result["sample"][0]["line"] == 3
    assert ChangeLogEntry.objects.get(action="file.imported").after["created"] == 1
    content = lead.client.get(reverse("desk:import-rejects", args=[upload.pk])).content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(content))
    assert row["货品编码"] == "B"
    again = bring(lead, drop(lead, content.replace("heavy", "400")))
    assert (again.result["created"], again.result["rejected"]) == (1, 0)
    assert Sku.objects.get(code="B").weight_g == 400


def test_a_formula_in_a_rejected_row_is_disarmed(lead):
    upload = bring(lead, drop(lead, "code,name,weight_g\nA,=1+1,heavy\n"))
    content = lead.client.get(reverse("desk:import-rejects", args=[upload.pk])).content.decode("utf-8-sig")
    assert "'=1+1" in content


def test_columns_are_named_by_hand_and_remembered_for_the_next_file(lead):
    text = "Artikel,Titel,Gramm\nA,Cup,380\n"
    upload = drop(lead, text)
    send(lead, upload, kind="sku")
    page = page_of(lead, upload)
    assert page.context["seen"].missing == ["code"]
    send(lead, upload, "import")
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.DRAFT
    send(lead, upload, column_0="code", column_1="name", column_2="weight_g")
    bring(lead, upload)
    assert Sku.objects.get().weight_g == 380
    next_one = drop(lead, text.replace("A,", "B,"))
    send(lead, next_one, kind="sku")
    assert Upload.objects.get(pk=next_one.pk).mapping == {"Artikel": "code", "Titel": "name", "Gramm": "weight_g"}


def test_a_column_that_is_not_used_is_left_out(lead):
    upload = drop(lead, "code,name,weight_g\nA,Cup,380\n")
    send(lead, upload, column_1="")
    bring(lead, upload)
    assert (Sku.objects.get().name, Sku.objects.get().weight_g) == ("", 380)


def test_the_same_field_twice_is_refused(lead):
    upload = drop(lead, "code,name,weight_g\nA,Cup,380\n")
    answer = send(lead, upload, column_1="code")
    assert "code" in str(answer.context["form"].non_field_errors())


def test_what_is_no_table_too_large_or_of_another_kind_is_refused(lead, monkeypatch):
    monkeypatch.setattr(forms, "MOST_MB", 0)
    url = reverse("desk:imports")
    for name, body in (("a.csv", b"code\nA\n"), ("a.pdf", b""), ("a.exe", b"MZ")):
        answer = lead.client.post(url, {"file": SimpleUploadedFile(name, body)})
        assert answer.status_code == 422
    assert not Upload.objects.exists()
    monkeypatch.setattr(forms, "MOST_MB", 1)
    upload = drop(lead, b"%PDF-1.4 nothing", name="really.csv")
    assert page_of(lead, upload).status_code == 200
    assert "neither a text table" in page_of(lead, upload).context["seen"].refused


def test_two_clicks_start_it_once_and_a_second_run_does_nothing(lead):
    upload = drop(lead, SKUS)
    send(lead, upload, "import")
    assert page_of(lead, upload).context["busy"]
    bring_in(upload.pk, dry_run=False, now=NOW)
    bring_in(upload.pk, dry_run=False, now=NOW)
    assert ChangeLogEntry.objects.filter(action="file.imported").count() == 1


def test_rows_outside_ones_scope_are_rejected(db):  # noqa: ARG001
    gz, bj = make_warehouse("gz"), make_warehouse("bj")
    make_stock(gz, "A", 1)
    make_stock(bj, "A", 1)
    who = sign_in_as(Role.LEAD, warehouses=[gz])
    upload = bring(who, drop(who, "sku,warehouse,on_hand\nA,gz,7\nA,bj,9\n"))
    assert (upload.result["changed"], upload.result["rejected"]) == (1, 1)
    assert sorted(Stock.objects.values_list("on_hand_qty", flat=True)) == [1, 7]


def test_orders_of_other_shops_are_rejected(db):  # noqa: ARG001
    make_sku("A")
    who = sign_in_as(Role.CLERK, shops=[make_shop("tmall")])
    make_shop("jd")
    upload = bring(who, drop(who, "shop,number,sku,qty\ntmall,1,A,1\njd,2,A,1\n"))
    assert (upload.result["created"], upload.result["rejected"]) == (1, 1)
    assert Order.objects.get().shop.code == "tmall"


def test_four_people_import_what_they_may_and_see_their_own(db):  # noqa: ARG001
    lead, clerk = sign_in_as(Role.LEAD), sign_in_as(Role.CLERK)
    others = [sign_in_as(Role.VIEWER), sign_in_as(Role.TEAM)]
    for who in others:
        assert who.client.get(reverse("desk:imports")).status_code == 403
    upload = drop(lead, SKUS)
    for name in ("import", "import-rejects"):
        url = reverse(f"desk:{name}", args=[upload.pk])
        assert clerk.client.get(url).status_code == 404
        assert others[0].client.get(url).status_code == 403
    clerks = drop(clerk, SKUS)
    assert clerks.kind in ("order", "shop_sku")
    kinds = [value for value, _label in page_of(clerk, clerks).context["form"].fields["kind"].choices]
    assert kinds == ["order", "shop_sku"]
    Upload.objects.filter(pk=clerks.pk).update(kind="sku", state=Upload.State.IMPORTING)
    bring_in(clerks.pk, dry_run=False, now=NOW)
    clerks.refresh_from_db()
    assert (clerks.state, Sku.objects.count()) == (Upload.State.FAILED, 0)
    assert page_of(lead, clerks).context["mine"] is False
    near = sign_in_as(Role.LEAD, warehouses=[make_warehouse("gz")])
    assert page_of(near, clerks).status_code == 404


def test_the_bytes_of_old_files_are_forgotten_and_their_results_stay(lead):
    upload = drop(lead, SKUS)
    Upload.objects.update(created_at=NOW.replace(year=2025))
    forget_uploads(0)
    assert not UploadContent.objects.exists()
    assert page_of(lead, upload).status_code == 200


def test_the_history_asks_as_many_questions_for_many_files_as_for_few(lead):
    asked = []
    for number in (1, 30):
        for _file in range(number):
            drop(lead, SKUS)
        lead.client.get(reverse("desk:imports"))
        with CaptureQueriesContext(connection) as captured:
            lead.client.get(reverse("desk:imports"))
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 10


EXPORT = "订单编号,买家实际支付金额,订单状态,收货人姓名,收货地址,订单付款时间,我的编码,宝贝数量\n" + "".join(
    f"{number},10.00,{state},李,广东省广州市天河区,2026-11-11 08:00:00,A,1\n"
    for number, state in ((1, "买家已付款等待卖家发货"), (2, "交易关闭"))
)


@pytest.mark.django_db
def test_a_platforms_export_is_of_the_shop_that_is_chosen_and_its_columns_are_remembered_for_it():
    make_sku("A")
    make_shop("corner"), make_shop("market")
    lead, colleague = sign_in_as(Role.LEAD), sign_in_as(Role.CLERK)
    upload = drop(lead, EXPORT)
    assert upload.kind == "order"
    context = page_of(lead, upload).context
    assert len(context["missing"]) == 2  # whose they are, and which column is the code
    send(lead, upload, shop="corner", column_6="sku")
    upload.refresh_from_db()
    assert (upload.shop_code, page_of(lead, upload).context["missing"]) == ("corner", [])
    bring(lead, upload)
    assert (upload.result["created"], upload.result["left_out"]) == (1, 1)
    assert Order.objects.get().shop.code == "corner"
    theirs = drop(colleague, EXPORT)
    send(colleague, theirs, shop="market")
    assert len(page_of(colleague, theirs).context["missing"]) == 1
    send(colleague, theirs, shop="corner")
    assert page_of(colleague, theirs).context["missing"] == []


@pytest.mark.django_db
def test_somebody_limited_to_a_shop_cannot_bring_in_anothers_export():
    make_sku("A")
    mine, other = make_shop("corner"), make_shop("market")
    clerk = sign_in_as(Role.CLERK, shops=[mine])
    upload = drop(clerk, EXPORT.replace("我的编码", "商家编码"))
    assert send(clerk, upload, "import", shop="market").status_code == 422 or not Upload.objects.get().shop_code
    Upload.objects.update(shop_code=other.code, kind="order", state=Upload.State.IMPORTING)
    bring_in(upload.pk, dry_run=False, now=NOW)
    upload.refresh_from_db()
    assert (upload.result["created"], upload.result["rejected"]) == (0, 1)
    assert not Order.objects.exists()
