"""The key that signs sessions: given by the operator, or made once and kept in the data folder."""

import os
import secrets
import tempfile
from pathlib import Path


def secret_key(folder: Path) -> str:
    """PAIDAN_SECRET_KEY, else the data folder's own key, made at its first use."""
    given = os.environ.get("PAIDAN_SECRET_KEY")
    if given:
        return given
    file = folder / "secret_key"
    if not file.exists():
        _make(file)
    return file.read_text(encoding="ascii").strip()


def _make(file: Path) -> None:
    """Write a new key under a private name and link it into place: of two that race, the first wins whole."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
