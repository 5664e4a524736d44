"""How the kernel's functions are compiled: inner ones without a Python entrance, entries cached on disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_BESIDE_THE_KERNELS = ("codes.py", "jit.py", "kernel_state.py", "matching.py", "problem.py", "structs.py", "tables.py")
_REORDERED = {"reassoc", "nsz", "arcp", "contract"}
F = TypeVar("F", bound=Callable[..., Any])


_njit: Any = njit  # the options below are not in its published types


def inner(function: F) -> F:
    """A function only other compiled functions call. Not cached by itself: it is part of the entry that calls it."""
    compiled: F = _njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return compiled


def leaf(function: F) -> F:
    """An inner function of plain arrays and numbers: without the reference counting that would cost more than its work.

    It must not make arrays nor take structs.
    """
    plain = _njit(nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    compiled: F = plain(function)
    return compiled


def inlined(function: F) -> F:
    """A leaf of the hot loop: handing its arrays over would cost more than its work (LLVM does not see that)."""
    plain = _njit(
        nogil=True,
        error_model="numpy",
        _nrt=False,
        forceinline=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    compiled: F = plain(function)
    return compiled


def fast_inner(function: F) -> F:
    """An inner function whose sums may be added up in another order, so that the machine can do eight at once."""
    compiled: F = _njit(
        nogil=True, error_model="numpy", fastmath=_REORDERED, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return compiled


def entry(function: F) -> F:
    """A function Python calls; its machine code is kept on disk as long as none of its sources changes.

    Numba itself would only notice a change of the entry's own file, and run old code of the functions it calls.
    """
    return _kept(function, False)


def fast_entry(function: F) -> F:
    """An entry whose sums may be added up in another order; the same machine adds in the same order every time."""
    return _kept(function, _REORDERED)


def _kept(function: F, fastmath: Any) -> F:
    compiled: Any = _njit(nogil=True, cache=True, error_model="numpy", fastmath=fastmath, no_cfunc_wrapper=True)(
        function
    )
    cache = compiled._cache
    key_of = cache._index_key
    cache._index_key = lambda signature, codegen: (*key_of(signature, codegen), _fingerprint())
    return cast(F, compiled)


@lru_cache(maxsize=1)
def _fingerprint() -> str:
    """A hash of the sources machine code is made from."""
    folder = Path(__file__).parent
    made_from = [*folder.rglob("*_kernel.py"), *(folder / name for name in _BESIDE_THE_KERNELS)]
    return sha256(b"".join(source.read_bytes() for source in sorted(made_from))).hexdigest()


def _fetch(context: Any, builder: Any, kind: Any, array: Any, indices: list[Any]) -> Any:
    """Emit the machine's prefetch of an element; an address beyond the array is harmless."""
    items: Any = cgutils
    view = context.make_array(kind)(context, builder, array)
    at = items.get_item_pointer(context, builder, kind, view, indices, wraparound=False)
    number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    signature = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    function = items.get_or_insert_function(builder.module, signature, "llvm.prefetch.p0")
    builder.call(function, [builder.bitcast(at, byte), number(0), number(3), number(1)])
    return context.get_dummy_value()


@intrinsic
def _prefetch(_typing: Any, table: Any, _row: Any, _column: Any) -> Any:
    """``prefetch(table, row, column)``: fetch an element of a C-contiguous 2-D array into the cache without waiting."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _fetch(context, builder, signature.args[0], args[0], [args[1], args[2]])

    return types.void(table, types.intp, types.intp), codegen


@intrinsic
def _prefetch_item(_typing: Any, column: Any, _index: Any) -> Any:
    """``prefetch_item(column, index)``: the same of a 1-D array."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _fetch(context, builder, signature.args[0], args[0], [args[1]])

    return types.void(column, types.intp), codegen


prefetch: Any = _prefetch
prefetch_item: Any = _prefetch_item
"""The intrinsics as the kernels call them: without the typing context that Numba passes."""
