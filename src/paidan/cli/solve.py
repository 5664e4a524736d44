"""`paidan solve`: the engine alone on a JSON problem; no database, no clock, no network."""

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NoReturn

import typer

from paidan.cli.app import app
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _


@app.command(help=_("Solve an allocation problem from a JSON file, without a database."))
def solve(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("The problem; - reads it from standard input."))],
    compact: Annotated[bool, typer.Option("--compact", help=_("Write the answer on one line."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("The answer is always JSON."), hidden=True)] = False,
) -> None:
    del as_json
    document = parse(read(file))
    _compiled_code_folder()
    from paidan.engine.files import ProblemError, read_problem, read_run, write_plan
    from paidan.engine.sequential import allocate

    try:
        problem, run = read_problem(document, _places()), read_run(document)
    except ProblemError as error:
        raise Fault(sentence_of(error), code=error.code, path=error.path) from error
    started = perf_counter()
    if run.mode == "joint":
        from paidan.engine.joint import Stop
        from paidan.engine.joint import solve as solve_jointly

        plan = solve_jointly(problem, Stop(run.seconds, run.gap), run.seed)
    else:
        plan = allocate(problem)
    answer = write_plan(problem, plan, seconds=perf_counter() - started)
    print(json.dumps(answer, ensure_ascii=False, indent=None if compact else 1))


def read(file: str) -> bytes:
    """The bytes of the file, or of standard input for `-`."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def parse(raw: bytes) -> Any:
    """JSON as the standard says it, and nothing Python would let pass: no NaN, no doubled keys, UTF-8 only."""
    if not raw.strip():
        raise Fault(_("The input is empty; a problem is a JSON object."), code="empty")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = _("The input is not UTF-8: byte %(place)s cannot be read.") % {"place": f"{error.start + 1:,}"}
        raise Fault(sentence, code="not_utf8") from error
    doubled: list[_Doubled] = []
    try:
        document = json.loads(
            text, object_pairs_hook=lambda pairs: _object(pairs, doubled), parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        values = {"line": error.lineno, "column": error.colno, "problem": error.msg}
        sentence = _("The input is not JSON: line %(line)s, column %(column)s (%(problem)s).") % values
        raise Fault(sentence, code="not_json") from error
    except RecursionError as error:
        raise Fault(_("The input is nested too deeply."), code="not_json") from error
    except ValueError as error:
        # Python refuses to read integers of thousands of digits.
        raise Fault(_("The input holds a number too large to read."), code="not_json") from error
    if doubled:
        sentence = _("The key “%(key)s” stands twice in one object; remove one of them.") % {"key": doubled[0].key}
        raise Fault(sentence, code="duplicate_key", path=_path_of(doubled[0], document) or "")
    return document


class _Doubled(dict[str, Any]):
    """An object in which a key stands twice."""

    key = ""


def _object(pairs: list[tuple[str, Any]], doubled: list[_Doubled]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    names = [name for name, _value in pairs]
    bad = _Doubled(made)
    bad.key = next(name for at, name in enumerate(names) if name in names[:at])
    doubled.append(bad)
    return bad


def _path_of(wanted: _Doubled, within: Any, path: str = "") -> str | None:
    """The JSON pointer of an object within a document."""
    if within is wanted:
        return f"{path}/{wanted.key}"
    members = within.items() if isinstance(within, dict) else enumerate(within) if isinstance(within, list) else ()
    found = (_path_of(wanted, value, f"{path}/{key}") for key, value in members)
    return next((place for place in found if place is not None), None)


def _no_constant(name: str) -> NoReturn:
    raise Fault(_("%(name)s is not a number in JSON.") % {"name": name}, code="not_json")


def sentence_of(error: Any) -> str:
    """What is wrong, where, and how to mend it."""
    remedy = getattr(error, "remedy", "")
    return " ".join(part for part in (str(error.message), str(remedy or "")) if part)


def _places() -> Any:
    from paidan.cli.places import Places

    return Places()


def _compiled_code_folder() -> None:
    """Give Numba a folder it may write to where the package itself is read-only, so that it compiles only once."""
    package = Path(__file__).resolve().parent.parent
    if "NUMBA_CACHE_DIR" not in os.environ and not os.access(package / "engine", os.W_OK):
        import platformdirs

        os.environ["NUMBA_CACHE_DIR"] = platformdirs.user_cache_dir("paidan")
