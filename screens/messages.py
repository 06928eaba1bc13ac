"""Facts a screen tells the application."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class GoTo(Message):
    """The operator asked for another screen, by name."""

    name: str
    wish: str | None = None
    """The filter to show it with; None to leave that as it is."""


@dataclass
class Wander(Message):
    """The operator asked for a screen visited before (-1) or after (1) this one."""

    by: int


@dataclass
class OpenAgain(Message):
    """The operator asked to try opening the desk again."""
