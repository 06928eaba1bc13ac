"""What the store says when it cannot work.

StoreTrouble          it cannot be opened or used; a person changes something first
├── StoreBusy         not right now (locked, full, away): whoever asked comes back by itself
├── StoreBroken       it can no longer be trusted: the process ends, and looks it over at the next start
└── Superseded        another engine leads; what this one wanted to write is refused
"""


class StoreTrouble(Exception):
    """The store cannot be opened or used; `cause` and `remedy` are one sentence each for an operator."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy


class StoreBusy(StoreTrouble):
    """It cannot be written or read at the moment. Nothing of the write is kept, unless its answer was cut off."""


class StoreBroken(StoreTrouble):
    """An I/O error or damage. A failed fsync is never tried again: what it should have kept may be gone."""


class Superseded(StoreTrouble):
    """A write of an engine whose lease another one has taken over."""
