"""The language a command speaks: chosen once at the start; works before (and without) Django."""

import gettext as catalogues
import os
import sys
from collections.abc import Sequence
from importlib import resources

ENGLISH = "en"
CHINESE = "zh-Hans"
LANGUAGES = (CHINESE, ENGLISH)
DOMAIN = "django"

_catalogue: catalogues.NullTranslations = catalogues.NullTranslations()
_language = ENGLISH


def chosen_language(arguments: Sequence[str]) -> str:
    """The reader's language: `--lang`, else PAIDAN_LANG, else the locale of the terminal."""
    wanted = _argument(arguments) or os.environ.get("PAIDAN_LANG", "")
    if not wanted:
        # The order POSIX gives them; LANGUAGE is a list and means the same.
        wanted = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return CHINESE if wanted.lower().startswith("zh") else ENGLISH


def _argument(arguments: Sequence[str]) -> str:
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return ""


def speak(language: str) -> None:
    """Switch every later sentence to a language: ours, Typer's own words, and Django's once it is there."""
    global _catalogue, _language  # noqa: PLW0603 - one process speaks one language at a time
    _language = language
    folder = str(resources.files("paidan") / "locale")
    names = ["zh_Hans"] if language == CHINESE else []
    _catalogue = (
        catalogues.translation(DOMAIN, folder, names, fallback=True) if names else catalogues.NullTranslations()
    )
    # Typer asks the process-wide catalogue for its few words when it draws the first help page.
    catalogues.bindtextdomain(DOMAIN, folder)
    catalogues.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = names[0] if names else "en"
    if "django.utils.translation" in sys.modules:
        from django.utils import translation

        translation.activate(language.lower())


def language() -> str:
    """The language spoken now: `zh-Hans` or `en`."""
    return _language


def gettext(message: str) -> str:
    """The sentence in the reader's language."""
    return _catalogue.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence for a count, in the reader's language."""
    return _catalogue.ngettext(one, many, count)
