"""The few words Typer itself says on help and error pages, listed here so that they are translated with ours."""


def gettext_noop(message: str) -> str:
    """Mark a message for translation without translating it here."""
    return message


TYPER_WORDS = (
    gettext_noop("Arguments"),
    gettext_noop("Options"),
    gettext_noop("Commands"),
    gettext_noop("Error"),
    gettext_noop("[required]"),
    gettext_noop("[default: {}]"),
    gettext_noop("[env var: {}]"),
    gettext_noop("(dynamic)"),
    gettext_noop("Missing command."),
    gettext_noop("No such command {name!r}."),
)
