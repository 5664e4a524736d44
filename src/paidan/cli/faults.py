"""What went wrong, as one sentence and an exit code: no traceback ever reaches the reader unless asked for."""

import json
import re
import sys
from typing import Any

from paidan.cli.language import gettext as _
from paidan.cli.output import say

OK = 0
FOUND = 1
"""Something was found wrong, or the business said no."""
REFUSED = 2
"""Wrong use, or input that was refused."""
BROKEN = 3
"""The environment or the program itself failed, for example the database cannot be reached."""
INTERRUPTED = 130


class Fault(Exception):
    """A command ends here with a sentence; `code` and `path` say the same to programs."""

    def __init__(self, message: str, *, code: str = "", path: str = "", exit_code: int = REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path
        self.exit_code = exit_code


def report(fault: Fault, *, as_json: bool) -> int:
    """Show a fault in the form the command speaks: a sentence on standard error, or an error object."""
    if as_json:
        error = {"code": fault.code or "failed", "path": fault.path, "message": fault.message}
        print(json.dumps({"error": error}, ensure_ascii=False))
    elif fault.message:
        say(f"{fault.path}: {fault.message}" if fault.path else fault.message, "red")
    return fault.exit_code


def as_fault(error: BaseException) -> Fault | None:
    """The fault an exception of a lower layer stands for; None when it is one nobody foresaw."""
    for translate in (_usage, _refusal, _file, _database):
        fault = translate(error)
        if fault is not None:
            return fault
    return None


def _usage(error: BaseException) -> Fault | None:
    from typer._click import exceptions as usage
    from typer.exceptions import TyperException

    if not isinstance(error, TyperException):
        return None
    if isinstance(error, usage.NoArgsIsHelpError):
        # The help page it asked for is printed by now.
        return Fault("", code="usage", exit_code=error.exit_code)
    sentence = error.format_message()
    if isinstance(error, usage.MissingParameter) and error.param is not None:
        sentence = _("%(name)s is missing.") % {"name": error.param.get_error_hint().strip("'")}
    elif isinstance(error, usage.NoSuchOption):
        sentence = _("There is no option %(option)s.") % {"option": error.option_name}
    elif isinstance(error, usage.BadParameter) and error.param is not None:
        name = error.param.get_error_hint().strip("'")
        sentence = _("%(name)s: %(problem)s") % {"name": name, "problem": _problem(error.message)}
    context = getattr(error, "ctx", None)
    if context is not None:
        help_of = _("“%(command)s --help” shows how it is used.") % {"command": context.command_path}
        sentence = f"{sentence}\n{help_of}"
    return Fault(sentence, code="usage", exit_code=error.exit_code)


def _problem(message: str) -> str:
    """What the parser found wrong with a value, in the reader's language where it is one of the common ones."""
    if found := re.fullmatch(r"Input should be greater than or equal to (.+)", message):
        return _("must be at least %(least)s") % {"least": found[1]}
    if found := re.fullmatch(r"Value error, (.+) is not one of (.+)\.", message, re.DOTALL):
        return _("%(value)s is none of %(choices)s") % {"value": found[1], "choices": found[2]}
    if message.startswith("Input should be a valid integer"):
        return _("must be a whole number")
    return message


def _refusal(error: BaseException) -> Fault | None:
    if "paidan.kit.errors" not in sys.modules:
        return None
    from paidan.kit.errors import Refusal

    if not isinstance(error, Refusal):
        return None
    # A place in the input means that the input was wrong; without one, the business said no.
    return Fault(str(error), code=error.code, path=error.pointer, exit_code=REFUSED if error.pointer else FOUND)


def _file(error: BaseException) -> Fault | None:
    name = getattr(error, "filename", None)
    if not isinstance(error, OSError) or not isinstance(name, str):
        return None
    values: dict[str, Any] = {"file": name, "problem": error.strerror}
    if isinstance(error, FileNotFoundError):
        return Fault(_("There is no file %(file)s.") % values, code="no_file")
    if isinstance(error, IsADirectoryError):
        return Fault(_("%(file)s is a folder, not a file.") % values, code="no_file")
    if isinstance(error, PermissionError):
        return Fault(_("%(file)s may not be opened by this user.") % values, code="no_permission")
    return Fault(_("%(file)s cannot be read or written: %(problem)s.") % values, code="file", exit_code=BROKEN)


def _database(error: BaseException) -> Fault | None:
    if "django.db" not in sys.modules:
        return None
    from django.core.exceptions import ImproperlyConfigured
    from django.db import InterfaceError, OperationalError, ProgrammingError

    if isinstance(error, ImproperlyConfigured):
        return Fault(str(error), code="settings", exit_code=BROKEN)
    if not isinstance(error, (OperationalError, InterfaceError, ProgrammingError)):
        return None
    if hasattr(error, "code"):
        # Our own server's troubles come with their remedy.
        return Fault(str(error), code=f"database_{error.code}", exit_code=BROKEN)
    problem = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    sentence = _("The database cannot be used: %(problem)s. “paidan db status” shows more.") % {"problem": problem}
    return Fault(sentence, code="database", exit_code=BROKEN)
