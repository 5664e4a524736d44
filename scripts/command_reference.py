#!/usr/bin/env python3
"""Write docs/cli.md from the tree of commands itself; tests/cli/test_reference.py sees that it is current."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from paidan.cli.reference import reference

if __name__ == "__main__":
    target = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
    target.write_text(reference(), encoding="utf-8")
    print(target)
