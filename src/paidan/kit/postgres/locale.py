"""The one locale setting that PostgreSQL still takes from the operating system."""

import subprocess
import sys

# Debian and newer glibc have the first, macOS the third.
CANDIDATES = ("C.UTF-8", "C.utf8", "en_US.UTF-8")
FALLBACK = "C"


def character_type() -> str:
    """A locale that knows Chinese characters for letters.

    Sorting and case come from the builtin provider, but pg_trgm asks the operating system what a letter is, and under
    "C" it finds no trigram in 广州市.
    """
    return next(filter(_exists, CANDIDATES), FALLBACK)


def _exists(name: str) -> bool:
    """Asked in a process of its own: setting a locale changes the whole process."""
    test = "import locale, sys; locale.setlocale(locale.LC_CTYPE, sys.argv[1])"
    answer = subprocess.run([sys.executable, "-I", "-c", test, name], capture_output=True, check=False)
    return answer.returncode == 0
