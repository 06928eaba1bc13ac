"""What an operator could do about a cell at risk: hold units back, stop selling there, or bring some from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from engine.stock.risk import THRESHOLD, Exposure, oversell

SOON = timedelta(minutes=30)
"""A cell that will be empty sooner may want units from elsewhere."""
LONG = timedelta(hours=4)
"""A cell that lasts longer than this can spare some."""
LEAST = 2
"""Units that are worth a transfer."""


class Act(StrEnum):
    """Kinds of advice."""

    NONE = ""
    STOP = "stop"
    BUFFER = "buffer"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do."""

    act: Act = Act.NONE
    units: int = 0
    source: str = ""
    """Where a transfer comes from."""


NOTHING = Advice()


def advice(cell: Exposure, elsewhere: Mapping[str, Exposure]) -> Advice:
    """What to do about a cell, with the other places that have the SKU."""
    if cell.offered < 0:
        return Advice(Act.STOP)
    if oversell(cell) >= THRESHOLD:
        units = needed(cell)
        return Advice(Act.STOP) if units >= cell.offered else Advice(Act.BUFFER, units)
    left = cell.to_zero
    if left is None or left > SOON or not cell.velocity:
        return NOTHING
    spare = {place: _spare(other) for place, other in elsewhere.items()}
    source = max(sorted(spare), key=lambda place: spare[place], default=None)
    if source is None or spare[source] < LEAST:
        return NOTHING
    return Advice(Act.TRANSFER, spare[source], source)


def needed(cell: Exposure) -> int:
    """Units more to hold back so that the cell is not at risk any more; all it offers when less does not do."""
    low, high = 0, max(cell.offered, 0)
    while low < high:
        middle = (low + high) // 2
        kept = replace(cell, offered=cell.offered - middle, held_back=cell.held_back + middle)
        if oversell(kept) < THRESHOLD:
            high = middle
        else:
            low = middle + 1
    return low


def _spare(cell: Exposure) -> int:
    """Half of what a place has beyond what it sells in a long time."""
    beyond = cell.offered - cell.velocity * LONG.total_seconds()
    return max(int(beyond / 2), 0)
