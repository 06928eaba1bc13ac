"""What an operator wants held back in a cell, or at its location: the question, and the answer understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.hold import EVERY, LONGEST, MOST
from screens.safe import safe

VERBS = ("buffer", "halt", "go on", "stop", "open")
"""The last two are about everything at the location."""
SAMPLE, PLACED = 7, 6
"""Cells for the SKU and the location of the first of several."""
NAMED = 24
"""Cells for the name of a cell in a question: the answer must be seen beside it at 80 columns."""
MINUTES = 60
"""What is held back ends by itself after so long, unless something else is typed."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell that somebody may want to hold something back in, on whatever list it stands."""

    connection: str
    """Empty for the only one that has the cell."""
    sku: str
    location: str
    location_name: str
    helps: int = 0
    """Units that would have to be held back there; 0 where nothing is known to help."""
    hold: str = ""
    """What an operator holds back there, in words; empty for nothing."""
    stopped: str = ""
    """The same of everything at the location."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Understood."""

    units: int | None = None
    """None: everything."""
    minutes: int | None = None
    """None: until it is ended."""
    ends: bool = False
    """Let go what is held back."""
    everywhere: bool = False
    """Not the cell alone: everything at its location."""

    def sku(self, row: Spot) -> str:
        """What it is about, as the engine is asked."""
        return EVERY if self.everywhere else row.sku

    def text(self, rows: Sequence[Spot]) -> str:
        """What is done, to what."""
        name = f"{'everything' if self.everywhere else rows[0].sku} at {rows[0].location_name}"
        if len(rows) > 1:
            name = f"{len(rows):,} cells"
        if self.ends:
            return f"go on selling {name}"
        span = f"for {self.minutes:,} min" if self.minutes is not None else "until it is ended"
        return f"{'stop selling' if self.units is None else f'hold back {self.units:,}'} {span}, {name}"


def question(verb: str, rows: Sequence[Spot]) -> tuple[str, str]:
    """What to ask, and the answer to begin with; of several cells their number is asked first."""
    row, many = rows[0], len(rows)
    if many > 1:
        one = f"{safe(row.sku, SAMPLE).rstrip()} {safe(row.location_name, PLACED).rstrip()}"
        what = f"{many:,} cells ({one} …)"
        match verb:
            case "buffer":
                return f"Hold back in {what}: {many} units min: ", ""
            case "halt":
                return f"Stop selling {what}: {many} minutes: ", ""
        return f"Go on selling {what}? Type {many}: ", ""
    what = safe(f"{row.sku} at {row.location_name}", NAMED).rstrip()
    match verb:
        case "buffer":
            proposed = (
                f"{row.helps} {MINUTES}" if row.helps else ""
            )  # a hold of 0 would undo a buffer of the rules
            return f"Hold back {what}: units minutes (0 = until H): ", proposed
        case "halt":
            return f"Stop selling {what}: minutes (0 = until H): ", str(MINUTES)
        case "stop":
            where = safe(row.location_name, NAMED).rstrip()
            return f"Stop the sale at {where}: all minutes (0 = S): ", ""
        case "open":
            return f"Go on selling at {safe(row.location_name, NAMED).rstrip()}? Type yes: ", ""
    return f"Go on selling {what}? Type yes: ", ""


def understood(verb: str, text: str, many: int = 1) -> Wanted | str:
    """What was typed about so many cells; or why nothing is done."""
    words = text.split()
    if many > 1:
        if not words or words.pop(0).replace(",", "") != str(many):
            return f"Nothing done: {many:,} cells are meant, so type {many} first, then the rest."
        if verb == "go on":
            return Wanted(ends=True) if not words else f"Nothing done: type {many} alone."
    if verb in ("go on", "open"):
        sure = text.strip().casefold() == "yes"
        return Wanted(ends=True, everywhere=verb == "open") if sure else "Nothing done: yes was not typed."
    if verb == "stop":
        if len(words) != 2 or words[0].casefold() != "all":
            return "Nothing done: type all and minutes, as in all 60."
        del words[0]
    if not words or len(words) > (2 if verb == "buffer" else 1) or not all(w.isdecimal() for w in words):
        form = "units and minutes, as in 3 60" if verb == "buffer" else "minutes, as in 60"
        return f"Nothing done: type {form}."
    figures = [int(word) for word in words]
    units = figures.pop(0) if verb == "buffer" else None
    minutes = figures[0] if figures else MINUTES
    if minutes > LONGEST or (units or 0) > MOST:
        return f"Nothing done: at most {MOST:,} units and {LONGEST:,} minutes."
    return Wanted(units, minutes or None, everywhere=verb == "stop")
