"""How remotes are treated after trouble survives a restart: an engine that crashes again and again starts no storm."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.quota import Quota
from engine.delivery.breaker import THRESHOLD, Breaker, Circuit, Kind
from engine.delivery.budget import Budget
from engine.flows.guarded import BACK_OFFICE, SHOP
from engine.flows.pulse import RemotePulse
from engine.flows.site import USUAL_LAG, Pace, Site
from engine.model.clock import SystemClock
from engine.model.failure import (
    Failure,
    Misset,
    NotNow,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TryLater,
    Unmapped,
)
from engine.ports import Capabilities, Tier
from engine.store.session import Store
from engine.store.tables import pace
from engine.store.verbs.spending import kept_spending

DAY = 86_400.0
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Away:
    """A back office that is away, and counts how often it was asked."""

    capabilities = Capabilities("erp", Tier.T0, 0.0, events=False, max_concurrency=4)

    def __init__(self) -> None:
        self.asked = 0

    async def warehouses(self) -> None:
        self.asked += 1
        raise TryLater("away", "wait")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


def site(store: Store, office: Away) -> Site:
    neighbour: Any = office
    return Site("main", store, neighbour, neighbour, SystemClock(), {})


async def test_an_open_breaker_and_a_spent_budget_are_taken_up_by_the_next_engine(store: Store) -> None:
    before = site(store, Away())
    for _ in range(THRESHOLD):
        with pytest.raises(TryLater):
            await before.back_office.warehouses()
    before.budget = Budget(2.5)
    await RemotePulse(before).beat()

    office = Away()
    after = site(store, office)
    await RemotePulse(after).take_up()
    with pytest.raises(NotNow):
        await after.back_office.warehouses()
    assert office.asked == 0
    assert after.budget == Budget(2.5)
    assert after.gates[SHOP].read.breaker == Breaker(Kind.READ)


@pytest.mark.parametrize(
    ("failure", "away"),
    [
        (TryLater("away", "wait"), True),
        (RateLimited("too often", "wait", after=1.0), True),
        (Misset("wrong key", "mend"), True),
        (OutcomeUnknown("no answer", "look"), True),
        (Refused("on credit hold", "call them"), False),
        (Unmapped("no such tax", "name it"), False),
    ],
)
def test_a_remote_that_refuses_a_record_is_not_away(store: Store, failure: Failure, away: bool) -> None:
    """Nobody is told that a back office is down because it declined an order."""
    one = site(store, Away())
    one.failed(BACK_OFFICE, TryLater("away", "wait"))
    one.failed(BACK_OFFICE, failure)
    assert (one.remotes[BACK_OFFICE].failing_since is not None) is away


async def test_a_trial_that_was_under_way_is_made_again(store: Store) -> None:
    before = site(store, Away())
    opened = Breaker(Kind.WRITE, Circuit.OPEN, 7, NOW + timedelta(seconds=30), 3)
    before.gates[BACK_OFFICE].write.breaker = opened.admit()
    await RemotePulse(before).beat()
    after = site(store, Away())
    await RemotePulse(after).take_up()
    assert after.gates[BACK_OFFICE].write.breaker == opened


async def test_what_did_not_change_is_not_written_again(store: Store) -> None:
    one = site(store, Away())
    pulse = RemotePulse(one)
    await pulse.beat()
    assert len(await store.read(lambda tx: tx.execute(pace.select()).all())) == 5
    seen = store.revision()
    one.budget = Budget(one.budget.tokens - 0.0)
    await pulse.beat()
    assert store.revision() == seen
    one.budget = Budget(3.0)
    await pulse.beat()
    assert store.revision() > seen


class Rationed(Away):
    """A back office that answers a thousand calls a day."""

    def __init__(self, clock: Any) -> None:
        super().__init__()
        self.quota = Quota(clock, calls=1_000, seconds=DAY, who="it", remedy="Wait.")

    def spent(self) -> Any:
        return self.quota.spent()

    def recall(self, spent: Any) -> None:
        self.quota.recall(spent)


class Wall(SystemClock):
    """A clock that is set, and jumps; monotonic time begins anew with every process."""

    def __init__(self, now: datetime) -> None:
        self.at, self._since = now, now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - self._since).total_seconds()


async def test_calls_of_the_day_stay_spent_over_a_restart_and_come_back_after_a_day(store: Store) -> None:
    clock = Wall(NOW)
    spending = Rationed(clock)
    before = site(store, spending)
    for hour in range(8):
        for _ in range(100):
            spending.quota.take(looking=0)
        clock.at = NOW + timedelta(hours=hour + 1)
    await RemotePulse(before).beat()

    later = Wall(NOW + timedelta(hours=9))
    office = Rationed(later)
    after = site(store, office)
    pulse = RemotePulse(after)
    await pulse.take_up()
    await pulse.take_up()
    assert office.quota.used == 800 and office.quota.allowed().left == 200
    for _ in range(200):
        office.quota.take(looking=0)
    with pytest.raises(RateLimited) as over:
        office.quota.take(looking=0)
    assert 14 * 3600 < over.value.after < 16 * 3600, (
        "the first hundred of them come back a day after they were made"
    )
    later.at = NOW + timedelta(hours=26)
    assert office.quota.used == 800, "those of the first two hours"
    await pulse.beat()
    assert sum((await store.read(kept_spending, "main")).values()) == 800


def test_looking_for_changes_does_not_begin_anew_with_every_restart() -> None:
    clock = Wall(NOW)
    quota = Quota(clock, calls=24_000, seconds=DAY, who="it", remedy="Wait.")
    for _ in range(600):  # its share of an hour at once
        quota.take(looking=1)
    again = Quota(Wall(NOW + timedelta(seconds=6)), calls=24_000, seconds=DAY, who="it", remedy="Wait.")
    again.recall(quota.spent())
    with pytest.raises(RateLimited):
        again.take(looking=1)
    again.take(looking=0)


def test_what_was_slow_once_fades_while_nothing_travels_but_not_while_a_remote_is_away() -> None:
    pace = Pace()
    pace.arrived(NOW, [NOW - timedelta(minutes=10)] * 16)
    slow = pace.lag
    assert slow > timedelta(minutes=5)
    pace.pulse(answered=True)
    pace.pulse(answered=False)
    assert pace.lag == slow
    for _ in range(100):
        pace.pulse(answered=True)
    assert USUAL_LAG <= pace.lag < 2 * USUAL_LAG
