"""`paidan demo`: practice data, allocated and explained."""

from typing import Annotated

import typer

from paidan.cli.app import app
from paidan.cli.database import use_database
from paidan.cli.language import gettext as _
from paidan.cli.output import out


@app.command(help=_("Fill an empty data folder with practice data, allocate it, and show what became of it."))
def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help=_("Go on with the web application."))] = True,
) -> None:
    use_database()
    from paidan.cli.demo import run_demo

    raise typer.Exit(run_demo(out(), serve) or 0)
