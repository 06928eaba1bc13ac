"""A shift of eight hours at the console leaves no more behind than half of it."""

import gc
from collections import Counter
from datetime import timedelta
from itertools import cycle

import pytest
from textual.pilot import Pilot

from console.canned import CannedDesk, FrozenClock
from console.garbage import search

STEP = timedelta(seconds=20)
HOUR = timedelta(hours=1) // STEP
EARLY, HOURS = 4, 8
HABITS = (
    "1", "2jjlw", ("escape", "2", "slash", *"lamp", "enter"), ("escape", "escape"), "3jw", "4jjc", "4F", ("escape", "escape"), "5",
    ("enter", "equals_sign", "escape"), "6jj", "7", "8G", "9", ("slash", *"ana", "enter"), "0", ("question_mark", "escape"),
    ("colon", *"nonsense", "enter"), ("left_square_bracket", "left_square_bracket", "right_square_bracket"), "Cj",
    ("ctrl+p", *"ord", "escape"), "4space", ("v", "j", "escape"), ("2", "greater_than_sign", "o"), ("4", "slash", "escape"),
)  # fmt: skip
"""What is pressed every third step, one after the other."""


def alive() -> Counter[str]:
    """What lives of the console and what it paints with, by type."""
    search()
    types = (type(each) for each in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in types if isinstance(kind.__module__, str))
    return Counter(
        name for name in names if name.startswith(("console.", "screens.", "engine.", "textual.", "rich."))
    )


async def an_hour(pilot: Pilot[None], desk: CannedDesk, clock: FrozenClock, habits: cycle) -> None:
    for step in range(HOUR):
        clock.at += STEP
        desk.reads.clear()
        desk.changes.ring()
        if step % 3 == 0:
            await pilot.press(*next(habits))
        await pilot.pause()


@pytest.mark.long
async def test_what_lives_after_a_shift_lived_after_half_of_it(console_on, desk, clock, seen) -> None:
    habits, lived = cycle(HABITS), []
    async with console_on(desk) as pilot:
        await seen(pilot, "EVENTS")
        for _ in range(HOURS):
            await an_hour(pilot, desk, clock, habits)
            await pilot.press("escape", "escape", "1")
            await seen(pilot, "EVENTS")
            lived.append(alive())
    grown = lived[HOURS - 1] - lived[EARLY - 1]
    assert grown.total() < 0.02 * lived[EARLY - 1].total(), grown.most_common(8)
