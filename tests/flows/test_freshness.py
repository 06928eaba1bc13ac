"""How old figures are is judged by our monotonic clock too: a clock that is set back makes nothing fresh again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.flows.levels import Planned
from engine.stock.memory import Memory
from engine.stock.target import Listing, Shelf, decide

READ = datetime(2026, 11, 29, tzinfo=UTC)
FRESH = timedelta(seconds=5)


class Hands:
    """A clock whose two hands are set apart."""

    def __init__(self, wall: float, steady: float) -> None:
        self._wall, self._steady = wall, steady

    def now(self) -> datetime:
        return READ + timedelta(seconds=self._wall)

    def monotonic(self) -> float:
        return 100.0 + self._steady

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


def raising(shelf: int) -> Planned:
    """A cell that holds 3, by figures the back office was asked for at 100 s of the monotonic clock."""
    cell: Any = None
    listing = Listing(timedelta(0), READ)
    target = decide(Memory(1, 3), 3, (), Shelf(shelf, 0), now=READ, listing=listing)
    return Planned(cell, target, {}, erp_at=READ, asked_at=100.0)


@pytest.mark.parametrize(
    ("wall", "steady", "settles"),
    [(4, 4, True), (6, 6, False), (-24, 6, False), (604, 4, False)],
    ids=["fresh", "old", "old, clock set back", "fresh, clock set ahead"],
)
def test_a_level_is_raised_on_fresh_figures_only(wall: float, steady: float, settles: bool) -> None:
    assert raising(5).settles(Hands(wall, steady), FRESH) is settles


def test_a_level_is_lowered_whatever_the_age() -> None:
    assert raising(2).settles(Hands(600, 600), FRESH)
