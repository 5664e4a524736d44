"""`paidan db start|stop|status|shell` and `paidan migrate`: the database Paidan runs by itself."""

from typing import TYPE_CHECKING

import typer

from paidan.cli.app import app, db_app
from paidan.cli.database import migrate as make_tables
from paidan.cli.database import ours, use_django
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json

if TYPE_CHECKING:
    from paidan.kit.postgres import Cluster


def _cluster() -> "Cluster":
    """Our own server; a database that somebody else runs is none of our business."""
    use_django()
    if not ours():
        sentence = _("The database is the one DATABASE_URL names; start and stop it where it runs.")
        raise Fault(sentence, code="foreign_database", exit_code=FOUND)
    from django.db import connection

    from paidan.kit.postgres import Cluster

    return Cluster(connection.settings_dict["CLUSTER"])


@db_app.command("start", help=_("Start the database, or wait until it is ready."))
def start() -> None:
    cluster = _cluster()
    cluster.start()
    say(_("The database runs in %(folder)s.") % {"folder": cluster.places.folder})


@db_app.command("stop", help=_("Stop the database; commands that still run lose their connection."))
def stop() -> None:
    cluster = _cluster()
    if cluster.stop():
        say(_("The database is stopped."))
    else:
        say(_("The database was not running."))


@db_app.command("status", help=_("Say whether the database runs, and where; exit code 1 if it does not."))
def status(as_json: Json = False) -> None:
    cluster = _cluster()
    found = cluster.status()
    record = {
        "state": found.state,
        "folder": str(found.folder),
        "pid": found.pid,
        "version": found.version,
        "log": str(cluster.places.log),
    }
    if as_json:
        write_json(record)
    else:
        names = {
            "state": _("State"),
            "folder": _("Folder"),
            "pid": _("Process"),
            "version": _("PostgreSQL"),
            "log": _("Log"),
        }
        rows = [{"what": names[key], "value": str(value or "")} for key, value in record.items()]
        rows[0]["value"] = _state_word(found.state)
        out().print(table_of(rows, [Column("what", ""), Column("value", "")]))
    if found.state != "running":
        raise typer.Exit(FOUND)


def _state_word(state: str) -> str:
    words = {
        "absent": _("not made yet"),
        "stopped": _("stopped"),
        "starting": _("starting, stopping or recovering"),
        "running": _("running"),
    }
    return words.get(state, state)


@db_app.command("shell", help=_("Open a SQL prompt on the database."))
def shell() -> None:
    raise typer.Exit(_cluster().shell())


@app.command(help=_("Bring the tables up to date with this version of Paidan."))
def migrate() -> None:
    use_django()
    make_tables()
    say(_("The database is up to date."))
