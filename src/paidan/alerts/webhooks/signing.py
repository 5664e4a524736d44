"""Standard Webhooks signatures: HMAC-SHA256 over "id.timestamp.body" with the bytes behind `whsec_`.

Source: the Standard Webhooks specification, version 1.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message: str, timestamp: str, body: bytes) -> str:
    """One signature: its version, a comma, base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets_newest_first: Sequence[str], message: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers; while a secret is being exchanged, there is a signature by the old one too."""
    timestamp = str(int(now.timestamp()))
    signatures = [signature(secret, message, timestamp, body) for secret in secrets_newest_first]
    return {"webhook-id": message, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}
