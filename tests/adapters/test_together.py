"""Calls that come while another is under way are answered together, each with its own outcome."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.together import Together
from engine.model.failure import Failure, Refused, TryLater


class Counter:
    """Answers numbers with their double, refuses 13, and falls ill at 99; holds the first call until let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.served: list[list[int]] = []

    async def __call__(self, asked: Sequence[int]) -> list[int | Failure]:
        self.served.append(list(asked))
        self.begun.set()
        await self.go.wait()
        if 99 in asked:
            raise TryLater("ill", "wait")
        return [Refused("unlucky", "choose another") if one == 13 else 2 * one for one in asked]


async def test_what_comes_meanwhile_is_answered_in_one_call_and_no_refusal_spreads() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter, most=3)
    first = asyncio.create_task(together.ask(1))
    await counter.begun.wait()
    others = [asyncio.create_task(together.ask(one)) for one in (2, 13, 4, 5)]
    await asyncio.sleep(0)
    counter.go.set()
    answers = await asyncio.gather(first, *others, return_exceptions=True)
    assert counter.served == [[1], [2, 13, 4], [5]]
    assert answers[:2] + answers[3:] == [2, 4, 8, 10]
    assert isinstance(answers[2], Refused)


async def test_trouble_of_the_call_is_everybodys() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter, most=9)
    first = asyncio.create_task(together.ask(1))
    await counter.begun.wait()
    others = [asyncio.create_task(together.ask(one)) for one in (99, 3)]
    await asyncio.sleep(0)
    counter.go.set()
    answers = await asyncio.gather(first, *others, return_exceptions=True)
    assert answers[0] == 2
    assert all(isinstance(answer, TryLater) for answer in answers[1:])


async def test_whoever_stops_leaves_the_others_served() -> None:
    counter = Counter()
    together: Together[int, int] = Together(counter, most=9)
    first = asyncio.create_task(together.ask(1))
    await counter.begun.wait()
    second = asyncio.create_task(together.ask(2))
    third = asyncio.create_task(together.ask(3))
    await asyncio.sleep(0)
    first.cancel()
    counter.go.set()
    assert await second == 4
    assert await third == 6
    with pytest.raises(asyncio.CancelledError):
        await first
    assert counter.served == [[1], [2, 3]]
