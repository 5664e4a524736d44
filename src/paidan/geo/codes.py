"""Region codes as small integers and back: GB/T 2260 codes are their own number, ISO countries are packed letters.

The database and the arrays keep a region as one integer; 0 means "none".
"""


def number_of(code: str | None) -> int:
    """The integer that stands for a region code: ``"310115"`` → 310115, ``"US"`` → 85·256 + 83; none → 0.

    Raises ValueError for anything that is neither six digits nor two letters.
    """
    if not code:
        return 0
    if len(code) == 6 and code.isascii() and code.isdigit():
        return int(code)
    if len(code) == 2 and code.isascii() and code.isalpha():
        first, second = code.upper().encode()
        return first * 256 + second
    raise ValueError(f"not a region code: {code!r}")


def code_of(number: int) -> str | None:
    """The region code an integer stands for; 0 → None."""
    if number == 0:
        return None
    if number >= 100_000:
        return f"{number:06d}"
    return bytes(divmod(number, 256)).decode("ascii")
