import pytest
from tests.builders import NOW, make_order, make_stock, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.network.models import WarehouseFiles

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(settings, tmp_path):
    settings.FILES = tmp_path
    warehouse = make_warehouse("gz")
    make_stock(warehouse, "A", 10)
    assign_by_hand(make_order({"A": 1}).pk, warehouse=warehouse, now=NOW)
    WarehouseFiles.objects.create(warehouse=warehouse, since_at=NOW)
    return warehouse


def test_files_are_written_and_read_at_once(paidan, place, tmp_path):
    answer = paidan("files", "export", "--json")
    assert answer.code == 0
    [file] = answer.json
    assert (file["warehouse"], file["rows"], file["problem"]) == (place.code, 1, "")
    assert (tmp_path / "gz" / "out" / file["file"]).exists()
    assert "nothing new" in paidan("files", "export").err
    (tmp_path / "gz" / "in" / "s.csv").write_text("allocation,status\n1,flying\n")
    assert "nothing new" in paidan("files", "read").err  # too young: perhaps it is still being written


def test_a_warehouse_without_files_is_said(paidan, place):
    make_warehouse("bj")
    answer = paidan("files", "export", "-w", "bj")
    assert answer.code == 2
    assert "bj" in answer.err
    assert place
