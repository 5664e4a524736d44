"""What a column of a table means: its name, its kind of value, its limits and the headings it is known by."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How the text of a cell is read."""

    CODE = auto()  # an identifier: exact characters, half-width, never a rounded number
    TEXT = auto()
    WHOLE = auto()
    MONEY = auto()  # to minor units
    DECIMAL = auto()
    INSTANT = auto()
    DEADLINE = auto()  # an instant; a bare date means the end of that day
    DAY = auto()
    CLOCK = auto()
    FLAG = auto()
    WORDS = auto()  # a list


@dataclass(frozen=True)
class Field:
    """One column of a kind of table. `headings` are the words files call it by, between blanks, besides its name.

    `most` and `least` bound a number, or `most` the characters of a text (of each entry, for a list).
    """

    name: str
    kind: Kind
    headings: str = ""
    required: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def names(self) -> list[str]:
        """All it is known by, most telling first."""
        return [self.name, *self.headings.split()]
