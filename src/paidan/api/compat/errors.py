"""How these protocols say no: HTTP 200 with a number other than 0 and a sentence."""

from django.utils.functional import Promise

MISSING = 1001
UNKNOWN_CALLER = 1002
BAD_SIGNATURE = 1003
STALE = 1004
FORBIDDEN = 1005
UNKNOWN_METHOD = 1006
MALFORMED = 1007
SOME_REFUSED = 1008
FAILED = 1099
UNKNOWN_SHOP = 2310
NO_WINDOW = 2900
WINDOW_TOO_LONG = 2901


class ProtocolError(Exception):
    """An answer other than success; `more` are fields beside code and message."""

    def __init__(self, code: int, sentence: str | Promise, **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.more = more

    def __str__(self) -> str:
        return str(self.sentence)
