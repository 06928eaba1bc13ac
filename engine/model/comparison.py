"""The proof that nothing is overlooked: every cell was compared within the last hours."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """How many cells were compared on both sides since a moment, by what is written down."""

    hours: float
    """How far back the proof has to reach; a setting."""
    since: datetime
    cells: int
    """Cells that are kept true."""
    uncompared: int
    """Of these, the ones without a comparison since then."""
    last_full: datetime | None
    """When the last comparison of all cells that was completed began; None where none was needed yet."""

    @property
    def holds(self) -> bool:
        """Every cell was compared."""
        return self.uncompared == 0
