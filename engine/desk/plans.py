"""Plans as a face lists them, and what came of asking for one or for its run."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan with how many of its rows are in which state."""

    id: int
    connection: str
    subject: str
    """`stock`."""
    made_by: str
    made_at: datetime
    ready_at: datetime | None
    """None while it is being made, or when its making was cut off."""
    compared: int
    """Cells that were looked at."""
    planned: int
    """Rows that can be run."""
    shown: int
    """Rows that nothing is written for: a person has to act."""
    applied: int
    refused: int
    applied_by: str
    applied_at: datetime | None
    """When it was run last."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a command that the engine has finished."""

    plan: int | None
    """The plan it made or ran; None when it did not."""
    cause: str = ""
    remedy: str = ""
