"""Named tuples of arrays as references inside compiled code.

A named tuple of forty arrays passed by value costs LLVM minutes; a reference to the same fields costs it nothing.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from numba import types as numba_types
from numba.experimental import structref as numba_structref

types: Any = numba_types  # neither module is typed
structref: Any = numba_structref


def reference_to(fields: type[Any]) -> Any:
    """A struct type with the fields of a named tuple class, to be built as ``Ref(*the_tuple)`` in compiled code."""

    def without_literals(_self: Any, items: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        return tuple((name, types.unliteral(kind)) for name, kind in items)

    def with_short_name(self: Any, items: tuple[tuple[str, Any], ...]) -> None:
        # the full name lists every field, is part of every symbol, and alone doubles the compile time
        types.StructRef.__init__(self, items)
        self.name = f"{fields.__name__}{crc32(self.name.encode()):08x}"

    members = {"preprocess_fields": without_literals, "__init__": with_short_name}
    struct = type(f"{fields.__name__}Type", (types.StructRef,), members)
    structref.register(struct)
    proxy = type(f"{fields.__name__}Ref", (structref.StructRefProxy,), {})
    structref.define_proxy(proxy, struct, list(fields._fields))
    return proxy
