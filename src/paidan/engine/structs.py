"""Named tuples of arrays as references inside compiled code.

A named tuple of forty arrays passed by value costs LLVM minutes; a reference to the same fields costs it nothing.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.experimental import structref


def reference_to(fields: type[Any]) -> Any:
    """A struct type with the fields of a named tuple class, to be built as ``Ref(*the_tuple)`` in compiled code."""

    def without_literals(_self: Any, items: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        return tuple((name, types.unliteral(kind)) for name, kind in items)

    struct = type(f"{fields.__name__}Type", (types.StructRef,), {"preprocess_fields": without_literals})
    structref.register(struct)
    proxy = type(f"{fields.__name__}Ref", (structref.StructRefProxy,), {})
    structref.define_proxy(proxy, struct, list(fields._fields))
    return proxy
