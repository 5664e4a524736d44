"""What became of an import: counts, a sample of the rejects, and where all of them were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Reject:
    """One thing wrong with one row, in the reader's language."""

    line: int
    column: str
    value: str
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Rejects:
    """How many rows were rejected for a fault of their own, how many only because of another row of the same order,
    how many by each code, and the first of the reasons."""

    rows: int = 0
    withheld: int = 0
    by_code: Mapping[str, int] = field(default_factory=dict)
    sample: Sequence[Reject] = ()


@dataclass
class Outcome:
    """Entries (orders, SKUs, …) written or found to be as the file says."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class ImportReport:
    """The result of one import. `rows` are the file's rows; created, changed and unchanged count entries."""

    kind: str
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    rejects: Rejects
    rejects_path: Path | None
    encoding: str
    columns: Mapping[str, str]
    ignored: Sequence[str]
    seconds: float
    left_out: int = 0  # rows that say themselves that there is nothing to do with them

    @property
    def nothing_new(self) -> bool:
        """Whether the file said only what was known."""
        return self.created == 0 and self.changed == 0
