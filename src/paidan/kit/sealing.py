"""Secrets that must be read again: sealed for the database with a key that follows from the installation's own.

Whoever has only the database, or a backup of it, has only what is sealed. Fernet (AES-128-CBC with HMAC-SHA-256), its
key by HKDF-SHA-256 from `SECRET_KEY` and a purpose, so that what is sealed for one purpose opens for no other.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .errors import Refusal

UNREADABLE = _("What was stored cannot be read with this installation's secret key; make it anew.")


def seal(text: str, purpose: str) -> str:
    """The text as it may lie in the database."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, purpose: str) -> str:
    """The text again; refused when the secret key is another one by now, or somebody changed what was stored."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise Refusal("sealed_with_another_key", UNREADABLE) from error


def _box(purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"paidan.sealing", info=purpose.encode())
    return Fernet(urlsafe_b64encode(derived.derive(str(settings.SECRET_KEY).encode())))
