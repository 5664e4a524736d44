"""One error for every use case that says no: a stable code and values; the sentence is made when it is read."""

from collections.abc import Mapping


class Refusal(Exception):
    """A use case was refused. `str()` is the sentence in the active language; `code` and `values` never change with it.

    `sentence` is a (lazily translated) template with named placeholders: ``_("%(order)s is not held.")``.
    `pointer` names the place in the input, where there is one.
    """

    def __init__(self, code: str, sentence: object, *, pointer: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.pointer = pointer
        self.values: Mapping[str, object] = values

    def __str__(self) -> str:
        return str(self.sentence) % self.values
