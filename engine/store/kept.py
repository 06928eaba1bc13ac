"""The store that a restore replaces: moved out of the way whole, and missed when the restore was cut short."""

from datetime import datetime
from glob import escape
from pathlib import Path

SIDES = ("", "-wal", "-shm")
"""What a SQLite store in use is made of, by the ends of the names."""
MARK = ".before-restore-"


def put_aside(place: Path, now: datetime) -> Path | None:
    """Move what is there out of the way; where it is kept, None when nothing was there.

    The database goes first: cut short here, nothing is left under its name that could be taken for a store, least of all
    an older one without its WAL. The restore that is run again moves the rest to where the database went.
    """
    kept = cut_short(place) or Path(f"{place}{MARK}{now:%Y%m%dT%H%M%S}")
    for side in SIDES:
        part = Path(f"{place}{side}")
        if part.exists():
            part.rename(f"{kept}{side}")
    return kept if kept.exists() else None


def cut_short(place: Path) -> Path | None:
    """Where a restore that never ended has left the store of this place; None when no restore was cut short."""
    if place.exists():
        return None
    found = place.parent.glob(f"{escape(place.name + MARK)}*")
    return max((file for file in found if not file.name.endswith(SIDES[1:])), default=None)
