"""Facts a screen tells the application."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class GoTo(Message):
    """The operator asked for another screen, by name."""

    name: str


@dataclass
class OpenAgain(Message):
    """The operator asked to try opening the desk again."""
