"""The signature of Wangdiantong's open API, as both kinds of clients make it.

`%02d-key:%04d-value` per field in key order, joined by `;`, the secret behind it, MD5. The numbers are lengths: in
characters by the documentation, in UTF-8 bytes by some clients. Both are accepted; they agree on ASCII.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

CHARACTERS: Callable[[str], int] = len


def octets(text: str) -> int:
    return len(text.encode())


def signature(fields: Mapping[str, str], secret: str, length: Callable[[str], int] = CHARACTERS) -> str:
    """The signature of all fields but `sign` itself."""
    parts = [
        f"{length(key):02d}-{key}:{length(value):04d}-{value}" for key, value in sorted(fields.items()) if key != "sign"
    ]
    return md5(";".join(parts) + secret)


def is_signed(fields: Mapping[str, str], secret: str) -> bool:
    """Whether `sign` is the signature, by either way of counting."""
    given = fields.get("sign", "").lower()
    return any(same(given, signature(fields, secret, length)) for length in (CHARACTERS, octets))


def md5(text: str) -> str:
    """The protocols' own digest; nothing of ours rests on it alone."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
