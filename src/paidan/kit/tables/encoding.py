"""Finds out how the bytes of a text file are encoded, and decodes them."""

import codecs
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Decoded:
    """The text of a file and the name of its encoding; unreadable bytes have become U+FFFD."""

    text: str
    encoding: str


def decode(raw: bytes) -> Decoded:
    """Decode UTF-8, UTF-16 or GB18030 (which contains GBK and GB 2312), with or without a byte order mark.

    A broken byte must cost its own row, not the file, and must not make UTF-8 look like GB18030: where neither
    reads cleanly, the encoding that leaves fewer unreadable characters wins.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return Decoded(raw.decode(encoding, errors="replace"), encoding)
    if wide := _utf16_without_mark(raw):
        return Decoded(raw.decode(wide, errors="replace"), wide)
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    tried = [Decoded(raw.decode(name, errors="replace"), name) for name in ("utf-8", "gb18030")]
    utf8, gb18030 = tried
    # Chinese UTF-8 with one broken byte may read as clean but senseless GB18030: trust UTF-8 while it mostly holds.
    readable = sum(character > "\x7f" for character in utf8.text) - utf8.text.count(REPLACEMENT)
    if utf8.text.count(REPLACEMENT) * 20 < readable:
        return utf8
    return gb18030


def _utf16_without_mark(raw: bytes) -> str | None:
    """Latin letters, digits and separators of UTF-16 have a zero byte each: always the second, or always the first."""
    head = raw[:4096]
    low, high = head[1::2].count(0), head[0::2].count(0)
    if low > len(head) // 8 and high == 0:
        return "utf-16-le"
    if high > len(head) // 8 and low == 0:
        return "utf-16-be"
    return None
