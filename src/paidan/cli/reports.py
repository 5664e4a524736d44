"""`paidan reports refresh|rebuild`: the sums reports are made of, brought up to date or counted anew."""

from time import perf_counter

from paidan.cli.app import reports_app
from paidan.cli.database import now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import say, write_json
from paidan.cli.progress import progress_bar


@reports_app.command("refresh", help=_("Count anew what changed since the last time; the worker does it every minute."))
def refresh_sums(as_json: Json = False) -> None:
    use_database()
    _count(as_json=as_json)


@reports_app.command("rebuild", help=_("Count every day anew from its orders and events."))
def rebuild(as_json: Json = False) -> None:
    use_database()
    from paidan.reports.refresh import mark_everything

    mark_everything()
    _count(as_json=as_json)


def _count(*, as_json: bool) -> None:
    from paidan.reports.models import Cell, StaleDay
    from paidan.reports.refresh import mark_stale, refresh

    began, moment = perf_counter(), now()
    mark_stale(now=moment)
    days = StaleDay.objects.count()
    with progress_bar(_("Counting")) as progress:
        if not refresh(now=moment, progress=progress):
            raise Fault(_("Another process is counting; try again when it is done."), code="busy")
    seconds = perf_counter() - began
    if as_json:
        write_json({"days": days, "cells": Cell.objects.count(), "seconds": round(seconds, 2)})
    else:
        values = {"days": f"{days:,}", "seconds": f"{seconds:.1f}"}
        say(_("%(days)s days counted in %(seconds)s s.") % values, "green")
