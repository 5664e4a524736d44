"""Files for and from a warehouse's own system: nothing lost, nothing by half, every refused row with its reason."""

import csv
import io
import os

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from tests.builders import GUANGZHOU, NOW, make_order, make_stock, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation, HandedOut, WarehouseFile
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import accept_allocations, cancel_allocations
from paidan.desk.wms import handing_out
from paidan.desk.wms.folders import arrived, folder_of, write_whole
from paidan.desk.wms.handing_out import hand_out
from paidan.desk.wms.reading import read_status_files
from paidan.network.models import WarehouseFiles
from paidan.orders.models import OrderException

pytestmark = pytest.mark.django_db
BUYER = {"name": "Lin", "phone": "+8613800000000", "city": "广州市", "address": "=1+1"}


@pytest.fixture
def files(settings, tmp_path):
    settings.FILES = tmp_path
    warehouse = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    make_stock(warehouse, "A", 100)
    yield WarehouseFiles.objects.create(warehouse=warehouse, since_at=NOW)
    assert not list(all_violations())


def assigned(files, number=1):
    """Allocations of that many orders."""
    orders = [make_order({"A": 2}, recipient=BUYER) for _ in range(number)]
    return [assign_by_hand(order.pk, warehouse=files.warehouse, now=NOW) for order in orders]


def written(files):
    """The rows of each file in the folder, oldest first."""
    folder = folder_of(files.warehouse) / "out"
    found = sorted(folder.iterdir(), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))) for path in found]


def test_what_is_assigned_is_written_once_with_all_the_warehouse_needs(files):
    keys = assigned(files, 2)
    [row] = hand_out(files, NOW)
    assert (row.rows_n, row.body, row.done_at) == (2, None, NOW)
    [lines] = written(files)
    assert [int(line["allocation"]) for line in lines] == keys
    first = lines[0]
    assert (first["action"], first["sku"], first["qty"], first["name"]) == ("new", "A", "2", "Lin")
    assert (first["phone"], first["address"]) == ("'+8613800000000", "'=1+1")  # no spreadsheet runs it
    assert hand_out(files, NOW) == []
    assert len(written(files)) == 1


def test_a_workbook_where_that_is_wanted(files):
    files.format = "xlsx"
    assigned(files)
    [row] = hand_out(files, NOW)
    book = load_workbook(folder_of(files.warehouse) / "out" / row.name)
    rows = list(book.active.values)
    assert rows[1][rows[0].index("address")] == "=1+1"
    assert book.active.cell(2, rows[0].index("address") + 1).data_type == "s"


def test_what_was_taken_back_or_shall_be_stopped_is_said(files):
    taken, stopped, never = assigned(files, 3)
    accept_allocations([stopped], now=NOW)
    cancel_allocations([never], now=NOW)
    hand_out(files, NOW)
    assert [int(line["allocation"]) for line in written(files)[0]] == [taken]
    accepted = assigned(files)[0]
    hand_out(files, NOW)
    accept_allocations([accepted], now=NOW)
    cancel_allocations([taken], now=NOW)
    cancel_orders([Allocation.objects.get(pk=accepted).order_id], now=NOW)
    hand_out(files, NOW)
    said = [(line["action"], int(line["allocation"])) for line in written(files)[-1]]
    assert said == [("withdraw", taken), ("stop", accepted)]
    assert hand_out(files, NOW) == []


def test_a_crash_before_the_file_stands_loses_nothing(files):
    keys = assigned(files)
    handing_out._make(files, NOW)  # committed, and the process dies before it writes
    assert HandedOut.objects.count() == 1
    [row] = hand_out(files, NOW)
    assert (row.done_at, row.problem) == (NOW, "")
    assert [int(line["allocation"]) for line in written(files)[0]] == keys


def test_a_folder_that_cannot_be_written_is_said_and_tried_again(files, monkeypatch):
    assigned(files)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handing_out, "write_whole", full)
    hand_out(files, NOW)
    hand_out(files, NOW)
    row = WarehouseFile.objects.get()
    assert row.problem.startswith("No space left on device")
    monkeypatch.undo()
    assert hand_out(files, NOW)[0].problem == ""
    assert len(written(files)) == 1


