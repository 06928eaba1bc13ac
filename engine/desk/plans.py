"""Plans as a face lists them, and what came of asking for one or for its run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.plan import Plan


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


class PlanDesk(Protocol):
    """The part of the desk that makes plans and runs them."""

    async def plans(self) -> tuple[PlanLine, ...]:
        """The newest plans, the newest first."""
        ...

    async def plan(self, number: int) -> Plan | None:
        """A plan with all its rows; None when there is none of that number."""
        ...

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        """Ask the engine to compare a connection's `stock` or `products` and plan what differs; the number to ask by."""
        ...

    async def run_plan(
        self, number: int, cells: tuple[tuple[str, str], ...] | None, *, operator: str
    ) -> int | None:
        """Ask the engine to run a plan, or of it only these (SKU, location or field); the number to ask about it by.

        None when there is no such plan. Rows whose level has moved since are refused by the engine.
        """
        ...

    async def came_of(self, asked: int) -> Came | None:
        """What came of such a wish; None while the engine has not finished it."""
        ...
