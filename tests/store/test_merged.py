"""Endings that wait for the same commit are written by one statement, each still by its own epoch."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.store.fenced import Fenced
from engine.store.session import Store
from engine.store.tables import ledger, work
from engine.store.trouble import Superseded
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import succeed
from engine.store.verbs.lease import acquire
from engine.store.verbs.ledger import verify
from engine.store.verbs.work import enqueue

Put = Callable[..., int]


@contextmanager
def updates_of_work(store: Store) -> Iterator[list[str]]:
    """Statements that change records."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE work"):
            seen.append(statement)

    event.listen(store._writing, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store._writing, "before_cursor_execute", note)


async def together(store: Store, *writes: Any) -> list[Any]:
    """All of these writes in one group of the writer: it stands still until they are queued."""
    gate = threading.Event()
    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    tasks = [asyncio.ensure_future(one) for one in writes]
    await asyncio.sleep(0)
    gate.set()
    await blocked
    return await asyncio.gather(*tasks, return_exceptions=True)


async def taken(store: Store, put: Put, now: datetime, many: int) -> list[int]:
    """So many records under way in epoch 1."""
    ids = [put(f"o{number}") for number in range(many)]
    works = await store.write(
        claim, connection="main", epoch=1, now=now, lanes=(0, many, 0, 0, 0), lease_seconds=60
    )
    assert [one.id for one in works] == ids
    return ids


async def test_fifty_endings_are_one_statement_and_fifty_lines(store: Store, put: Put, now: datetime) -> None:
    ids = await taken(store, put, now, 50)
    with updates_of_work(store) as seen:
        kept = await together(store, *(store.write(succeed, one, 1, now) for one in ids))
    assert kept == [True] * 50
    assert len(seen) == 1
    rows = store.read_sync(
        lambda tx: tx.execute(select(work.c.state, work.c.due_at, work.c.crash_count)).all()
    )
    assert set(rows) == {("succeeded", None, 0)}
    told = select(ledger.c.entity).where(ledger.c.action == "succeeded").order_by(ledger.c.seq)
    told_of = store.read_sync(lambda tx: tx.execute(told).scalars().all())
    assert told_of == [f"order:o{number}" for number in range(50)]
    assert store.read_sync(verify) is None


async def test_an_ending_of_another_epoch_among_them_settles_nothing(
    store: Store, put: Put, now: datetime
) -> None:
    ids = await taken(store, put, now, 4)
    stale = store.write(succeed, ids[1], 2, now)
    twice = store.write(succeed, ids[0], 1, now)
    kept = await together(
        store, store.write(succeed, ids[0], 1, now), stale, twice, store.write(succeed, ids[2], 1, now)
    )
    assert kept == [True, False, False, True]
    states = store.read_sync(lambda tx: tx.execute(select(work.c.state).order_by(work.c.id)).scalars().all())
    assert states == ["succeeded", "in_flight", "succeeded", "in_flight"]


async def test_what_was_asked_for_again_is_due_again_and_the_others_are_done(
    store: Store, put: Put, now: datetime
) -> None:
    ids = await taken(store, put, now, 3)
    put("o1")
    await together(store, *(store.write(succeed, one, 1, now) for one in ids))
    rows = store.read_sync(
        lambda tx: tx.execute(select(work.c.state, work.c.due_at).order_by(work.c.id)).all()
    )
    assert [tuple(row) for row in rows] == [("succeeded", None), ("pending", now), ("succeeded", None)]


async def test_an_engine_that_was_superseded_ends_nothing_beside_one_that_leads(
    store: Store, put: Put, now: datetime
) -> None:
    ids = await taken(store, put, now, 2)
    assert await store.write(acquire, "main", "a", 60, now) == 1
    leads, old = Fenced(store, "main", lambda: 1), Fenced(store, "main", lambda: 0)
    refused, kept = await together(
        store, old.write(succeed, ids[0], 1, now), leads.write(succeed, ids[1], 1, now)
    )
    assert isinstance(refused, Superseded)
    assert kept is True


async def test_a_write_that_fails_beside_them_fails_alone(store: Store, put: Put, now: datetime) -> None:
    ids = await taken(store, put, now, 3)

    def stumble(tx: Any) -> None:
        raise LookupError("no")

    writes = [
        store.write(succeed, ids[0], 1, now),
        store.write(stumble),
        store.write(succeed, ids[1], 1, now),
    ]
    first, failed, second = await together(store, *writes)
    assert (first, second) == (True, True)
    assert isinstance(failed, LookupError)
    states = store.read_sync(lambda tx: tx.execute(select(work.c.state).order_by(work.c.id)).scalars().all())
    assert states == ["succeeded", "succeeded", "in_flight"]


async def test_a_write_nobody_waits_for_any_more_is_not_made(store: Store, now: datetime) -> None:
    asked = {"connection": "main", "kind": "order", "lane": 1, "due_at": now, "now": now}
    gate = threading.Event()
    blocked = asyncio.create_task(store.write(lambda tx: gate.wait(10)))
    await asyncio.sleep(0)
    given_up = asyncio.create_task(store.write(enqueue, key="given up", **asked))
    wanted = asyncio.create_task(store.write(enqueue, key="wanted", **asked))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(blocked, wanted)
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert store.read_sync(lambda tx: tx.execute(select(work.c.key)).scalars().all()) == ["wanted"]
