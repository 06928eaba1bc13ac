"""The ledger as a face sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.desk.listing import Look, Page


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One ledger line about a record."""

    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of the ledger."""

    seq: int
    connection: str
    at: datetime
    actor: str
    action: str
    entity: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What following the hash chain from the first line to the last showed."""

    at: datetime
    lines: int
    bad: int | None
    """The first line that does not follow from the one before it; None when every one does."""


class TrailDesk(Protocol):
    """The part of the desk that reads the ledger, and takes back what a line of it says."""

    async def trail(self, look: Look, *, people: bool) -> Page[TrailRow]:
        """Lines of the ledger, newest first: all, or only what people asked and what came of it."""
        ...

    async def verify_trail(self) -> Verified:
        """Follow the hash chain of the whole ledger."""
        ...

    async def undoable(self, seq: int) -> str:
        """Why what this line of the ledger says cannot be taken back at this moment; empty when it can."""
        ...

    async def undo(self, seq: int, *, operator: str) -> str:
        """Ask the engine to take back what this line of the ledger says; why not, or empty."""
        ...
