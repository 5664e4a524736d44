"""`paidan address`: what the address parser makes of a text; no database."""

import sys
from typing import Annotated, Any

import typer

from paidan.cli.app import app
from paidan.cli.language import gettext as _
from paidan.cli.output import Column, out, table_of, write_json, write_records


@app.command(help=_("Resolve addresses to administrative codes and coordinates, or say why that cannot be done."))
def address(
    text: Annotated[list[str], typer.Argument(metavar="TEXT|-", help=_("An address; - reads one per line."))],
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON; an array of them for -."))] = False,
) -> None:
    many = text == ["-"]
    texts = (line.rstrip("\r\n") for line in sys.stdin) if many else iter([" ".join(text)])
    answers = (resolved(one) for one in texts)
    if as_json and many:
        write_records(answers)
    elif as_json:
        write_json(next(answers))
    else:
        out().print(table_of(({**answer, "reason": _said(answer["reason"])} for answer in answers), _columns()))


def resolved(text: str) -> dict[str, Any]:
    """One address as a record: code, names and coordinates, or the reason why there are none."""
    from paidan.geo import ancestors, full_name, region, resolve

    found = resolve(text)
    record: dict[str, Any] = {"address": text, "code": found.code, "name": None, "names": [], "level": None}
    record |= {"lat": None, "lng": None, "reason": found.reason}
    if found.code is None:
        return record | {"candidates": list(found.candidates)}
    place = region(found.code)
    names = [above.name for above in reversed(ancestors(found.code)) if above.code != "CN"]
    return record | {
        "name": full_name(found.code),
        "names": [*names, place.name],
        "level": place.level,
        "lat": place.lat,
        "lng": place.lng,
    }


def _said(reason: str | None) -> str:
    return {"ambiguous": _("several places are called so"), "unresolved": _("no place found")}.get(reason or "", "")


def _columns() -> list[Column]:
    return [
        Column("address", _("Address"), fold=True),
        Column("code", _("Code")),
        Column("name", _("Place")),
        Column("lat", _("Latitude"), "right"),
        Column("lng", _("Longitude"), "right"),
        Column("reason", _("Why not")),
    ]
