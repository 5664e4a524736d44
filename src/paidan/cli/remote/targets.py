"""What names on a command line mean on a server, and what became of them there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paidan.cli.batches import Tally, finish
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.remote.door import order_named

if TYPE_CHECKING:
    from paidan.client import Paidan

Titles = dict[int, str]
LIVE = ("assigned", "accepted", "picked", "packed")
OPEN = ("pending", "unallocated")
AT_ONCE = 500


def expanded(names: Sequence[str]) -> list[str]:
    """The names typed, or those on standard input for `-`."""
    return [line.strip() for line in sys.stdin if line.strip()] if list(names) == ["-"] else list(names)


def orders_of(paidan: Paidan, names: Sequence[str]) -> Titles:
    """The ids of these orders, with their numbers."""
    found = [order_named(paidan, name) for name in expanded(names)]
    return {one["id"]: one["number"] for one in found}


def allocations_of(paidan: Paidan, names: Sequence[str], *, warehouse: str = "") -> Titles:
    """The live allocations of these orders, or those named as `#17`; at least one for each name."""
    found: Titles = {}
    for name in expanded(names):
        rows = [one for one in _named(paidan, name) if warehouse in ("", one["warehouse"])]
        if not rows:
            sentence = _("%(name)s has no allocation that this could be done to.") % {"name": name}
            raise Fault(sentence, code="no_allocation", exit_code=1)
        found |= {one["id"]: f"#{one['id']} ({one['number']}, {one['warehouse']})" for one in rows}
    return found


def _named(paidan: Paidan, name: str) -> list[dict[str, Any]]:
    own = name.removeprefix("#")
    if name.startswith("#") and own.isdigit():
        return [paidan.allocations.get(int(own))]
    return [one for one in paidan.allocations.list(order=order_named(paidan, name)["id"]) if one["state"] in LIVE]


def done_to(tally: Tally, titles: Mapping[int, str], act: Callable[[list[int]], Mapping[str, Any]]) -> None:
    """Do it to all of them, some hundreds at a time, and take in what became of each."""
    ids = list(titles)
    for at in range(0, len(ids), AT_ONCE):
        found = act(ids[at : at + AT_ONCE])
        tally.done += [titles.get(key, f"#{key}") for key in found["done"]]
        tally.refused += [
            {"what": titles.get(one["id"], f"#{one['id']}"), "code": one["code"], "message": one["detail"]}
            for one in found["refused"]
        ]


def act_on(
    titles: Mapping[int, str],
    act: Callable[[list[int]], Mapping[str, Any]],
    said: Callable[[int], str],
    *,
    as_json: bool,
) -> None:
    """Do one thing to all of them, and say what became of each."""
    tally = Tally()
    done_to(tally, titles, act)
    finish(tally, said, as_json=as_json)
