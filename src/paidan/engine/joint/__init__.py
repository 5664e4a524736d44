"""The joint solver: all orders of a wave at once, with a proven bound (docs/joint-solver.md)."""

from .solving import solve
from .stop import Stop

__all__ = ["Stop", "solve"]
