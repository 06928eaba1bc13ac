"""One engine per SQLite file: a lock beside it, which the system takes away from a process that dies."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import make_url

from engine.store.session import Store


class Lock:
    """While this process holds the file lock, any other holder of the lease is dead."""

    def __init__(self, store: Store) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self.beside = str(store.url.database)
        self._file: TextIO | None = None
        if store.dialect == "sqlite" and store.url.database:
            self._file = _beside(store.url.database)
            self.holder = "the engine beside the database file"

    def take(self) -> bool:
        """False when another process holds it."""
        if self._file is None:
            return True
        return _locked(self._file)

    def release(self) -> None:
        """Let another engine begin."""
        if self._file is not None:
            self._file.close()


@contextmanager
def lock_beside(url: str) -> Iterator[bool]:
    """Hold the lock of a store that is not opened; False inside when an engine holds it."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        yield True
        return
    with _beside(address.database) as file:
        yield _locked(file)


def _beside(database: str) -> TextIO:
    return Path(f"{database}.lock").open("a")


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
