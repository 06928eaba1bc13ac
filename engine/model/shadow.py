"""How far another connector's writing agrees with what TrueUp would have written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that TrueUp writes of a connection that another connector serves too."""

    connection: str
    subject: str
    location: str
    """Empty for all of the subject."""
    taken_at: datetime
    taken_by: str
    since: datetime
    """Orders placed before this, by the shop's clock, stay the other connector's."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is, or was, not as TrueUp would have written it."""

    connection: str
    subject: str
    key: str
    """SKU, or id of an order."""
    location: str
    field: str
    ours: str
    theirs: str
    since: datetime
    until: datetime | None = None
    """When it was last seen to agree; None while it still differs."""


@dataclass(frozen=True, slots=True)
class Score:
    """One field of one subject, at one place where it has one."""

    connection: str
    subject: str
    location: str
    field: str
    judged: int
    """Cells, orders or products that were compared."""
    differing: int
    """Of them, those that differ now."""
    agreement: float
    """Share of the time of the window, over all of them, in which they agreed: 0 to 1."""


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """Everything that is known of the agreement within a window of time."""

    as_of: datetime
    hours: float
    """Length of the window; shorter than asked for when nothing was compared before."""
    scores: Sequence[Score]
    differing: Sequence[Difference]
    """What differs now, the longest first; no more than were asked for."""
    total: int
    """How many there are."""
    unjudged: Sequence[tuple[str, str]]
    """(connection, sentence) of what cannot be judged, and why."""


def agreement(
    judged: int, spans: Sequence[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> float:
    """Share of the time of all that was judged that lies outside the spans in which something differed.

    Spans of one field of one thing do not overlap. With nothing judged, or no time gone by, it is 1.
    """
    whole = judged * (end - begin).total_seconds()
    if whole <= 0:
        return 1.0
    lost = sum(max((min(b, end) - max(a, begin)).total_seconds(), 0.0) for a, b in spans)
    return max(1.0 - lost / whole, 0.0)
