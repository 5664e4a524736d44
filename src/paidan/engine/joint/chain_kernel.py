"""Machine code that follows the rules an order may fall through."""

from __future__ import annotations

from typing import Any

from ..jit import entry
from ..match_kernel import NO_MATCH, next_match


@entry
def chain_touches(
    index: Any, ptr: Any, sku_l: Any, first_rule_o: Any, marked_r: Any, falls_r: Any, touched_o: Any
) -> None:
    """Set `touched_o` where the first rule, or one that follows while rules fall through, is marked."""
    for order in range(len(first_rule_o)):
        rule = first_rule_o[order]
        while rule != NO_MATCH and not touched_o[order]:
            touched_o[order] = marked_r[rule]
            if not falls_r[rule]:
                break
            rule = next_match(index, ptr, sku_l, order, rule + 1)
