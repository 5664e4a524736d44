"""NumPy columns as parameters: what goes in by an array comes out the same."""

import numpy as np
import pytest

from paidan.kit.arrays import array_cursor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dtype", ["bool", "int16", "int32", "int64", "float64"])
def test_every_kind_of_column_arrives_as_it_is(dtype):
    column = np.array([0, 1, 1, 0]).astype(dtype) if dtype == "bool" else np.array([0, -1, 2, 7]).astype(dtype)
    rows = array_cursor().execute("SELECT v FROM unnest(%s) WITH ORDINALITY AS n (v, at) ORDER BY at", (column,))
    assert [value for (value,) in rows.fetchall()] == column.tolist()


def test_an_empty_column_is_an_empty_array():
    [count] = array_cursor().execute("SELECT cardinality(%s)", (np.zeros(0, np.int64),)).fetchone()
    assert count == 0


def test_a_big_endian_or_strided_column_is_no_different():
    column = np.arange(10, dtype=">i8")[::3]
    rows = array_cursor().execute("SELECT v FROM unnest(%s) AS n (v)", (column,)).fetchall()
    assert sorted(value for (value,) in rows) == [0, 3, 6, 9]


def test_columns_of_several_widths_go_into_one_statement():
    small, large = np.array([1, 2], np.int32), np.array([1 << 40, 2], np.int64)
    row = array_cursor().execute("SELECT sum(a), sum(b) FROM unnest(%s, %s) AS n (a, b)", (small, large)).fetchone()
    assert row == (3, (1 << 40) + 2)
