"""An engine that was superseded writes nothing any more, whatever it wanted to write."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import OperationalError
from sqlalchemy import MetaData, make_url, select, text

from engine.model.ids import Sku
from engine.store import postgresql
from engine.store.fenced import Fenced
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.tables import lease, metadata, work
from engine.store.trouble import Superseded
from engine.store.tx import Tx
from engine.store.verbs.claim import claim
from engine.store.verbs.cursor import set_cursor
from engine.store.verbs.effect import intend, settle_effect
from engine.store.verbs.endings import dead_letter, hold, postpone, retry, succeed, uncertain
from engine.store.verbs.lease import acquire
from engine.store.verbs.publish import agree, publish
from engine.store.verbs.rescue import rescue
from engine.store.verbs.stock import mark_sku_dirty
from engine.store.verbs.work import enqueue
from engine.store.verbs.xref import link
from tests.journeys.daemon import until

NOTE = FailureNote("away", "wait", "away", "")
CALL = {
    "remote": "back_office",
    "op": "create",
    "ext_ref": "o1",
    "key": "k",
    "fingerprint": "f",
    "body": "{}",
}
ASKED = {"connection": "main", "kind": "order", "key": "o1", "lane": 1}


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables."""
    assert isinstance(metadata, MetaData)
    return store.read_sync(
        lambda tx: {table.name: list(tx.execute(select(table)).all()) for table in metadata.sorted_tables}
    )


@pytest.fixture
async def old(store: Store, now: datetime) -> Fenced:
    """An engine of epoch 1 that took a record and wrote a call down; then another one took over."""
    assert await store.write(acquire, "main", "a", 10, now) == 1
    mine = Fenced(store, "main", lambda: 1)
    await mine.write(enqueue, due_at=now, now=now, **ASKED)
    await mine.write(claim, connection="main", epoch=1, now=now, lanes=(1,) * 5, lease_seconds=60)
    await mine.write(intend, connection="main", work_id=None, now=now, **CALL)
    await store.write(_run_out, now)
    assert await store.write(acquire, "main", "b", 10, now) == 2
    return mine


def _run_out(tx: Tx, now: datetime) -> None:
    """The lease is over by whichever clock decides."""
    tx.execute(lease.update().values(until=now - timedelta(days=400)))


ACTS: dict[str, Callable[[Fenced, int, datetime], Any]] = {
    "claim": lambda s, _, now: s.write(
        claim, connection="main", epoch=1, now=now, lanes=(1,) * 5, lease_seconds=60
    ),
    "intend": lambda s, _, now: s.write(
        intend, connection="main", work_id=None, now=now, **{**CALL, "ext_ref": "o2"}
    ),
    "settle": lambda s, _, now: s.write(settle_effect, 1, "applied", "SO1", "", now),
    "publish": lambda s, _, now: s.write(publish, "main", [], now),
    "agree": lambda s, _, now: s.write(agree, "main", [], now),
    "cursor": lambda s, _, now: s.write(set_cursor, "main", "orders", "x", now),
    "link": lambda s, _, now: s.write(link, "main", "order", "o1", "SO1", now),
    "enqueue": lambda s, _, now: s.write(enqueue, due_at=now, now=now, **{**ASKED, "key": "o2"}),
    "mark": lambda s, _, now: s.write(mark_sku_dirty, "main", {Sku("A")}, reason="", lane=0, now=now),
    "rescue": lambda s, _, now: s.write(rescue, connection="main", epoch=1, now=now),
    "succeed": lambda s, one, now: s.write(succeed, one, 1, now),
    "retry": lambda s, one, now: s.write(retry, one, 1, now, NOTE, now),
    "postpone": lambda s, one, now: s.write(postpone, one, 1, now, now),
    "hold": lambda s, one, now: s.write(hold, one, 1, NOTE, now),
    "uncertain": lambda s, one, now: s.write(uncertain, one, 1, now, NOTE, now),
    "dead_letter": lambda s, one, now: s.write(dead_letter, one, 1, NOTE, now),
}


async def test_a_superseded_engine_writes_nothing(store: Store, old: Fenced, now: datetime) -> None:
    [taken] = store.read_sync(lambda tx: tx.execute(select(work.c.id)).scalars().all())
    before = everything(store)
    for act in ACTS.values():
        with pytest.raises(Superseded, match="epoch 2"):
            await act(old, taken, now)
    assert everything(store) == before


async def test_a_write_queued_beside_a_refused_one_is_kept(store: Store, old: Fenced, now: datetime) -> None:
    leads = Fenced(store, "main", lambda: 2)
    refused, kept = await asyncio.gather(
        old.write(set_cursor, "main", "a", "old", now),
        leads.write(set_cursor, "main", "b", "new", now),
        return_exceptions=True,
    )
    assert isinstance(refused, Superseded)
    assert kept is None


async def test_a_take_over_waits_for_a_write_under_way_and_none_begins_after_it(
    store_url: str, opened: Callable[[str], Store], now: datetime
) -> None:
    here, there = opened(store_url), opened(store_url)
    assert await here.write(acquire, "main", "a", 10, now) == 1
    mine, begun, gate, order = Fenced(here, "main", lambda: 1), threading.Event(), threading.Event(), []

    def slow(tx: Tx) -> None:
        set_cursor(tx, "main", "orders", "mine", now)
        begun.set()
        assert gate.wait(20)
        order.append("written")

    def taken(tx: Tx) -> int | None:
        epoch = acquire(tx, "main", "b", 10, now)
        order.append("taken")
        return epoch

    await here.write(_run_out, now)
    writing = asyncio.create_task(mine.write(slow))
    assert await asyncio.to_thread(begun.wait, 20)
    taking = asyncio.create_task(there.write(taken))
    done, _ = await asyncio.wait({taking}, timeout=0.3)
    assert not done, "took over in the middle of a write"
    gate.set()
    await writing
    assert await taking == 2
    assert order == ["written", "taken"]
    with pytest.raises(Superseded):
        await mine.write(set_cursor, "main", "orders", "late", now)


async def test_a_former_leader_that_stands_still_within_a_batch_keeps_nobody_from_the_lease(
    new_postgresql: Callable[[], str],
    opened: Callable[[str], Store],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = new_postgresql()
    here, there = opened(url), opened(url)
    monkeypatch.setattr(postgresql, "STANDING", 0.0)
    assert await here.write(acquire, "main", "a", 10, now) == 1
    await here.write(_run_out, now)
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(address, options=postgresql.WRITING) as stands,
        contextlib.suppress(OperationalError),
    ):
        with stands.pipeline():
            stands.execute("SELECT epoch FROM lease FOR SHARE")
            stands.pgconn.send_flush_request()
            stands.pgconn.flush()  # the server has the statement and waits for the end of the batch, which never comes
            until(lambda: _waits_for_its_process(there, stands.info.backend_pid), "the row is locked")
            assert await there.write(acquire, "main", "b", 10, now) == 2
            stands.execute("SELECT 1")
        pytest.fail("the session went on")


def _waits_for_its_process(store: Store, pid: int) -> bool:
    asked = text(
        "SELECT state = 'active' AND wait_event = 'ClientRead' FROM pg_stat_activity WHERE pid = :pid"
    )
    return bool(store.read_sync(lambda tx: tx.execute(asked, {"pid": pid}).scalar()))


async def test_where_nobody_ever_led_nobody_is_refused(store: Store, now: datetime) -> None:
    await Fenced(store, "main", lambda: 0).write(set_cursor, "main", "orders", "x", now)
