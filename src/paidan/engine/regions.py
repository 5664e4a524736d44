"""Region codes: how one is normalised, what lies above it, which warehouses cover it. No names, no coordinates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .problem import I32, Bools

CHINA = "CN"
PROVINCE_OF_COUNTRY = {"HK": "810000", "MO": "820000", "TW": "710000"}
"""Codes of ISO 3166 whose six-digit code (GB/T 2260) is what the tree knows."""

_SIX_DIGITS = re.compile(r"[1-9][0-9]{5}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def normalised(code: str) -> str:
    """The one spelling of a region code the engine compares: HK, MO and TW become provinces of the tree."""
    return PROVINCE_OF_COUNTRY.get(code, code)


def is_well_formed(code: str) -> bool:
    """Six digits of GB/T 2260, or two capital letters of ISO 3166."""
    return bool(_SIX_DIGITS.fullmatch(code) or _COUNTRY.fullmatch(code))


def ancestors(code: str) -> tuple[str, ...]:
    """The code and everything above it, widest first: ``310115`` → ``CN, 310000, 310100, 310115``.

    Another country stands alone. A level that repeats (a province's code is also its city prefix) is named once.
    """
    own = normalised(code)
    if not _SIX_DIGITS.fullmatch(own):
        return (own,)
    chain = [CHINA]
    for level in (own[:2] + "0000", own[:4] + "00", own):
        if level != chain[-1]:
            chain.append(level)
    return tuple(chain)


def coverage(
    regions: Sequence[str], covers_w: Sequence[tuple[str, ...] | None], excludes_w: Sequence[tuple[str, ...]]
) -> Bools:
    """Which warehouse may deliver to which region, bool (regions + 1, warehouses); the last row is "no region".

    A region is covered if it or one above it is listed; excluded likewise. Nothing matches "no region".
    O(regions x levels + codes listed).
    """
    lists = [(covers or (), excludes) for covers, excludes in zip(covers_w, excludes_w, strict=True)]
    codes = sorted({normalised(code) for covers, excludes in lists for code in (*covers, *excludes)})
    column = {code: index for index, code in enumerate(codes)}
    covers_cw = np.zeros((len(codes) + 1, len(covers_w)), np.bool_)
    excludes_cw = np.zeros_like(covers_cw)
    for warehouse, (covers, excludes) in enumerate(lists):
        covers_cw[[column[normalised(code)] for code in covers], warehouse] = True
        excludes_cw[[column[normalised(code)] for code in excludes], warehouse] = True
    listed, excluded = _any_level(covers_cw, excludes_cw, levels_of(regions, column))
    everywhere = np.array([covers is None for covers in covers_w], np.bool_)
    return np.ascontiguousarray((listed | everywhere) & ~excluded)


def levels_of(regions: Sequence[str], column: dict[str, int]) -> I32:
    """Columns of the levels of each region, narrowest first, int32 (regions + 1, 4); −1 = level not in `column`."""
    return _levels(tuple(regions), tuple(column)) if column else np.full((len(regions) + 1, 4), -1, np.int32)


@lru_cache(maxsize=16)
def _levels(regions: tuple[str, ...], codes: tuple[str, ...]) -> I32:
    """The waves of a day ask for the same regions again and again: 50 ms for three thousand of them."""
    column = {code: index for index, code in enumerate(codes)}
    levels = np.full((len(regions) + 1, 4), -1, np.int32)
    for row, code in enumerate(regions):
        for level, above in enumerate(reversed(ancestors(code))):
            levels[row, level] = column.get(above, -1)
    levels.flags.writeable = False
    return levels


def _any_level(
    covers_cw: Bools, excludes_cw: Bools, levels: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    listed = np.zeros((len(levels), covers_cw.shape[1]), np.bool_)
    excluded = np.zeros_like(listed)
    for level in levels.T:  # −1 reads the last row, which is all False
        listed |= covers_cw[level]
        excluded |= excludes_cw[level]
    return listed, excluded
