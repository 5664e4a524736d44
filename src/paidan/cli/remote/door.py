"""Which server a command line means, and the way to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paidan.cli.faults import BROKEN, FOUND, REFUSED, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import language

if TYPE_CHECKING:
    from paidan.client import Paidan

OPTIONS = ("--server", "--token")


@dataclass
class Server:
    """Where commands go; no address = here."""

    address: str = ""
    token: str = ""


chosen = Server()
"""Of the command line that runs now."""


def take_options(arguments: Sequence[str]) -> list[str]:
    """The line without `--server` and `--token`, which may stand anywhere in it; what they say is in `chosen`."""
    said = {"--server": os.environ.get("PAIDAN_SERVER", ""), "--token": os.environ.get("PAIDAN_TOKEN", "")}
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *left]
        elif name in OPTIONS:
            said[name] = value if equals else next(left, "")
        else:
            rest.append(argument)
    chosen.address, chosen.token = said["--server"], said["--token"]
    return rest


def means_a_server(arguments: Sequence[str]) -> bool:
    """Whether this line is for a server; what works only beside the database says so instead of working elsewhere."""
    if not chosen.address:
        return False
    from paidan.cli.remote.tree import LOCAL, remote_app

    command = next((one for one in arguments if not one.startswith("-")), "")
    if not command or command in LOCAL:
        return not command and "--version" not in arguments
    groups = {group.typer_instance.info.name for group in remote_app.registered_groups if group.typer_instance}
    commands = {one.name or getattr(one.callback, "__name__", "") for one in remote_app.registered_commands}
    if command not in groups | commands:
        sentence = _("“%(command)s” works beside the database only; leave --server and PAIDAN_SERVER away.")
        raise Fault(sentence % {"command": command}, code="not_remote")
    return True


@contextmanager
def server() -> Iterator[Paidan]:
    """The client for the chosen server; what it refuses ends the command with a sentence."""
    if not chosen.token:
        raise Fault(_("A token is missing: give --token, or set PAIDAN_TOKEN."), code="no_token")
    if not chosen.address.startswith(("http://", "https://")):
        sentence = _("“%(address)s” is not the address of a server; write for example https://paidan.example.com.")
        raise Fault(sentence % {"address": chosen.address}, code="no_address")
    from paidan.client import ApiError, Paidan, Unreachable

    try:
        with Paidan(chosen.address, chosen.token, language=language().lower()) as paidan:
            yield paidan
    except Unreachable as error:
        sentence = _("The server cannot be reached: %(problem)s.") % {"problem": error}
        raise Fault(sentence, code="unreachable", exit_code=BROKEN) from error
    except ApiError as error:
        exit_code = FOUND if error.status == 409 else BROKEN if error.status >= 500 else REFUSED
        raise Fault(error.detail, code=error.code, path=error.pointer, exit_code=exit_code) from error


def order_named(paidan: Paidan, name: str) -> dict[str, Any]:
    """The order with this number, or `SHOP/NUMBER`."""
    found = list(paidan.orders.list(number=name))
    if not found and "/" in name:
        shop, number = name.split("/", 1)
        found = list(paidan.orders.list(shop=shop, number=number))
    if not found:
        raise Fault(_("There is no order %(name)s.") % {"name": name}, code="unknown_order")
    if len(found) > 1:
        choices = ", ".join(sorted(f"{one['shop']}/{one['number']}" for one in found))
        sentence = _("Several shops have an order %(name)s; name the shop too: %(choices)s.")
        raise Fault(sentence % {"name": name, "choices": choices}, code="ambiguous_order")
    return found[0]
