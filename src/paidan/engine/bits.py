"""Sets of rules as rows of 64-bit words: bit r of a row is rule r."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]


def words_for(count: int) -> int:
    """Words that hold `count` bits; at least one."""
    return max(1, (count + 63) // 64)


def packed(flags: npt.NDArray[np.bool_]) -> U64:
    """Rows of flags, bool (rows, bits), as words, uint64 (rows, words); bit b is bit b % 64 of word b // 64."""
    rows, count = flags.shape
    padded = np.zeros((rows, words_for(count) * 64), np.bool_)
    padded[:, :count] = flags
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)
