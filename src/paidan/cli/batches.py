"""What an action on many did: how many went through, and for each of the others why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from paidan.cli.faults import FOUND
from paidan.cli.output import say, write_json

if TYPE_CHECKING:
    from paidan.allocation.models import Allocation
    from paidan.allocation.outcomes import Batch
    from paidan.kit.errors import Refusal


def title_of(allocation: "Allocation") -> str:
    """An allocation as people point at it: its number, its order and where it is."""
    return f"#{allocation.id} ({allocation.order.number}, {allocation.warehouse})"


@dataclass(slots=True)
class Tally:
    """What went through and what was refused so far, in words people know: titles, not ids."""

    done: list[str] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def add(self, batch: "Batch", titles: Mapping[int, str]) -> None:
        """Take in what a service did to many at once."""
        from paidan.allocation.outcomes import refusal

        self.done += [titles.get(row, f"#{row}") for row in batch.done]
        self.created += batch.created
        for row, code in batch.refused.items():
            self.refuse(refusal(code, row), titles.get(row, f"#{row}"))

    def refuse(self, error: "Refusal", title: str) -> None:
        """Take in one refusal, said with the title the reader knows in place of our id."""
        sentence = str(error.sentence) % {**error.values, "id": title}
        self.refused.append({"what": title, "code": error.code, "message": sentence})


def finish(tally: Tally, said: Callable[[int], str], *, as_json: bool) -> None:
    """Say what was done and what was refused; exit code 1 if anything was refused."""
    if as_json:
        write_json({"done": tally.done, "created": tally.created, "refused": tally.refused})
    else:
        if tally.done:
            say(said(len(tally.done)) % {"count": f"{len(tally.done):,}"}, "green")
        for row in tally.refused:
            say(row["message"], "red")
    if tally.refused:
        raise typer.Exit(FOUND)
