"""What an operator holds back from sale in one cell, or at a whole location."""

from dataclasses import dataclass
from datetime import datetime

LONGEST = 60 * 24 * 30
"""Minutes for which units may be held back, unless until they are let go."""
MOST = 1_000_000
"""Units."""
EVERY = "*"
"""In place of a SKU: nothing at all is sold at the location. It counts before what is held in its cells."""


@dataclass(frozen=True, slots=True)
class Hold:
    """As long as it is in force it counts alone in its cell, whatever the configuration says."""

    connection: str
    sku: str
    location: str
    units: int
    everything: bool
    """Nothing is sold there at all."""
    set_by: str
    set_at: datetime
    ends: datetime | None = None
    """None: until somebody ends it."""

    @property
    def text(self) -> str:
        """In words."""
        amount = "everything" if self.everything else f"{self.units} unit{'' if self.units == 1 else 's'}"
        until = f" until {self.ends:%Y-%m-%d %H:%M}Z" if self.ends else " until it is ended"
        return f"{amount}{until}, set by {self.set_by}"
