"""What can be wrong with a cell or a row, as codes with their sentences, and the list of what was found wrong.

The sentence is made when a report is written, in its reader's language; until then a fault is a row, a field, a flaw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Flaw:
    """One way of being wrong: a stable code, and templates of the reason and of what to do about it."""

    code: str
    reason: object
    remedy: object


@dataclass(frozen=True)
class Fault:
    """A flaw found in one row (counted from 0) under one field; an empty field means the row as a whole."""

    row: int
    field: str
    flaw: Flaw
    values: Mapping[str, object]

    @property
    def reason(self) -> str:
        return str(self.flaw.reason) % self.values

    @property
    def remedy(self) -> str:
        return str(self.flaw.remedy) % self.values


@dataclass
class Faults:
    """Everything found wrong so far."""

    found: list[Fault] = field(default_factory=list)

    def add(self, rows: Iterable[int], name: str, flaw: Flaw, **values: object) -> None:
        self.found.extend(Fault(row, name, flaw, values) for row in rows)

    def rows(self) -> set[int]:
        return {fault.row for fault in self.found}

    def by_row(self) -> dict[int, list[Fault]]:
        """The faults of each row; of a row that could not be cut into cells only that one."""
        faults_of: dict[int, list[Fault]] = {}
        for fault in self.found:
            faults_of.setdefault(fault.row, []).append(fault)
        for row, faults in faults_of.items():
            whole = [fault for fault in faults if fault.flaw in (OPEN_QUOTE, TOO_MANY_CELLS)]
            faults_of[row] = whole or faults
        return dict(sorted(faults_of.items()))


UNREADABLE = Flaw(
    "unreadable",
    _("The row contains characters that could not be read in the encoding %(encoding)s."),
    _("Type these characters again and save the file as UTF-8."),
)
CONTROL_CHARACTER = Flaw(
    "control_character",
    _("The cell contains an invisible control character."),
    _("Delete the cell's content and type it again."),
)
TOO_MANY_CELLS = Flaw(
    "too_many_cells",
    _("The row has %(found)d cells, the heading row %(expected)d."),
    _("Put quotation marks around cells that contain the separator, or remove the extra cells."),
)
OPEN_QUOTE = Flaw(
    "open_quote",
    _("A quotation mark in this row is never closed."),
    _("Close the quotation mark, or write it twice where it is part of the text."),
)
MISSING = Flaw("missing", _("The cell is empty, but a value is needed."), _("Fill in the cell."))
TOO_LONG = Flaw(
    "too_long",
    _("The text has more than %(most)d characters."),
    _("Shorten it to at most %(most)d characters."),
)
DIGITS_LOST = Flaw(
    "digits_lost",
    _("The spreadsheet has turned this number into a rounded one, and its last digits are lost."),
    _("Format the column as text, enter the number again from its source, and save the file anew."),
)
NOT_A_NUMBER = Flaw("not_a_number", _("This is not a number."), _("Write digits only, for example 12."))
NOT_WHOLE = Flaw("not_whole", _("This is not a whole number."), _("Write a whole number, for example 2."))
TOO_SMALL = Flaw("too_small", _("The number is below %(least)s."), _("Write a number of at least %(least)s."))
TOO_LARGE = Flaw("too_large", _("The number is above %(most)s."), _("Write a number of at most %(most)s."))
NOT_MONEY = Flaw(
    "not_money",
    _("This is not an amount of money."),
    _("Write it with a decimal point and without other signs, for example 1204.50."),
)
TOO_FINE = Flaw(
    "too_fine",
    _("The amount is finer than the smallest unit of its currency."),
    _("Write it with at most two decimals, or none for a currency without a subunit."),
)
NOT_AN_INSTANT = Flaw(
    "not_a_time",
    _("This is not a date and time."),
    _("Write it as 2026-11-11 08:30:00, or format the column as a date in the spreadsheet."),
)
DAY_OR_MONTH = Flaw(
    "day_or_month",
    _("It cannot be told which number is the day and which the month."),
    _("Write the year first: 2026-11-30."),
)
OUT_OF_CALENDAR = Flaw(
    "out_of_calendar",
    _("The date does not lie between the years 2000 and 2100."),
    _("Correct the date."),
)
NOT_A_DAY = Flaw("not_a_day", _("This is not a date."), _("Write it as 2026-11-11."))
NOT_A_CLOCK_TIME = Flaw("not_a_clock_time", _("This is not a time of day."), _("Write it as 17:30."))
NOT_YES_OR_NO = Flaw("not_yes_or_no", _("This is neither yes nor no."), _("Write yes or no."))
WORD_TOO_LONG = Flaw(
    "word_too_long",
    _("An entry of the list has more than %(most)d characters."),
    _("Shorten the entry, and separate entries by a comma or semicolon."),
)
SAME_KEY = Flaw(
    "same_key",
    _("The lines %(lines)s of the file say different things about the same entry."),
    _("Keep the one that is right and remove the others."),
)
