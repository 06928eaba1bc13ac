"""What the inbox promises the listener: each webhook is kept once, and its answer is its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.intake import Received
from console.inbox import Inbox
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.ledger import verify
from tests.stored import backlog

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = Received("main", "shop", "w-0", "orders/updated", "gid://shopify/Order/0", "v", b"{}", NOW, NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'inbox.db'}", clock=SystemClock())
    yield opened
    opened.close()


def another(number: int) -> Received:
    return replace(FIRST, webhook_id=f"w-{number}", body=b"%d" % number)


async def test_webhooks_that_arrive_together_are_each_kept_once(store: Store) -> None:
    inbox = Inbox(store)
    rows = [another(number % 20) for number in range(60)]
    kept = await asyncio.gather(*(inbox.receive(row) for row in rows))
    assert sum(kept) == 20
    assert all(kept[:20])
    assert await inbox.receive(another(7)) is False
    assert await store.read(backlog) == 20
    assert await store.read(verify) is None


async def test_a_webhook_the_store_refuses_fails_alone(store: Store) -> None:
    inbox = Inbox(store)
    odd = replace(another(3), triggered_at=NOW.replace(tzinfo=None))
    rows = [another(1), another(2), odd, another(4)]
    answers = await asyncio.gather(*(inbox.receive(row) for row in rows), return_exceptions=True)
    assert [answer is True for answer in answers] == [True, True, False, True]
    assert isinstance(answers[2], Exception)
    assert await store.read(backlog) == 3


async def test_a_closed_store_is_told_to_everybody_who_waits(store: Store) -> None:
    inbox = Inbox(store)
    store.close()
    answers = await asyncio.gather(*(inbox.receive(another(n)) for n in range(5)), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
