import subprocess
import sys
from pathlib import Path

import typer

from paidan.cli.app import app
from paidan.cli.panels import PANELS

ROOT = Path(__file__).resolve().parent.parent.parent


def commands_of(command, path="paidan"):
    for name, inner in getattr(command, "commands", {}).items():
        yield f"{path} {name}", inner
        yield from commands_of(inner, f"{path} {name}")


def test_the_reference_is_what_the_commands_say():
    program = "from paidan.cli.reference import reference; print(reference(), end='')"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == said


def test_every_command_and_every_parameter_is_explained():
    for path, command in commands_of(typer.main.get_command(app)):
        assert command.help, path
        for param in command.params:
            assert getattr(param, "hidden", False) or param.help, f"{path} {param.name}"


ANSWERING = ("list", "show", "status", "explain", "report", "doctor", "allocate", "address", "import")


def test_every_command_that_answers_can_answer_in_json():
    for path, command in commands_of(typer.main.get_command(app)):
        if not hasattr(command, "commands") and path.split()[-1] in ANSWERING:
            assert any("--json" in param.opts for param in command.params), path


def test_every_command_has_its_place_on_the_first_page():
    named = {name for _head, names in PANELS for name in names}
    assert set(typer.main.get_command(app).commands) == named
