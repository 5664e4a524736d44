"""Spans of time as histograms on fixed buckets, so that medians of any sum of days come from sums of counts.

Bucket 0 is under a minute; bucket k ≥ 1 begins at `EDGES_S[k]` = ⌈60 · 2^((k−1)/4)⌉ seconds: each is a fifth wider than
the one before, so a quantile is off by a tenth at most. The last one, from 32 days on, is open. Stored as the
non-empty buckets only: a byte for the bucket, four (little-endian) for the count.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

BUCKETS = 64
EDGES_S: npt.NDArray[np.int64] = np.array(
    [0, *(math.ceil(60 * 2 ** ((k - 1) / 4)) for k in range(1, BUCKETS))], np.int64
)
ENTRY = np.dtype([("bucket", "u1"), ("n", "<u4")])
WIDTH = BUCKETS * ENTRY.itemsize
Counts = npt.NDArray[np.int64]


def buckets_of(seconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The bucket of each span; below zero counts as zero."""
    return np.searchsorted(EDGES_S, np.maximum(seconds, 0), side="right") - 1


def packed(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Rows of counts (n, BUCKETS) as bytes at full width (n, WIDTH) and how many of them count."""
    row, bucket = np.nonzero(counts)
    each = np.bincount(row, minlength=len(counts)).astype(np.int64)
    at = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
    entries = np.zeros((len(counts), BUCKETS), ENTRY)
    entries["bucket"][row, at] = bucket
    entries["n"][row, at] = counts[row, bucket]
    return entries.view(np.uint8).reshape(len(counts), WIDTH), each * ENTRY.itemsize


def unpacked(together: bytes) -> Counts:
    """Any number of packed histograms, one after the other, summed."""
    entries = np.frombuffer(together, ENTRY)
    return np.bincount(entries["bucket"], entries["n"], BUCKETS).astype(np.int64)


def quantile(counts: Counts, share: float) -> float | None:
    """The ⌈share·n⌉-th smallest span, those of a bucket taken as spread evenly over it; None of none."""
    total = int(counts.sum())
    if not total:
        return None
    rank = max(1, math.ceil(share * total))
    upto = np.cumsum(counts)
    bucket = int(np.searchsorted(upto, rank))
    low = float(EDGES_S[bucket])
    high = float(EDGES_S[bucket + 1]) if bucket + 1 < BUCKETS else 2 * low
    place = rank - int(upto[bucket]) + int(counts[bucket])
    return low + (high - low) * (place - 0.5) / int(counts[bucket])
