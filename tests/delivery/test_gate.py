"""What passes a remote's gate."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from engine.delivery.breaker import THRESHOLD, Circuit
from engine.flows.bulkhead import Rooms
from engine.flows.guarded import Gates
from engine.model.failure import Failure, NotNow, OutcomeUnknown, RateLimited, Refused, TryLater, in_time

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wrong_by = 0.0
        """Seconds by which the wall clock is ahead."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds + self.wrong_by)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Engine:
    """Whose lease may have run out, and who hears how the remote is."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.clock = self.hands
        self.leads = True
        self.heard: list[str] = []

    def answered(self, remote: str) -> None:
        self.heard.append("ok")

    def failed(self, remote: str, failure: Failure) -> None:
        self.heard.append(failure.cause)

    def may_send(self) -> bool:
        return self.leads


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def gates(engine: Engine) -> Gates:
    return Gates(engine, "back office", Rooms.of(4))


def answer(value: object = None) -> Callable[[], Awaitable[object]]:
    async def act() -> object:
        if isinstance(value, Exception):
            raise value
        return value

    return act


AWAY = TryLater("It is away.", "Wait.")
LOST = OutcomeUnknown("No answer.", "Wait.")


async def fail(gates: Gates, failure: Failure, *, write: bool = True, times: int = THRESHOLD) -> None:
    gate = gates.write if write else gates.read
    for _ in range(times):
        with pytest.raises(type(failure)):
            await gate.call(answer(failure))


@pytest.mark.parametrize("failure", [AWAY, LOST])
async def test_a_remote_that_fails_on_writes_is_written_to_no_more_and_read_on(
    gates: Gates, failure: Failure
) -> None:
    await fail(gates, failure)
    with pytest.raises(NotNow) as refused:
        await gates.write.call(answer("never"))
    assert refused.value.after > 0
    assert await gates.read.call(answer("read")) == "read"


@pytest.mark.parametrize(
    "failure", [RateLimited("Too often.", "Wait.", after=1.0), Refused("No.", "Change it.")]
)
async def test_a_remote_that_answers_is_not_away(gates: Gates, failure: Failure) -> None:
    await fail(gates, failure, times=THRESHOLD * 3)
    assert gates.write.breaker.circuit is Circuit.CLOSED


async def test_one_read_and_then_one_write_is_let_through_to_see_whether_it_is_back(
    gates: Gates, engine: Engine
) -> None:
    await fail(gates, AWAY)
    engine.hands.seconds += gates.closed_for().total_seconds()
    with pytest.raises(NotNow):
        await gates.write.call(answer())
    await gates.read.call(answer())
    hold = asyncio.Event()

    async def slow() -> str:
        await hold.wait()
        return "created"

    trial = asyncio.create_task(gates.write.call(slow))
    await asyncio.sleep(0)
    with pytest.raises(NotNow):
        await gates.write.call(answer())
    hold.set()
    assert await trial == "created"
    assert await gates.write.call(answer("more")) == "more"
    assert gates.read.breaker.circuit is gates.write.breaker.circuit is Circuit.CLOSED


@pytest.mark.parametrize("set_to", [600.0, -600.0])
async def test_a_clock_that_is_set_keeps_nothing_shut_for_longer(
    gates: Gates, engine: Engine, set_to: float
) -> None:
    engine.hands.wrong_by = 600.0 if set_to < 0 else 0.0
    await fail(gates, AWAY, write=False)
    await fail(gates, AWAY)
    wait = gates.closed_for().total_seconds()
    engine.hands.wrong_by += set_to
    assert gates.closed_for().total_seconds() == wait > 0
    engine.hands.seconds += wait
    assert await gates.read.call(answer("read")) == "read"
    assert await gates.write.call(answer("written")) == "written"


async def test_a_flapping_remote_gets_one_trial_per_opening_and_rarer_openings(
    gates: Gates, engine: Engine
) -> None:
    await fail(gates, AWAY)
    calls = 0
    for _ in range(3600):
        engine.hands.seconds += 1.0
        await gates.read.call(answer())
        try:
            await gates.write.call(answer(AWAY))
        except NotNow:
            continue
        except TryLater:
            calls += 1
    assert calls <= 3600 / 30 + 6


async def test_an_engine_whose_lease_is_about_to_end_reads_but_does_not_write(
    gates: Gates, engine: Engine
) -> None:
    engine.leads = False
    with pytest.raises(NotNow):
        await gates.write.call(answer())
    assert await gates.read.call(answer("read")) == "read"


async def test_a_hanging_write_holds_no_reader_and_no_more_than_its_places(gates: Gates) -> None:
    hold, begun = asyncio.Event(), 0

    async def hang() -> None:
        nonlocal begun
        begun += 1
        await hold.wait()

    hanging = [asyncio.create_task(gates.write.call(hang)) for _ in range(10)]
    await asyncio.sleep(0)
    assert await gates.read.call(answer("read")) == "read"
    assert begun == 2
    hold.set()
    await asyncio.gather(*hanging)
    assert begun == 10


async def test_what_grew_too_old_while_it_waited_for_a_place_is_not_sent(engine: Engine) -> None:
    gates, hold, sent = Gates(engine, "shop", Rooms.of(1)), asyncio.Event(), list[str]()

    async def hangs() -> None:
        await hold.wait()

    async def raises_a_level() -> None:
        sent.append("raised")

    first = asyncio.create_task(gates.write.call(hangs))
    await asyncio.sleep(0)
    late = asyncio.create_task(gates.write.call(raises_a_level, until=3.0))
    soon = asyncio.create_task(gates.write.call(raises_a_level, until=4.0))
    await asyncio.sleep(0)
    engine.hands.seconds = 3.5
    hold.set()
    await first
    with pytest.raises(NotNow, match="too old"):
        await late
    await soon
    assert sent == ["raised"]


async def test_what_was_not_asked_tells_nothing_of_the_remote(gates: Gates, engine: Engine) -> None:
    async def waits_for_its_allowance() -> None:
        engine.hands.seconds += 4.0
        in_time(engine.clock, 3.0)

    heard = list(engine.heard)
    with pytest.raises(NotNow, match="too old"):
        await gates.write.call(waits_for_its_allowance, until=3.0)
    assert (gates.write.last_ok, engine.heard, gates.write.outcomes) == (None, heard, {})


async def test_a_caller_that_goes_away_while_it_waits_takes_no_place(gates: Gates) -> None:
    hold = asyncio.Event()

    async def hang() -> bool:
        return await hold.wait()

    tasks = [asyncio.create_task(gates.write.call(hang)) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    hold.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in done if one is True] == [True] * 4
    assert await gates.write.call(answer("next")) == "next"


async def test_a_remote_that_bears_one_call_gets_one(engine: Engine) -> None:
    gates, hold = Gates(engine, "back office", Rooms.of(1)), asyncio.Event()
    writing = asyncio.create_task(gates.write.call(hold.wait))
    await asyncio.sleep(0)
    reading = asyncio.create_task(gates.read.call(answer("read")))
    await asyncio.sleep(0)
    assert not reading.done()
    hold.set()
    assert (await writing, await reading) == (True, "read")


async def test_pages_are_calls_each(gates: Gates, engine: Engine) -> None:
    async def source():  # type: ignore[no-untyped-def]
        yield "one"
        yield "two"

    assert [page async for page in gates.pages(source())] == ["one", "two"]
    assert engine.heard == ["ok", "ok", "ok"]
