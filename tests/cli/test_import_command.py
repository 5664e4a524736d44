import pytest

from paidan.network.models import Warehouse

pytestmark = pytest.mark.django_db

WAREHOUSES = "code,name,latitude,longitude\ngz,广州仓,23.13,113.26\nbj,北京仓,39.90,116.41\n"


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "warehouses.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_come_in_and_the_same_file_again_changes_nothing(paidan, file):
    path = file(WAREHOUSES)
    first, second = paidan("import", "warehouse", path), paidan("import", "warehouse", path)
    assert (first.code, second.code) == (0, 0)
    assert "2 new" in first.err
    assert "nothing new" in second.err
    assert Warehouse.objects.count() == 2


def test_bad_rows_are_shown_with_line_reason_and_remedy_and_the_good_ones_stay(paidan, file):
    path = file(WAREHOUSES + "sh,上海仓,231.2,121.47\n")
    answer = paidan("import", "warehouse", path, "--json")
    assert answer.code == 1
    assert (answer.json["created"], answer.json["rejected"]) == (2, 1)
    [reject] = answer.json["rejects"]
    assert reject["line"] == 4
    assert reject["reason"]
    assert reject["remedy"]
    assert path.with_name("warehouses.rejects.csv").exists()


def test_a_dry_run_stores_nothing_and_says_so(paidan, file):
    answer = paidan("import", "warehouse", file(WAREHOUSES), "--dry-run")
    assert "nothing was stored" in answer.err
    assert Warehouse.objects.count() == 0


def test_a_heading_nobody_knows_can_be_mapped(paidan, file):
    path = file(WAREHOUSES.replace("code,", "仓号X,"))
    assert paidan("import", "warehouse", path).code != 0
    assert paidan("import", "warehouse", path, "--map", "仓号X=code").code == 0


def test_a_map_without_an_equals_sign_is_wrong_use(paidan, file):
    assert paidan("import", "warehouse", file(WAREHOUSES), "--map", "code").code == 2


def test_an_unknown_kind_names_the_kinds_there_are(paidan, file):
    answer = paidan("import", "warehuse", file(WAREHOUSES))
    assert answer.code != 0
    assert "warehouse" in answer.err


def test_a_file_that_is_not_there_costs_nothing(paidan, tmp_path):
    answer = paidan("import", "warehouse", tmp_path / "nothing.csv")
    assert answer.code == 2
    assert "There is no file" in answer.err
