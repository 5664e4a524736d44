import io
import json

import pytest
from rich.cells import cell_len
from rich.console import Console

from paidan.cli.output import Column, cell, table_of, write_records


def lines_of(table) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=100, markup=False).print(table)
    return text.getvalue().splitlines()


def test_columns_line_up_when_names_are_chinese():
    columns = [Column("name", "名称"), Column("on_hand", "在库", "right")]
    lines = lines_of(table_of([{"name": "北京仓", "on_hand": 7}, {"name": "BJ", "on_hand": 1204}], columns))
    ends = {cell_len(line.rstrip()) for line in lines}
    assert len(ends) == 1


def test_numbers_carry_separators_and_what_is_missing_is_a_dash():
    assert str(cell(1204)) == "1,204"
    assert str(cell(0)) == "0"
    assert str(cell(None)) == "—"
    assert str(cell("")) == "—"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_of_records_is_one_json_array(capsys, count):
    records = [{"sku": f"货{n}", "on_hand": n} for n in range(count)]
    write_records(iter(records))
    printed = capsys.readouterr().out
    assert json.loads(printed) == records
    assert "\\u" not in printed


def test_text_that_looks_like_markup_is_printed_as_it_is():
    assert "[red]x[/red]" in lines_of(table_of([{"name": "[red]x[/red]"}], [Column("name", "n")]))[1]
