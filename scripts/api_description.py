#!/usr/bin/env python3
"""Write docs/openapi.json from the API itself; tests/api sees that it is current."""

import json
import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
django.setup()

from paidan.api.description import described  # noqa: E402 - after Django is set up

target = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
target.write_text(json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
print(target)
