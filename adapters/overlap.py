"""Polling by time stamps without missing what was committed late, and without telling everything twice.

A row is stamped when its transaction starts and seen when it ends, so every poll looks back by the longest
transaction. What a poll has told already is remembered beside the cursor it gave out; after a restart the overlap is
told once more, which does no harm.
"""

import uuid
from datetime import datetime, timedelta

from engine.model.failure import Misset

Key = tuple[object, ...]
KEPT = 4
"""Cursors whose telling is remembered."""


class Overlap:
    """Cursors of one feed, and what was told with each."""

    def __init__(self, seconds: float) -> None:
        self._span = timedelta(seconds=seconds)
        self._life = uuid.uuid4().hex[:8]
        self._count = 0
        self._told: dict[str, frozenset[Key]] = {}

    def since(self, cursor: str, who: str) -> datetime:
        """From when on to look; Misset when the cursor is not one of ours."""
        return self.moment(cursor, who) - self._span

    def moment(self, cursor: str, who: str) -> datetime:
        """The newest stamp seen when this cursor was given out."""
        try:
            return datetime.fromisoformat(cursor.partition("|")[0])
        except ValueError as error:
            raise Misset(
                f"The remembered place in the changes of {who} is not one of ours.",
                "Let TrueUp start its polling anew for this connection.",
                code="cursor",
            ) from error

    def told(self, cursor: str) -> frozenset[Key]:
        """What was told together with this cursor; nothing after a restart."""
        return self._told.get(cursor, frozenset())

    def give(self, newest: datetime, seen: frozenset[Key]) -> str:
        """A cursor for a poll that saw these rows."""
        self._count += 1
        cursor = f"{newest.isoformat()}|{self._life}.{self._count}"
        self._told[cursor] = seen
        while len(self._told) > KEPT:
            del self._told[next(iter(self._told))]
        return cursor
