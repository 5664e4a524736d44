"""The door: chooses the language, runs one command, and turns whatever happens into a sentence and an exit code."""

import os
import sys
import warnings
from collections.abc import Sequence

from paidan.cli import language
from paidan.cli.remote import door


def main() -> None:
    """The `paidan` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Never raises, never prints a traceback without `--debug`."""
    language.speak(language.chosen_language(arguments))
    arguments, debug = _without_globals(door.take_options(arguments))
    _utf8_streams()
    from paidan.cli import output

    output.forget_consoles()
    if not debug:
        # Warnings of libraries are for us, not for the person at the terminal.
        warnings.simplefilter("ignore")
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return _pipe_closed()
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):
            # Typer makes a failure of it.
            return _pipe_closed()
        return leaving.code if isinstance(leaving.code, int) else 1
    except BaseException as error:
        return _failed(error, debug=debug, as_json=wants_json(arguments))
    return code


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors, too, are to be JSON: asked for, or the one command that knows nothing else."""
    return "--json" in arguments or next(iter(arguments), "") == "solve"


def _invoke(arguments: Sequence[str]) -> int:
    import typer

    if door.means_a_server(arguments):
        from paidan.cli.remote.tree import remote_app as app
    else:
        from paidan.cli.app import app

    answer = typer.main.get_command(app).main(list(arguments), prog_name="paidan", standalone_mode=False)
    return answer if isinstance(answer, int) else 0


def _failed(error: BaseException, *, debug: bool, as_json: bool) -> int:
    from paidan.cli import faults
    from paidan.cli.language import gettext as _

    fault = error if isinstance(error, faults.Fault) else faults.as_fault(error)
    if debug:
        import traceback

        traceback.print_exception(error)
    if fault is None:
        problem = f"{type(error).__name__}: {error}".strip()
        sentence = _("Paidan failed unexpectedly: %(problem)s. Run it again with --debug to see where.")
        fault = faults.Fault(sentence % {"problem": problem}, code="internal", exit_code=faults.BROKEN)
    try:
        return faults.report(fault, as_json=as_json)
    except BrokenPipeError:
        return _pipe_closed()


def _interrupted() -> int:
    from paidan.cli.faults import INTERRUPTED
    from paidan.cli.language import gettext as _
    from paidan.cli.output import say

    say(_("Stopped."))
    return INTERRUPTED


def _pipe_closed() -> int:
    """The reader has left (`| head`): leave too, quietly, and keep Python from complaining at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _without_globals(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """The command line without `--lang` and `--debug`, which may stand anywhere in it."""
    rest: list[str] = []
    debug = False
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument == "--debug":
            debug = True
        elif argument == "--lang":
            next(left, None)
        elif not argument.startswith("--lang="):
            rest.append(argument)
    return rest, debug


def _utf8_streams() -> None:
    """Chinese comes out whole even where the terminal's locale says ASCII."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "replace")
