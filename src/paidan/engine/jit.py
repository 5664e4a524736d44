"""How the kernel's functions are compiled: inner ones without a Python entrance, entries cached on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def inner(function: F) -> F:
    """A function only other compiled functions call. Not cached by itself: it is part of the entry that calls it."""
    compiled: F = njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    return compiled


def leaf(function: F) -> F:
    """An inner function of plain arrays and numbers: without the reference counting that would cost more than its work.

    It must not make arrays nor take structs.
    """
    plain = njit(nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    compiled: F = plain(function)
    return compiled


def entry(function: F) -> F:
    """A function Python calls; its machine code is kept on disk."""
    compiled: F = njit(nogil=True, cache=True, error_model="numpy", no_cfunc_wrapper=True)(function)
    return compiled
