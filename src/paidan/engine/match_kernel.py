"""The loop that finds an order's next matching rule in the index."""

from __future__ import annotations

import numpy as np

from .jit import entry, inlined
from .matching import RuleIndex
from .problem import I32, I64

NO_MATCH = -1


@inlined
def next_match(index: RuleIndex, ptr: I64, sku_l: I32, order: int, start: int) -> int:
    """The first rule ≥ `start` all of whose conditions hold for the order, `NO_MATCH` if none.

    Words of 64 rules are AND-ed field by field and left at the first empty result: O(fields x rules / 64).
    """
    if start >= index.rule_count:
        return NO_MATCH
    fields, several = index.class_oj.shape[1], False
    tag_row, row = index.tag_row_o[order], np.int32(-1)
    if index.uses_skus:
        several = ptr[order + 1] - ptr[order] != 1
        if not several:
            row = index.class_s[sku_l[ptr[order]]]
    for word in range(start >> 6, index.row_kb.shape[1]):
        left = ~np.uint64(0)
        if row >= 0:
            left = index.alone_cb[row, word] & (index.tags_kb[tag_row, word] | index.tag_cb[row, word])
        elif not several:
            left = index.tags_kb[tag_row, word]
        if word == start >> 6:
            left &= ~np.uint64(0) << np.uint64(start & 63)
        for field in range(fields):
            left &= index.row_kb[index.class_oj[order, field], word]
            if left == 0:
                break
        if left != 0 and several:
            left &= _sku_word(index, ptr, sku_l, order, word)
        if left != 0:
            return word * 64 + _lowest_bit(left)
    return NO_MATCH


@inlined
def _sku_word(index: RuleIndex, ptr: I64, sku_l: I32, order: int, word: int) -> np.uint64:
    """Rules of one word that the order's SKUs, their categories and all its tags leave possible."""
    sku, category = index.any_sku_b[word], index.any_category_b[word]
    tag, barred = index.tags_kb[index.tag_row_o[order], word], np.uint64(0)
    for line in range(ptr[order], ptr[order + 1]):
        row = index.class_s[sku_l[line]]
        sku |= index.sku_cb[row, word]
        category |= index.category_cb[row, word]
        tag |= index.tag_cb[row, word]
        barred |= index.barred_cb[row, word]
    return sku & category & tag & ~barred


@inlined
def _lowest_bit(word: np.uint64) -> int:
    """The number of the lowest set bit of a word that is not zero."""
    lowest, bit = word & (~word + np.uint64(1)), 0
    for shift in (32, 16, 8, 4, 2, 1):
        if lowest >> np.uint64(shift):
            lowest >>= np.uint64(shift)
            bit += shift
    return bit


@entry
def first_matches(index: RuleIndex, ptr: I64, sku_l: I32) -> I32:
    """The first matching rule of every order, int32 (orders,)."""
    matched = np.empty(len(ptr) - 1, np.int32)
    for order in range(len(matched)):
        matched[order] = next_match(index, ptr, sku_l, order, 0)
    return matched
