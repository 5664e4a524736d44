"""Paidan from another program, over its REST API: typed, synchronous, without Django (docs/client.md).

with Paidan("https://paidan.example.com", token) as paidan:
    paidan.orders.push([{"shop": "jd", "number": "1", "lines": [{"sku": "A", "qty": 1}]}], allocate=True)
"""

from .connection import Paidan
from .errors import (
    ApiError,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    Refused,
    TooManyRequests,
    Unreachable,
)
from .feed import Changes

__all__ = [
    "ApiError",
    "ChangedMeanwhile",
    "Changes",
    "Forbidden",
    "Invalid",
    "NotFound",
    "NotSignedIn",
    "Paidan",
    "Refused",
    "TooManyRequests",
    "Unreachable",
]
