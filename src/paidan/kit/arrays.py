"""NumPy arrays as parameters of a statement: one binary PostgreSQL array each, no Python object per element.

What a set-based service needs: ids and quantities go in by `unnest(%s, %s)`, whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import numpy as np
import psycopg
from django.db import connection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

_ELEMENTS = {"b1": (16, 1000), "i2": (21, 1005), "i4": (23, 1007), "i8": (20, 1016), "f8": (701, 1022)}
"""The type of the elements and of their array, by NumPy kind and width."""


class ArrayDumper(Dumper):
    """A one-dimensional array of booleans, integers or floats in the binary form of `array_recv`."""

    format = Format.BINARY
    element = 0

    def get_key(self, obj: Any, format: PyFormat) -> Any:  # noqa: ARG002 - psycopg's name
        return (self.cls, obj.dtype)

    def upgrade(self, obj: Any, format: PyFormat) -> ArrayDumper:  # noqa: ARG002 - psycopg's name
        dumper = type(self)(self.cls)
        dumper.element, dumper.oid = _ELEMENTS[f"{obj.dtype.kind}{obj.dtype.itemsize}"]
        return dumper

    def dump(self, obj: Any) -> Buffer:
        if not len(obj):
            return np.array([0, 0, self.element], ">i4").tobytes()
        wire = obj.dtype.newbyteorder(">")
        cells = np.empty(len(obj), [("size", ">i4"), ("value", wire)])
        cells["size"] = wire.itemsize
        cells["value"] = obj
        return np.array([1, 0, self.element, len(obj), 1], ">i4").tobytes() + cells.tobytes()


def array_cursor(raw: psycopg.Connection[Any] | None = None) -> psycopg.Cursor[Any]:
    """A cursor that takes arrays, on Django's connection and so inside its transaction, or on the one given."""
    if raw is None:
        connection.ensure_connection()
        raw = connection.connection
    if raw not in _TAUGHT:
        raw.adapters.register_dumper(np.ndarray, ArrayDumper)
        _TAUGHT.add(raw)
    return psycopg.Cursor(raw)


_TAUGHT: WeakSet[psycopg.Connection[Any]] = WeakSet()
"""The connections that take arrays."""


@contextmanager
def prepared() -> Iterator[None]:
    """Within, statements of `array_cursor` are prepared when they come again: for small ones that always come alike.

    Not for those whose arrays are long now and short then: a plan that is kept is the same for both.
    """
    connection.ensure_connection()
    raw = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, 2
    try:
        yield
    finally:
        raw.prepare_threshold = before
