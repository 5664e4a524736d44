"""The options many commands share, each spelt and explained once."""

from typing import Annotated

import typer

from paidan.cli.language import gettext as _

Json = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
Limit = Annotated[int, typer.Option("--limit", min=1, help=_("How many rows to show at most."))]
All = Annotated[bool, typer.Option("--all", help=_("Show all rows."))]
ForceOption = Annotated[
    bool, typer.Option("--force", help=_("Also what a team has accepted already; for operations leads."))
]
OrderName = Annotated[str, typer.Argument(metavar="ORDER", help=_("The order's number, or SHOP/NUMBER."))]
OrderNames = Annotated[
    list[str], typer.Argument(metavar="ORDER...", help=_("Orders by number, or SHOP/NUMBER; - reads one per line."))
]

DEFAULT_LIMIT = 50