def test_nobody_sees_half_of_a_file(tmp_path):
    write_whole(tmp_path / "a.csv", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    (tmp_path / ".b.csv.tmp").write_bytes(b"ha")
    (tmp_path / "c.csv.part").write_bytes(b"ha")
    young = tmp_path / "d.csv"
    young.write_bytes(b"ha")
    os.utime(young, (100, 100))
    os.utime(tmp_path / "a.csv", (50, 50))
    assert [path.name for path in arrived(tmp_path, before=99)] == ["a.csv"]


def leave(files, text, name="status.csv"):
    """A file as the warehouse's system leaves it, a minute ago."""
    folder = folder_of(files.warehouse) / "in"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    os.utime(folder / name, (NOW.timestamp() - 60,) * 2)


def state_of(key):
    return AllocationState(Allocation.objects.get(pk=key).state)


def names(files, folder):
    return sorted(path.name for path in (folder_of(files.warehouse) / folder).iterdir())


def test_status_comes_back_and_steps_left_out_are_taken(files):
    one, two, three = assigned(files, 3)
    leave(
        files,
        "分配单,状态,快递公司,快递单号,异常类型,备注\n"
        f"{one},accepted,,,,\n{two},已发货,sf,SF0001,,\n{three},picked,,,,\n{three},异常,,,破损,湿了\n",
    )
    [row] = read_status_files(files, NOW)
    assert (row.rows_n, row.rejected_n, row.problem) == (4, 0, "")
    assert [state_of(key) for key in (one, two, three)] == [
        AllocationState.ACCEPTED,
        AllocationState.SHIPPED,
        AllocationState.PICKED,
    ]
    shipped = Allocation.objects.get(pk=two)
    assert (shipped.carrier, shipped.tracking_number) == ("sf", "SF0001")
    assert OrderException.objects.get().note == "湿了"
    assert (names(files, "in"), names(files, "done"), names(files, "rejected")) == ([], ["status.csv"], [])


def test_the_same_file_again_changes_nothing(files):
    [key] = assigned(files)
    text = f"allocation,status,tracking_number,kind,note\n{key},shipped,SF1,,\n{key},exception,,damaged,wet\n"
    for _ in range(2):
        leave(files, text)
        [row] = read_status_files(files, NOW)
        assert row.rejected_n == 0
    assert OrderException.objects.count() == 1
    assert names(files, "done") == ["status-1.csv", "status.csv"]


def test_rows_that_are_refused_come_back_with_reason_and_remedy_and_can_be_sent_again(files):
    good, cancelled = assigned(files, 2)
    cancel_allocations([cancelled], now=NOW)
    other = make_warehouse("bj")
    make_stock(other, "A", 10)
    elsewhere = assign_by_hand(make_order({"A": 1}).pk, warehouse=other, now=NOW)
    leave(
        files,
        "allocation,status,tracking_number\n"
        f"{good},accepted,\n{cancelled},picked,\n{elsewhere},accepted,\nx,accepted,\n{good},flying,\n{good},shipped,\n",
    )
    [row] = read_status_files(files, NOW)
    assert (row.rows_n, row.rejected_n) == (6, 5)
    assert state_of(good) == AllocationState.ACCEPTED
    assert state_of(elsewhere) == AllocationState.ASSIGNED
    [name] = names(files, "rejected")
    assert name == "status.rejected.csv"
    text = (folder_of(files.warehouse) / "rejected" / name).read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 6
    assert all(line[-1] and line[-2] for line in rows[1:])
    leave(files, text, "again.csv")  # as it is: refused again, never half understood
    assert read_status_files(files, NOW)[0].rejected_n == 5


def test_what_is_no_table_goes_to_the_rejected_with_its_reason(files):
    leave(files, "hello", "note.txt")
    [row] = read_status_files(files, NOW)
    assert row.problem
    assert names(files, "rejected") == ["note.txt", "note.txt.reason.txt"]
    assert names(files, "in") == []


def test_a_warehouses_code_never_leads_out_of_the_folder(files, tmp_path):
    for code in ("../evil", "a/b", "..", ".hidden"):
        files.warehouse.code = code
        assert folder_of(files.warehouse) == tmp_path / f"warehouse-{files.warehouse.pk}"
    files.warehouse.refresh_from_db()


def test_who_sets_up_the_network_switches_it_on_and_sees_the_last_files(files):
    lead = sign_in_as(Role.LEAD)
    address = reverse("desk:settings-warehouse-files", args=[files.warehouse.pk])
    assert address in lead.client.get(reverse("desk:settings-warehouse", args=[files.warehouse.pk])).content.decode()
    assigned(files)
    [row] = hand_out(files, NOW)
    page = lead.client.get(address).content.decode()
    assert row.name in page
    assert str(folder_of(files.warehouse)) in page
    lead.client.post(address, {"format": "xlsx"})
    assert WarehouseFiles.objects.get().format == "xlsx"
    lead.client.post(address, {"format": ""})
    assert not WarehouseFiles.objects.exists()
    assert sign_in_as(Role.CLERK).client.get(address).status_code == 403
    other = sign_in_as(Role.LEAD, warehouses=[make_warehouse("bj")])
    assert other.client.get(address).status_code == 404
