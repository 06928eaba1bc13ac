"""Asking why a cell holds what it holds: the same key on every screen that shows cells."""

from screens.base import DeskScreen
from screens.messages import GoTo
from screens.session import Cell


def ask_why(screen: DeskScreen, cell: Cell | None) -> None:
    """To the explanation of this cell; of the one that was typed after the word, `SKU LOCATION`, if any was."""
    sku, _, location = screen.given().partition(" ")
    if sku and location:
        cell = Cell(sku, location.strip())
    if cell is None:
        screen.say("There is no cell here: :why SKU LOCATION asks about any.", "warn")
        return
    screen.session.cell = cell
    screen.leave(GoTo("why", ""))
