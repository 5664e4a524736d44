"""What the worker does for the pages where people steer; procrastinate finds jobs by this module's name."""

from .uploads.jobs import forget_uploads, run_import
from .wms.jobs import exchange_files

__all__ = ["exchange_files", "forget_uploads", "run_import"]
