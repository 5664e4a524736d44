"""How the kernel's functions are compiled: inner ones without a Python entrance, entries cached under a fingerprint."""

from __future__ import annotations

from numba import njit

inner = njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A function only other compiled functions call. Not cached by itself: it is part of the entry that calls it."""
entry = njit(nogil=True, cache=True, error_model="numpy", no_cfunc_wrapper=True)
"""A function Python calls; its machine code is kept on disk."""
