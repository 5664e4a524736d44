"""Typer's commands with our manner: help pages in the reader's language, no type shown for a switch."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from paidan.cli.language import gettext as _


def _let_chinese_fold() -> None:
    """Rich breaks lines at spaces and cuts what is longer; Chinese has none, so Typer's texts are told to fold."""
    from rich.text import Text
    from typer import rich_utils

    make = rich_utils._make_rich_text
    if getattr(make, "folds", False):
        return

    def make_folding(**settings: Any) -> Any:
        text = make(**settings)
        if isinstance(text, Text):
            text.overflow = "fold"
        return text

    make_folding.folds = True  # type: ignore[attr-defined]
    rich_utils._make_rich_text = make_folding


_COMPLETION = {
    "install_completion": lambda: _("Let the shell complete commands from now on."),
    "show_completion": lambda: _("Show what that would add to the shell."),
}


class _Spoken:
    """A command whose `--help` is explained in the reader's language."""

    params: list[Any]

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        for switch in (*self.params, option):
            if getattr(switch, "is_flag", False):
                switch.metavar = ""
            if getattr(switch, "name", "") in _COMPLETION:
                switch.help = _COMPLETION[switch.name]()
        if option is not None:
            option.help = _("Show this page.")
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _let_chinese_fold()
        super().format_help(ctx, formatter)  # type: ignore[misc]


class Command(_Spoken, TyperCommand):
    """One command."""


class Group(_Spoken, TyperGroup):
    """A command with commands of its own."""


class Tree(typer.Typer):
    """A Typer whose commands and groups are ours."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=Group, context_settings={"help_option_names": ["--help", "-h"]}, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        return super().command(name, cls=Command, **settings)
