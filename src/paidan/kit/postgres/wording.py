"""Sentences for people, from code that may run before Django can translate."""

from django.apps import apps
from django.utils.translation import gettext


def N_(sentence: str) -> str:
    """Mark for translation without translating; Django's own marker needs settings, and these load before them."""
    return sentence


def worded(sentence: str, **values: object) -> str:
    """The marked sentence with its values, in the reader's language once Django is set up."""
    return (gettext(sentence) if apps.ready else sentence) % values
