"""Whether a write to the store has changed anything."""

import re
from typing import Any

from sqlalchemy import Connection, event


class Changed:
    """Whether a verb changes any row, from the moment this is made until it is asked."""

    _WRITES = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b", re.IGNORECASE)

    def __init__(self, tx: Connection) -> None:
        self._tx, self._rows = tx, 0
        self._lite = tx.dialect.name == "sqlite"
        if self._lite:
            self._rows = self._total()
        else:
            event.listen(tx, "after_cursor_execute", self._note)

    def any(self) -> bool:
        """Ask once, while the transaction is open."""
        if self._lite:
            return self._total() != self._rows
        event.remove(self._tx, "after_cursor_execute", self._note)
        return self._rows > 0

    def _total(self) -> int:
        connection: Any = self._tx.connection.driver_connection
        return int(connection.total_changes)

    def _note(self, _tx: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if self._WRITES.search(statement):
            self._rows += max(0, cursor.rowcount)
