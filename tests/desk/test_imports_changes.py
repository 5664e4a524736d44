"""Orders that a file knows differently are changed like any other order, and races end in whole orders once."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.builders import NOW, make_shop, make_sku

from paidan.allocation.doctor import all_violations
from paidan.desk.imports import import_file
from paidan.kit.tables.report import ImportReport
from paidan.orders import intake
from paidan.orders.models import Event, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import EventKind, OrderState

HEADINGS = "shop,order_number,line,sku,qty,amount,name,province,city,district,address,remark,tags"


def file_of(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows]).encode()


def load_orders(raw: bytes, **options: Any) -> ImportReport:
    return import_file("order", io.BytesIO(raw), now=NOW, **options)


@pytest.fixture
def load(db: None) -> Any:  # noqa: ARG001
    """The import, in a world that has one order."""
    make_shop("s1")
    make_sku("A")
    make_sku("B")
    load_orders(file_of("s1,1,1,A,2,10.00,Li,江苏省,南京市,鼓楼区,中央路1号,,x"))
    return load_orders


def test_a_changed_address_goes_elsewhere(load):
    report = load(file_of("s1,1,1,A,2,10.00,Wang,浙江省,杭州市,西湖区,文三路1号,,x"))
    assert (report.created, report.changed, report.rejects.rows) == (0, 1, 0)
    order = Order.objects.get()
    assert order.region == 330106
    assert Recipient.objects.get().name == "Wang"
    assert Event.objects.filter(kind=EventKind.CHANGED).count() == 1
    assert not list(all_violations())


def test_changed_lines_amount_and_tags(load):
    report = load(
        file_of(
            "s1,1,1,A,5,30.00,Li,江苏省,南京市,鼓楼区,中央路1号,快点,y;z",
            "s1,1,2,B,1,30.00,Li,江苏省,南京市,鼓楼区,中央路1号,快点,y;z",
        )
    )
    assert report.changed == 1
    order = Order.objects.get()
    assert (order.amount_minor, order.tags, order.buyer_remark) == (3000, ["y", "z"], "快点")
    assert list(OrderLine.objects.order_by("position").values_list("sku__code", "qty", "cancelled_qty")) == [
        ("A", 5, 0),
        ("B", 1, 0),
    ]
    assert not list(all_violations())


def test_a_later_payment_moves_the_promised_deadline(load):
    heads = b"shop,order_number,line,sku,qty,paid_at\n"
    load(heads + b"s1,9,1,A,2,2026-11-11 08:00\n")
    assert load(heads + b"s1,9,1,A,2,2026-11-11 09:00\n").changed == 1
    order = Order.objects.get(number="9")
    assert order.ship_by_at == NOW + timedelta(hours=1 + 48)
    assert QueuedOrder.objects.get(order=order).ship_by_at == order.ship_by_at


def test_a_change_imported_twice_is_one_change(load):
    raw = file_of("s1,1,1,A,1,10.00,Li,江苏省,南京市,鼓楼区,中央路1号,,x")
    assert load(raw).changed == 1
    again = load(raw)
    assert again.nothing_new
    assert again.unchanged == 1


def test_a_file_with_fewer_columns_changes_nothing_it_does_not_have(load):
    report = load(b"shop,order_number,line,sku,qty\ns1,1,1,A,2\n")
    assert report.nothing_new
    assert Recipient.objects.get().name == "Li"


def test_a_dry_run_of_a_change_writes_nothing(load):
    raw = file_of("s1,1,1,A,2,10.00,Wang,浙江省,杭州市,西湖区,文三路1号,,x")
    assert load(raw, dry_run=True).changed == 1
    assert Recipient.objects.get().name == "Li"


def test_a_change_of_a_merged_order_is_rejected_with_the_reason(load, tmp_path):
    Order.objects.update(state=OrderState.MERGED)
    QueuedOrder.objects.all().delete()
    report = load(file_of("s1,1,1,A,9,10.00,Li,江苏省,南京市,鼓楼区,中央路1号,,x"), rejects_path=tmp_path / "r.csv")
    assert report.changed == 0
    assert [reject.code for reject in report.rejects.sample] == ["cannot_change"]


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_whole_orders_and_the_same_file_goes_on(monkeypatch):
    make_shop("s1")
    make_sku("A")
    raw = file_of(*(f"s1,{n},{line},A,1,1.00,Li,江苏省,南京市,鼓楼区,中央路1号,," for n in range(6) for line in (1, 2)))
    monkeypatch.setattr(intake, "CHUNK_ROWS", 4)

    def crash(done: int, _of: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_orders(raw, progress=crash)
    assert Order.objects.count() == 4
    assert OrderLine.objects.count() == 8
    report = load_orders(raw)
    assert (report.created, report.unchanged) == (2, 4)
    assert not list(all_violations())


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_comes_in_once(monkeypatch):
    make_shop("s1")
    make_sku("A")
    raw = file_of(*(f"s1,{n},1,A,1,1.00,Li,江苏省,南京市,鼓楼区,中央路1号,," for n in range(2_000)))
    backwards = file_of(*(f"s1,{n},1,A,1,1.00,Li,江苏省,南京市,鼓楼区,中央路1号,," for n in reversed(range(2_000))))
    monkeypatch.setattr(intake, "CHUNK_ROWS", 500)
    reports: list[ImportReport] = []

    def work(content: bytes) -> None:
        try:
            reports.append(load_orders(content))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(content,)) for content in (raw, backwards, raw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 3
    assert sum(report.created for report in reports) == 2_000
    assert Order.objects.count() == OrderLine.objects.count() == 2_000
