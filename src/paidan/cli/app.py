"""The tree of commands. Importing it must stay cheap: Django and the engine are imported by the commands themselves."""

from typing import Annotated

import typer

from paidan.cli.language import gettext as _
from paidan.cli.panels import arrange
from paidan.cli.tree import Tree

app = Tree(
    name="paidan",
    help=_("Decide which warehouse and which team ships each order, and say why."),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"paidan {version('paidan')}")
        raise typer.Exit


@app.callback()
def everywhere(
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh-Hans|en", help=_("The language to answer in; anywhere in the line."))
    ] = "",
    server: Annotated[
        str,
        typer.Option("--server", metavar="URL", help=_("Work on the Paidan there, over its API; see docs/client.md.")),
    ] = "",
    token: Annotated[str, typer.Option("--token", help=_("The API token for --server."))] = "",
    debug: Annotated[bool, typer.Option("--debug", help=_("Show where the program failed, for a bug report."))] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version and stop."))
    ] = False,
) -> None:
    """All are read, and taken out of the line, before Typer sees it; they stand here for the help page."""
    del lang, server, token, debug, version


def _group(name: str, about: str) -> Tree:
    group = Tree(name=name, help=about, no_args_is_help=True)
    app.add_typer(group)
    return group


order_app = _group("order", _("Orders: list them."))
allocation_app = _group("allocation", _("Allocations: list what teams have to do."))
shop_app = _group("shop", _("Shops: list them."))
warehouse_app = _group("warehouse", _("Warehouses: list, pause, resume."))
team_app = _group("team", _("Teams: list them."))
sku_app = _group("sku", _("SKUs: list them."))
stock_app = _group("stock", _("Stock: list it."))
user_app = _group("user", _("Users: add, list, give a password."))
credential_app = _group("credential", _("Programs that speak another product's protocol: let in, list, shut out."))
rules_app = _group("rules", _("Allocation rules: show, check, compare, publish, go back."))
checks_app = _group("checks", _("The order check: what holds orders before they are allocated."))
reports_app = _group("reports", _("The sums reports are made of: bring them up to date, count them anew."))
files_app = _group("files", _("Files for and from warehouses' own systems."))
db_app = _group("db", _("The database Paidan runs by itself."))

from paidan.cli import (  # noqa: E402 - each module adds its commands to the tree above
    address,
    allocate,
    checks,
    credentials,
    db,
    demo_command,
    doctor,
    explain,
    files,
    imports,
    lists,
    mend,
    reassign,
    rebalance,
    report,
    reports,
    rules,
    rules_changes,
    serve,
    simulate,
    solve,
    steer,
    users,
    work,
)

arrange(app)

__all__ = [
    "address",
    "allocate",
    "app",
    "checks",
    "credentials",
    "db",
    "demo_command",
    "doctor",
    "explain",
    "files",
    "imports",
    "lists",
    "mend",
    "reassign",
    "rebalance",
    "report",
    "reports",
    "rules",
    "rules_changes",
    "serve",
    "simulate",
    "solve",
    "steer",
    "users",
    "work",
]
