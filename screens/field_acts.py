"""Deciding about fields of products that the shop changed: what is asked before, and which of a list it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.safe import safe

if TYPE_CHECKING:
    from engine.desk import GapRow

SAMPLE = 2
DAY = 1440
LONGEST = 43_200
"""Minutes for which a field may be left alone."""
LABELS = {"restore": "Restore", "adopt": "Adopt", "snooze": "Snooze"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about so many fields."""

    what: str
    """restore, adopt or snooze."""
    rows: tuple[GapRow, ...]
    minutes: int = DAY


def minutes_of(text: str) -> int | None:
    """Minutes as typed, a day without; None when it is no number of minutes that a field may be left alone."""
    if not text:
        return DAY
    return int(text) if text.isdecimal() and 1 <= int(text) <= LONGEST else None


def question(one: Decision) -> str:
    """How many, with a sample; their number has to be typed."""
    some = ", ".join(safe(row.name, 16).rstrip() for row in one.rows[:SAMPLE])
    more = " …" if len(one.rows) > SAMPLE else ""
    many = len(one.rows)
    return f"{LABELS[one.what]} {many:,} ({some}{more})? Type {many}: "


def named(row: GapRow) -> tuple[str, str]:
    """(SKU, field) of a row."""
    sku, _, field = row.name.rpartition(" ")
    return sku, field
