"""Patience with a voice: wait in small steps, and every few seconds say for what and how far it is."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from paidan.kit.postgres.wording import worded

PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5
EVERY_S = 5.0
FIRST_AFTER_S = 3.0
# What the server logs while it recovers: "redo in progress, elapsed time: 4.00 s, current LSN: 0/5A3B2C8".
RECOVERY = re.compile(rb"LOG:  ((?:redo|syncing|resetting|database system was|checkpoint)[^\n]*)")


def to_stderr(text: str) -> None:
    """Where waiting is reported unless somebody has a better place."""
    print(f"paidan: {text}", file=sys.stderr, flush=True)


class Progress:
    """One wait, up to a limit; `sentence` says for what, with a place for the `seconds`."""

    def __init__(self, sentence: str, log: Path, limit_s: float, say: Callable[[str], None]) -> None:
        self.sentence, self.log, self.limit_s, self.say = sentence, log, limit_s, say
        self._began = time.monotonic()
        self._next_word_s = FIRST_AFTER_S
        self._pause_s = PAUSE_S

    def wait(self) -> bool:
        """Pause a little; false when the limit is reached."""
        time.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 1.3, LONGEST_PAUSE_S)
        waited_s = time.monotonic() - self._began
        if waited_s >= self._next_word_s:
            self.say(worded(self.sentence, seconds=round(waited_s)) + self._recovery())
            self._next_word_s += EVERY_S
        return waited_s < self.limit_s

    def _recovery(self) -> str:
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 4096))
                told = RECOVERY.findall(file.read())
        except OSError:
            return ""
        # In the server's words, which are English.
        return f" ({told[-1].decode('utf-8', 'replace')})" if told else ""
