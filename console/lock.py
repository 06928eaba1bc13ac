"""One engine per SQLite file: a lock beside it, which the system takes away from a process that dies."""

import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO

from engine.store.session import Store


class Lock:
    """While this process holds the file lock, any other holder of the lease is dead."""

    def __init__(self, store: Store) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self.beside = str(store.url.database)
        self._file: TextIO | None = None
        if store.dialect == "sqlite" and store.url.database:
            self._file = Path(f"{store.url.database}.lock").open("a")  # noqa: SIM115 held as long as the engine
            self.holder = "the engine beside the database file"

    def take(self) -> bool:
        """False when another process holds it."""
        if self._file is None:
            return True
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let another engine begin."""
        if self._file is not None:
            self._file.close()
