"""What the worker does for the pages where people steer; procrastinate finds jobs by this module's name."""

from .uploads.jobs import forget_uploads, run_import

__all__ = ["forget_uploads", "run_import"]
