"""What we remember of a cell between two attempts, and the only ways in which it changes."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a cell; read before anything remote, and its version compared before anything is written."""

    ver: int
    """Counts what voids an attempt under way: writes, decisions, and our own acts on the cell."""
    base: int | None
    """B: on_hand last agreed, free of all movements we can name; None before the first sync."""
    pos: int = 0
    """Units of unexplained rises that were written away and nobody has decided."""
    seen_low: int | None = None
    """The unexplained fall that is open, below zero; before the first agreement: the level at first sight."""
    seen_at: datetime | None = None
    """Since when it is open."""


def written(present: Memory, read: Memory, agreed: Memory) -> Memory:
    """After a write that succeeded: `read` when the attempt began, `agreed` by it, `present` by what came between.

    What moved meanwhile is kept: the write moves base and pos by as much as it meant to.
    """
    if present.ver == read.ver:
        return agreed
    if read.base is None or agreed.base is None or present.base is None:
        # nothing was agreed on before, so what moved cannot be set against it: the first sight starts over
        return replace(present, ver=present.ver + 1, seen_low=None, seen_at=None)
    base = present.base + agreed.base - read.base
    pos = max(agreed.pos + present.pos - read.pos, 0)
    return replace(present, ver=present.ver + 1, base=base, pos=pos)


def lowered(present: Memory, units: int) -> Memory:
    """After we took units off a level ourselves, for a reason that has nothing to do with stock."""
    base, low = present.base, present.seen_low
    if base is None:
        return replace(present, ver=present.ver + 1, seen_low=None if low is None else low - units)
    return replace(present, ver=present.ver + 1, base=base - units)


def rise_decided(present: Memory, units: int) -> Memory | None:
    """A person has decided on `units` that appeared in the shop; None when so many are not asked about.

    Whether they exist or not, this note comes first; existing ones are booked in the back office after it.
    """
    if not 0 < units <= present.pos:
        return None
    return replace(present, ver=present.ver + 1, pos=present.pos - units)


def fall_decided(present: Memory, units: int) -> Memory | None:
    """A person has decided on `units` that vanished in the shop; None when so many are not asked about.

    Units that are really gone are booked out of the back office before this note.
    """
    if present.base is None or present.seen_low is None or not 0 < units <= -present.seen_low:
        return None
    left = present.seen_low + units
    return replace(
        present,
        ver=present.ver + 1,
        base=present.base - units,
        seen_low=left or None,
        seen_at=present.seen_at if left else None,
    )


def seen(memory: Memory, raw: int, now: datetime) -> Memory:
    """Note an unexplained fall: what is left of it keeps its date, a deeper one is a later one."""
    if raw >= 0:
        return replace(memory, seen_low=None, seen_at=None)
    older = memory.seen_low is not None and memory.seen_low <= raw
    return replace(memory, seen_low=raw, seen_at=memory.seen_at if older else now)
