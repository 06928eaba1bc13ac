"""Telling is tried again, survives whoever told, and the database's own trouble is told without it."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.alerts.rule import Condition, Maintenance, Rule, Severity, Step
from engine.flows.alerts import Alerting
from engine.flows.unrecorded import Unrecorded
from engine.model.clock import SystemClock
from engine.model.failure import TryLater
from engine.ports import Message
from engine.store.queries.notices import notices
from engine.store.session import Store
from engine.store.trouble import StoreBusy
from engine.store.verbs.watch import note_remote, raise_alert
from tests.alerts.made import rule, seconds


class Channel:
    """Fails so many times, then keeps what it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.left = failures
        self.tries = 0
        self.came: list[Message] = []
        self.news = asyncio.Event()

    async def tell(self, message: Message) -> None:
        self.tries += 1
        if self.left:
            self.left -= 1
            raise TryLater("The service is away", "Wait")
        self.came.append(message)
        self.news.set()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())
    yield opened
    opened.close()


ENDED = rule(
    Condition.LOOP_ENDED, name="ended", severity=Severity.CRITICAL, steps=(Step(seconds(0), ("ops",)),)
)


def alerting(store: Store, channel: Channel, *rules: Rule) -> Alerting:
    return Alerting(store, rules, {"ops": channel}, environment="test")


async def test_what_a_channel_did_not_take_is_told_again_and_that_is_recorded(store: Store) -> None:
    now = store.clock.now()
    await store.write(raise_alert, "main", "loop_ended", "deliver", "It ended.", "Restart.", now)
    await store.write(note_remote, "main", "shop", "OK", "", now, ok=True)  # the connection is heard of
    channel = Channel(failures=2)
    alerts = alerting(store, channel, ENDED)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(alerts.run())
        await channel.news.wait()
        await alerts.finish(5.0)
    assert channel.tries == 3
    [one] = await store.read(notices, over=False, limit=5)
    [telling] = one.tellings
    assert (telling.attempts, telling.trouble, telling.told_at is not None) == (3, "", True)
    assert [message.title for message in channel.came] == ["test main: CRITICAL It ended."]


async def test_an_alert_that_was_not_told_before_a_restart_is_told_after_it(store: Store) -> None:
    now = store.clock.now()
    await store.write(raise_alert, "main", "loop_ended", "deliver", "It ended.", "Restart.", now)
    await store.write(note_remote, "main", "shop", "OK", "", now, ok=True)
    await alerting(store, Channel(), ENDED).judge()  # put down, and the process is gone
    channel = Channel()
    alerts = alerting(store, channel, ENDED)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(alerts.run())
        await channel.news.wait()
        await alerts.finish(5.0)
    assert len(channel.came) == 1


async def test_trouble_with_the_database_is_told_once_told_on_and_told_to_be_over() -> None:
    came: list[tuple[str, str, str]] = []

    async def carry(channel: str, message: Message) -> str:
        came.append((channel, message.word, message.title))
        return ""

    steps = (Step(seconds(0), ("ops",)), Step(seconds(60), ("boss", "ops")))
    dark = rule(Condition.DATABASE, name="db", severity=Severity.CRITICAL, steps=steps)
    began = datetime(2026, 11, 29, 12, tzinfo=UTC)
    unrecorded = Unrecorded([ENDED, dark], carry, environment="test", maintenance=())
    full = StoreBusy("The disk is full.", "Make room.")
    for after in (0, 59):
        await unrecorded.lost(full, began + seconds(after))
    assert came == [("ops", "fired", "test store: CRITICAL The disk is full.")]
    for after in (60, 90):
        await unrecorded.lost(full, began + seconds(after))
    assert [(channel, word) for channel, word, _ in came[1:]] == [("boss", "escalated"), ("ops", "escalated")]
    assert unrecorded.stands
    for _ in range(2):
        await unrecorded.back(began + seconds(100))
    over = "test store: over: The database can be used again."
    assert came[3:] == [("ops", "resolved", over), ("boss", "resolved", over)]
    await unrecorded.lost(full, began + seconds(200))
    assert [(channel, word) for channel, word, _ in came[5:]] == [("ops", "fired")]


async def test_trouble_with_the_database_waits_for_the_end_of_maintenance() -> None:
    came: list[str] = []

    async def carry(channel: str, message: Message) -> str:
        came.append(message.word)
        return ""

    began = datetime(2026, 11, 29, 12, tzinfo=UTC)
    dark = rule(Condition.DATABASE, name="db", steps=(Step(seconds(0), ("ops",)),))
    span = Maintenance(began - seconds(9), began + seconds(9))
    unrecorded = Unrecorded([dark], carry, environment="test", maintenance=(span,))
    for after, expected in ((0, []), (8, []), (9, ["fired"])):
        await unrecorded.lost(StoreBusy("It is locked.", "Wait."), began + seconds(after))
        assert came == expected


async def test_without_rules_nothing_is_watched(store: Store) -> None:
    await alerting(store, Channel()).run()
