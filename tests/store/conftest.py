"""A store on each database: a file of its own on SQLite, a database of its own on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.store.session import Store

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.forward(seconds)

    def forward(self, seconds: float) -> datetime:
        """Move on; the new time."""
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def now(clock: HandClock) -> datetime:
    return clock.now()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    new: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return new()


@pytest.fixture
def opened(clock: HandClock) -> Iterator[Callable[[str], Store]]:
    """Opens stores that are closed after the test."""
    stores: list[Store] = []

    def open_one(url: str) -> Store:
        stores.append(Store.open(url, clock=clock))
        return stores[-1]

    yield open_one
    for one in stores:
        one.close()


@pytest.fixture
def store(store_url: str, opened: Callable[[str], Store]) -> Store:
    """An empty store."""
    return opened(store_url)


@pytest.fixture
def sqlite_store(tmp_path: Path, opened: Callable[[str], Store]) -> Store:
    """An empty store in a file."""
    return opened(f"sqlite:///{tmp_path / 'only.db'}")


@pytest.fixture
def put(store: Store, now: datetime) -> Callable[..., int]:
    """Queue one record of connection `main`."""
    from engine.store.verbs.work import enqueue

    def put_one(key: str = "o1", **other: Any) -> int:
        given = {"kind": "order", "lane": 1, "due_at": now, "now": now} | other
        return store.write_sync(enqueue, connection="main", key=key, **given)

    return put_one
