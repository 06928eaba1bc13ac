"""What an operator says of levels that somebody else changed: the question, and the answer understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.desk import ConflictRow

NAMED = 12
"""Cells for a name in a question: the answer must be seen beside it at 80 columns."""
REAL = {"real": True, "not": False}


@dataclass(frozen=True, slots=True)
class Judged:
    """Understood."""

    units: int | None
    """Of the one change; None: all of each."""
    real: bool


def question(rows: Sequence[ConflictRow]) -> str:
    """What to ask: of one change how many units, of several how many changes there are."""
    if len(rows) == 1:
        [row] = rows
        what = safe(f"{row.sku} at {row.location_name}", NAMED * 2).rstrip()
        return f"{what} {row.kind} of {row.units:,}: {row.units} real or {row.units} not: "
    some = ", ".join(safe(row.sku, NAMED).rstrip() for row in rows[:2])
    more = " …" if len(rows) > 2 else ""
    return f"{len(rows):,} changes ({some}{more}): {len(rows)} real or {len(rows)} not: "


def understood(rows: Sequence[ConflictRow], text: str) -> Judged | str:
    """What was typed; or why nothing is done."""
    number, _, word = text.strip().casefold().replace(",", "").partition(" ")
    real = REAL.get(word.strip())
    if not number.isdecimal() or real is None:
        return "Nothing done: type a number and real or not, as in 2 not."
    if len(rows) > 1:
        if int(number) == len(rows):
            return Judged(None, real)
        return f"Nothing done: {len(rows):,} changes, and that was not typed."
    [row] = rows
    if not 1 <= int(number) <= row.units:
        return f"Nothing done: {row.units:,} units changed without a cause, not {int(number):,}."
    return Judged(int(number), real)


def meaning(row: ConflictRow) -> tuple[str, str, str]:
    """What was done about it at once, and what `real` and `not` will do."""
    if row.kind == "rise":
        return (
            "The units were written away again: they are not sold until somebody says that they exist.",
            "real: goods came in. Decide first, then book them in the back office; the level follows it.",
            "not: no goods came. Nothing else changes; the rise is forgotten.",
        )
    if row.explained:
        return (
            "The units count as gone until somebody judges: Shopify took them off, nobody put them back.",
            "real: they are broken or lost. Write them off in the back office first, then decide here.",
            "not: they stand on the shelf. They are offered again with the next write.",
        )
    return (
        "The units count as sold until somebody judges, so the shop offers too little, never too much.",
        "real: goods are gone. Book that in the back office first, then decide here.",
        "not: the goods are there. They are offered again with the next write.",
    )
