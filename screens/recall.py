"""What was typed on the command line before, to be typed again."""

from collections.abc import Sequence

KEPT = 100


def remember(typed: list[str], line: str) -> None:
    """Keep a line as the newest; what was there already moves up, and the oldest is forgotten."""
    line = line.strip()
    if line:
        typed[:] = [*(one for one in typed if one != line), line][-KEPT:]


class Recall:
    """A place among earlier lines; after the newest comes what was being typed."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        self._at = len(self._lines)
        self._draft = ""

    def step(self, by: int, shown: str) -> str | None:
        """The line so many steps on; None where there is none. `shown` is what stands on the line."""
        at = self._at + by
        if not 0 <= at <= len(self._lines):
            return None
        if self._at == len(self._lines):
            self._draft = shown
        self._at = at
        return self._draft if at == len(self._lines) else self._lines[at]
