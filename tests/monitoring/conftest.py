"""A store in which every metric has something to say, and its exposition."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from adapters.exposition import Process, families, text
from adapters.listener import HealthReport, Listener
from engine.delivery.breaker import Breaker, Kind
from engine.delivery.budget import Budget
from engine.model.clock import SystemClock
from engine.ports import Allowed
from engine.store.queries.measures import measures
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.tables import stock, webhook_hour
from engine.store.verbs import lease
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import hold
from engine.store.verbs.pace import keep_allowances, keep_lag, keep_pace, keep_risk
from engine.store.verbs.watch import note_gap, note_remote, raise_alert
from engine.store.verbs.work import enqueue

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def busy(store: Store) -> Store:
    """Connection `main` with a bit of everything."""
    epoch = store.write_sync(lease.acquire, "main", "somebody", 1e6, NOW)
    assert epoch is not None
    for key in ("o1", "o2", "o3"):
        store.write_sync(
            enqueue,
            connection="main",
            kind="order",
            key=key,
            lane=1,
            due_at=NOW - timedelta(seconds=90),
            now=NOW,
        )
    works = store.write_sync(
        claim, connection="main", epoch=epoch, now=NOW, lanes=[0, 2, 0, 0, 0], lease_seconds=60.0
    )
    for work in works:
        note = FailureNote("No tax code is named VAT.", "Add it to the table.", "tax_unmapped", "")
        store.write_sync(hold, work.id, work.epoch, note, NOW)
    breakers = {("shop", Kind.READ): Breaker(Kind.READ), ("shop", Kind.WRITE): _open()}
    store.write_sync(keep_pace, "main", breakers, Budget(4.0), NOW)
    store.write_sync(keep_lag, "main", timedelta(seconds=2.5), NOW)
    store.write_sync(keep_risk, "main", 3, 1, NOW)
    store.write_sync(keep_allowances, "main", {"shop": 42}, NOW)
    store.write_sync(note_remote, "main", "shop", "OK", "", NOW, ok=True)
    store.write_sync(note_remote, "main", "back office", "FAIL", "No answer.", NOW, ok=False)
    store.write_sync(note_gap, "main", "tax", "VAT", "", NOW)
    store.write_sync(raise_alert, "main", "webhooks_silent", "orders/create", "Silent.", "Look.", NOW)

    def figures(tx) -> None:  # type: ignore[no-untyped-def]
        tx.execute(
            webhook_hour.insert().values(
                connection="main",
                topic="orders/create",
                hour=NOW,
                heard=5,
                expected=7,
                missed=2,
                heard_at=NOW,
            )
        )
        cell = {"connection": "main", "sku": "MUG", "active": True, "tracked": True}
        tx.execute(stock.insert().values(**cell, location="1", available=-1, pos=2))
        tx.execute(stock.insert().values(**cell, location="2", available=3, dirty_lane=0, dirty_at=NOW))

    store.write_sync(figures)
    return store


def _open() -> Breaker:
    broken = Breaker(Kind.WRITE)
    while broken.opened_until is None:
        broken = broken.failed(NOW)
    return broken


class _Nowhere:
    async def receive(self, row: object) -> bool:
        return True


@pytest.fixture
def exposition(busy: Store) -> str:
    """As the listener of an engine that has worked for a while would say it."""
    process = Process(
        version="1.2.3", dialect="sqlite", store_up=True, ended=(), attempts={("main", "delivered"): 8},
        calls={("main", "shop", "read", "ok"): 12}, allowed={("main", "shop"): Allowed(840, 2000, 100)},
        groups=tuple(zip(busy.groups.up_to, busy.groups.counts, strict=True)), writes=busy.groups.writes,
        sizes={"database": 4096, "log": 512, "disk": 10**9, "disk_free": 10**8},
    )  # fmt: skip
    registry = CollectorRegistry()
    door = Listener("127.0.0.1", 0, {}, _Nowhere(), lambda: HealthReport(True, True), registry)
    door._count("shop", "stored")
    door._times["shop"].observe(0.01)
    found = busy.read_sync(measures, NOW)
    return text(registry, families(process, found)).decode()
