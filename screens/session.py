"""What the screens of one console share: the desk once it is open, who looks, and whether they may act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.desk import Chosen, Desk, Pulse, Subject
    from screens.messages import GoTo, Wander


SLOW = 1.0
"""Seconds to paint from which on a line is called slow."""
OLD = timedelta(seconds=15)
"""Age at which data is called old on the status line."""


class TerminalLine(Protocol):
    """The line to the operator's terminal."""

    @property
    def busy(self) -> bool:
        """Whether what the engine says had better not be painted yet."""
        ...

    @property
    def lag(self) -> float:
        """Seconds the terminal took for what was painted last."""
        ...

    def forget(self) -> None:
        """Paint everything anew: the terminal may show what somebody else wrote to it."""
        ...


@dataclass(frozen=True, slots=True)
class Idle:
    """A line that takes everything at once."""

    busy: bool = False
    lag: float = 0.0

    def forget(self) -> None:
        """There is nothing to forget."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Which cell: one SKU at one location."""

    sku: str
    location: str
    """Its id."""
    connection: str = ""
    """Empty where every connection that has it is meant."""


@dataclass(slots=True)
class Session:
    """One operator at one console."""

    now: Callable[[], datetime]
    operator: str
    writable: bool
    copies: Path
    """File that receives what `y` copies."""
    desk: Desk | None = None
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    pulse: Pulse | None = None
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys the operator gave to commands instead of ours, by the id of the command."""
    travel: Callable[[GoTo | Wander], object] = lambda where: None
    """Shows another screen; set by the application."""
    line: TerminalLine = field(default_factory=Idle)
    """Where it is painted to."""
    typed: list[str] = field(default_factory=list)
    """Command lines of this console, the newest last."""
    cell: Cell | None = None
    """The cell whose figure was asked about last."""
    record: Chosen | None = None
    """The failed record that is being edited, as it was seen."""
    subject: Subject | None = None
    """The record whose two sides were compared last."""
    plan: int | None = None
    """The plan whose rows were asked for last."""
    trouble: str = ""
    """Why there is no fresh data, for the operator; empty when all is well."""

    @property
    def exports(self) -> Path:
        """Folder that receives exported lists."""
        return self.copies.parent / "exports"

    @property
    def environment(self) -> str:
        """The name an operator types to be allowed to write."""
        return self.desk.environment if self.desk else "starting"

    def age(self) -> timedelta | None:
        """How old the overview is; None before the first one."""
        return None if self.pulse is None else self.now() - self.pulse.as_of

    def is_old(self) -> bool:
        """Whether the data must be called old."""
        age = self.age()
        return age is not None and age > OLD
