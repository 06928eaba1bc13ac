"""Sixty calls a minute, whoever asks: never one more, and nearly all of them when there is work."""

import asyncio
from collections.abc import Iterator

import pytest

from adapters.cin7_core.budget import allowance_of
from adapters.limits import Allowance
from engine.model.failure import RateLimited
from tests.clocks import Played


@pytest.fixture
def clock() -> Iterator[Played]:
    yield Played()


def most_in_a_minute(made: list[float]) -> int:
    """The most calls in any sixty seconds."""
    return max(sum(1 for other in made if at <= other < at + 60) for at in made)


async def test_four_workers_for_ten_minutes_never_make_a_call_too_many(clock: Played) -> None:
    allowance = Allowance(clock, calls=60, seconds=60.0, longest=90.0)
    made: list[float] = []

    async def work() -> None:
        while True:
            call = await allowance.take()
            made.append(clock.at)
            await clock.sleep(0.2)
            allowance.over(call)

    workers = [asyncio.create_task(work()) for _ in range(4)]
    await clock.play(600.0)
    for each in workers:
        each.cancel()
    assert most_in_a_minute(made) <= 60
    assert len(made) >= 600 / 1.2, "within 1.2 of what the account answers"


async def test_an_urgent_call_never_finds_the_whole_minute_gone(clock: Played) -> None:
    allowance = Allowance(clock, calls=60, seconds=60.0, longest=90.0)
    waits: list[float] = []
    for _ in range(180):
        asked = clock.at
        task = asyncio.create_task(allowance.take())
        while not task.done():
            await clock.play(clock.at + 0.5)
        allowance.over(task.result())
        waits.append(clock.at - asked)
    assert max(waits) <= 3.0


async def test_a_reply_that_came_late_counts_from_when_it_came(clock: Played) -> None:
    """The first call took ten seconds to arrive: the sixty-first must not go sixty seconds after it was sent."""
    allowance = Allowance(clock, calls=3, seconds=60.0, longest=90.0)
    slow = await allowance.take()
    for _ in range(2):
        task = asyncio.create_task(allowance.take())
        await clock.play(clock.at + 29.0)
        allowance.over(task.result())
    allowance.over(slow)
    replied = clock.at
    task = asyncio.create_task(allowance.take())
    await clock.play(replied + 59.0)
    assert not task.done()
    await clock.play(replied + 60.5)
    assert task.done()


async def test_a_refused_call_stops_everybody_for_as_long_as_asked(clock: Played) -> None:
    allowance = Allowance(clock, calls=60, seconds=60.0, longest=90.0)
    allowance.close_for(31.0)
    task = asyncio.create_task(allowance.take())
    await clock.play(30.5)
    assert not task.done()
    await clock.play(31.5)
    assert task.done()


async def test_who_gives_up_waiting_takes_nobody_elses_call_away(clock: Played) -> None:
    """Both were given the same moment; one of them goes away before it comes."""
    allowance = Allowance(clock, calls=4, seconds=60.0, longest=90.0)
    allowance.close_for(10.0)
    first, second = asyncio.create_task(allowance.take()), asyncio.create_task(allowance.take())
    await clock.play(5.0)
    second.cancel()
    await clock.play(10.0)
    allowance.over(await first)
    for _ in range(3):
        task = asyncio.create_task(allowance.take())
        await clock.play(clock.at + 18.0)
        allowance.over(task.result())
    last = asyncio.create_task(allowance.take())
    await clock.play(69.0)
    assert not last.done(), "the first still counts"
    await clock.play(80.0)
    assert last.done(), "who gave up does not"


async def test_who_would_wait_too_long_is_told_when_to_come_back(clock: Played) -> None:
    allowance = Allowance(clock, calls=10, seconds=60.0, longest=5.0)
    allowance.close_for(40.0)
    with pytest.raises(RateLimited) as busy:
        await allowance.take()
    assert busy.value.after == 40.0


def test_connections_of_one_account_share_its_allowance(clock: Played) -> None:
    one = allowance_of("https://core", "account", clock)
    assert allowance_of("https://core", "account", clock) is one
    assert allowance_of("https://core", "another", clock) is not one
