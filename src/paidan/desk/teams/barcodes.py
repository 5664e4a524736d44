"""Code 128 as SVG: the bars of an allocation number, so that a printed pick list can be scanned."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

# Widths of bars and gaps of each symbol value, 0 to 105 (ISO/IEC 15417); then the stop.
WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
LONG = 6
"""Digits of a symbol in that row."""
STOP = "2331112"
START_B, START_C, TO_B = 104, 105, 100
QUIET = 10
"""Modules of white on either side; a scanner needs them."""


def code128(digits: str, *, height: int = 40, module: float = 2) -> SafeString:
    """The bars of a number; pairs of digits take one symbol each."""
    widths = "".join(WIDTHS[value * LONG : (value + 1) * LONG] for value in symbols(digits)) + STOP
    path, at = [], QUIET
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            path.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    total = at + QUIET
    return format_html(
        '<svg class="bars" viewBox="0 0 {} 1" width="{}" height="{}" preserveAspectRatio="none" role="img" '
        'aria-label="{}" shape-rendering="crispEdges"><path d="{}"/></svg>',
        total,
        f"{total * module:.0f}",
        height,
        digits,
        "".join(path),
    )


def symbols(digits: str) -> list[int]:
    """Start, data and check symbol values: set C in pairs, a last odd digit in set B."""
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"not a number: {digits!r}")
    values = [START_C] if len(digits) > 1 else [START_B]
    even = len(digits) - len(digits) % 2
    values += [int(digits[at : at + 2]) for at in range(0, even, 2)]
    if len(digits) % 2:
        values += [TO_B] if even else []
        values.append(ord(digits[-1]) - ord(" "))
    check = values[0] + sum(place * value for place, value in enumerate(values[1:], 1))
    return [*values, check % 103]
