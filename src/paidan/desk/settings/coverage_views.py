"""The coverage tree of the warehouse form: provinces, cities and districts, opened and ticked one at a time.

The server keeps nothing: what is ticked, open and searched for comes with every request, from the form's own fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.engine.regions import CHINA
from paidan.geo import children, full_name, search
from paidan.geo.regions import Region, countries
from paidan.network.coverage import Coverage, Tick, read_coverage, written
from paidan.web.pages import page

FOUND = 30
"""Search results shown."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree."""

    code: str
    name: str
    tick: Tick
    depth: int
    is_open: bool
    can_open: bool


def tree(chosen: Coverage, opened: set[str], query: str = "") -> dict[str, Any]:
    """What the fragment shows: lines in order, or what the search found."""
    if query:
        nodes = [_found(chosen, one) for one in search(query, FOUND)]
    else:
        nodes = _below(chosen, CHINA, opened, 0)
        abroad = sorted((chosen.covers or frozenset()) | chosen.excludes)
        nodes += [_found(chosen, code) for code in abroad if len(code) == 2 and code != CHINA]
    return {
        "nodes": nodes,
        "everywhere": chosen.everywhere,
        "covers": written(chosen.covers),
        "excludes": written(chosen.excludes),
        "opened": ",".join(sorted(opened)),
        "query": query,
        "chosen": sorted(name_of(code) for code in chosen.covers or ()),
        "left_out": sorted(name_of(code) for code in chosen.excludes),
    }


def _below(chosen: Coverage, parent: str, opened: set[str], depth: int) -> list[Node]:
    nodes: list[Node] = []
    for one in children(parent):
        is_open = one.code in opened
        nodes.append(Node(one.code, one.name, chosen.tick(one.code), depth, is_open, bool(children(one.code))))
        if is_open:
            nodes += _below(chosen, one.code, opened, depth + 1)
    return nodes


def _found(chosen: Coverage, region: Region | str) -> Node:
    code = region if isinstance(region, str) else region.code
    return Node(code, name_of(code), chosen.tick(code), 0, False, False)


def name_of(code: str) -> str:
    """In full; countries in Chinese, as the tree has all its names."""
    if len(code) == 2:
        return countries()[code][0] if code in countries() else code
    return full_name(code)


@page(Capability.SEE_NETWORK, methods=("POST",))
def coverage(request: HttpRequest) -> HttpResponse:
    """The tree after a tick (`toggle`), an opening (`open`) or a search (`q`); nothing is saved before the form is."""
    given = request.POST
    try:
        chosen = _ticked(read_coverage(given.get("covers", ""), given.get("excludes", "")), given)
    except (LookupError, ValueError):
        return HttpResponse(status=422)
    opened = {code for code in given.get("opened", "").split(",") if code}
    if code := given.get("open", ""):
        opened ^= {code}
    may_change = cast(User, request.user).can(Capability.CHANGE_NETWORK)
    query = "" if given.get("clear") else given.get("q", "").strip()[:40]
    return render(request, "desk/settings/coverage.html", {**tree(chosen, opened, query), "may_change": may_change})


def _ticked(chosen: Coverage, given: Mapping[str, Any]) -> Coverage:
    code = given.get("toggle", "")
    if code == "*":
        return Coverage(None) if chosen.everywhere != "true" else Coverage(frozenset())
    return chosen.toggled(code) if code and name_of(code) else chosen
