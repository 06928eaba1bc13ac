"""From when on orders are ours: the engine's first start, by the shop's clock, however late the shop is first reached."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.flows.listings import Listings
from engine.flows.site import Site
from engine.flows.watch import Watch
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.trouble import StoreBusy

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BEHIND = timedelta(minutes=7)
"""The shop's clock is not ours."""


class Time:
    """A wall clock and a monotonic one that run together until somebody sets the wall clock."""

    def __init__(self) -> None:
        self.wall, self.ticks = START, 100.0

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks


class Shop:
    """Lists no orders, and remembers from when on it was asked."""

    def __init__(self, time: Time) -> None:
        self._time, self.asked_since = time, list[datetime]()
        self._true = time.ticks

    async def now(self) -> datetime:
        return START + timedelta(seconds=self._time.ticks - self._true) - BEHIND

    async def orders_changed(self, since: datetime) -> list[object]:
        self.asked_since.append(since)
        return []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


def site(store: Store, time: Time, shop: Shop) -> Site:
    return cast(Site, SimpleNamespace(
        name="main", store=store, shop=shop, clock=time, now=time.now, listings=Listings(), names={}, orders_since=None,
    ))  # fmt: skip


@pytest.mark.parametrize("wall_clock_set_by", [0, -30, 3600], ids=["clock right", "put back", "put ahead"])
async def test_what_was_placed_while_the_shop_could_not_be_reached_is_ours(
    store: Store, wall_clock_set_by: int
) -> None:
    time = Time()
    shop = Shop(time)
    watch = Watch(site(store, time, shop))
    await watch.take_up()
    time.pass_by(90)
    time.wall += timedelta(seconds=wall_clock_set_by)
    await watch.orders()
    assert shop.asked_since == [START - BEHIND]


async def test_an_engine_that_died_before_it_reached_the_shop_has_started_all_the_same(store: Store) -> None:
    time = Time()
    shop = Shop(time)
    await Watch(site(store, time, shop)).take_up()
    time.pass_by(90)
    second = site(store, time, shop)
    watch = Watch(second)
    await watch.take_up()
    time.pass_by(45)
    await watch.orders()
    assert second.orders_since == START - BEHIND
    third = site(store, time, shop)
    await Watch(third).take_up()
    assert third.orders_since == START - BEHIND, "settled once, for good"


async def test_what_the_database_refused_to_keep_is_kept_by_the_next_round(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    first = site(store, time, Shop(time))
    watch = Watch(first)
    await watch.take_up()
    time.pass_by(20)

    async def full(*_: object, **__: object) -> None:
        raise StoreBusy("The disk is full.", "Free some space.")

    with monkeypatch.context() as refusing:
        refusing.setattr(store, "write", full)
        with pytest.raises(StoreBusy):
            await watch.orders()
    time.pass_by(20)
    await watch.orders()
    time.pass_by(60)
    time.wall -= timedelta(minutes=10)
    second = site(store, time, Shop(time))
    await Watch(second).take_up()
    assert first.orders_since == second.orders_since == START - BEHIND
