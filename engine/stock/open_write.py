"""What to do about a write whose answer was lost.

Sent again with its key it acts at most once and says what became of it: it is answered as before when it was
applied, applied when it was not and every level still holds what it was compared against, and refused as stale
otherwise. So it is only dangerous where it would raise a level by figures of yesterday. There one level is lowered
by a unit first: from then on the write cannot act any more, whether it is still under way or sent again.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum

ARRIVES = timedelta(seconds=30)
"""A request that has not been carried out so long after it was sent is never carried out."""
REMEMBERED = timedelta(hours=23)
"""Shopify answers for a key for 24 hours; a day-old write is not sent again."""


class Remedy(Enum):
    """What an open write needs."""

    REPEAT = "repeat"
    """Send it again with its key."""
    SPOIL = "spoil"
    """Lower a level first, then send it again."""
    WAIT = "wait"
    """Nothing can be lowered, and it may still arrive; leave its cells alone until then."""
    NEVER = "never"
    """It was not applied, and will not be."""
    LOOK = "look"
    """The key is forgotten: only the levels can tell."""


def remedy(
    members: Iterable[tuple[int, int, int | None]],
    *,
    snapshot_age: timedelta,
    age: timedelta,
    freshness: timedelta,
) -> Remedy:
    """For a write of `members`: (compared against, written, level held now; None when there is none any more).

    Shopify writes all members or none, so one level that moved away proves that the write cannot act any more.
    """
    members = tuple(members)
    if age > REMEMBERED:
        return Remedy.LOOK
    raises = any(quantity > change_from for change_from, quantity, _ in members)
    moved = any(held != change_from for change_from, _, held in members)
    if not raises or snapshot_age <= freshness or moved:
        return Remedy.REPEAT
    if any(held > 0 for _, _, held in members if held is not None):
        return Remedy.SPOIL
    return Remedy.NEVER if age > ARRIVES else Remedy.WAIT
