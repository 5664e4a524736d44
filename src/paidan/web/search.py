"""What the search box may find; the finders themselves live in the apps (the setting SEARCHES names them)."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is, its name, where it is, and what tells it from others."""

    kind: str | Promise
    label: str
    url: str
    detail: str = ""
