"""The job that works a what-if out."""

from procrastinate.contrib.django import app

from .running import work_out


@app.task(name="what_if")
def run_what_if(what_if_id: int) -> None:
    """Work out one what-if that somebody asked for."""
    work_out(what_if_id)
