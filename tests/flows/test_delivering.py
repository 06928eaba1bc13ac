"""How a record fares when its attempts end in every possible way, on a real store and a clock that is moved by hand."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.delivery.budget import CAPACITY, Budget
from engine.flows.deliver import Deliver
from engine.flows.orders import Orders
from engine.flows.site import Rhythm, Site
from engine.model.clock import SystemClock
from engine.model.failure import Failure, Misset, NotNow, OutcomeUnknown, RateLimited, Refused, TryLater
from engine.model.ids import OrderId
from engine.ports import Capabilities, Tier
from engine.store.rows import Work
from engine.store.session import Store
from engine.store.tables import work as work_table
from engine.store.trouble import StoreBusy
from engine.store.tx import Tx
from engine.store.verbs.effect import intend
from engine.store.verbs.rescue import rescue
from engine.store.verbs.work import enqueue

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Bed:
    """One connection's queue with attempts that end as told."""

    store: Store
    tier: Tier = Tier.T0
    now: datetime = START
    ends: dict[str, Failure | None] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    def site(self) -> Site:
        able = Capabilities("erp", self.tier, 120.0, events=False, max_concurrency=4)
        return cast(
            Site,
            SimpleNamespace(
                name="main", store=self.store, epoch=1, now=lambda: self.now, clock=SystemClock(), rhythm=Rhythm(workers=4),
                back_office=SimpleNamespace(capabilities=able), budget=Budget(), chance=SimpleNamespace(uniform=lambda low, high: high),
                attempts=Counter(),
            ),
        )  # fmt: skip

    def put(self, key: str, lane: int = 1) -> None:
        asked = {
            "connection": "main",
            "kind": "order",
            "key": key,
            "lane": lane,
            "due_at": self.now,
            "now": self.now,
        }
        self.store.write_sync(enqueue, **asked)  # type: ignore[arg-type]

    async def play(self, deliver: Deliver) -> None:
        """Begin what is due until nothing is, and let it end."""
        while await deliver.round():
            await deliver.drain(5)
            await asyncio.sleep(0)

    def deliver(self) -> Deliver:
        async def attempt(work: Work) -> None:
            self.begun.append(work.key)
            failure = self.ends.get(work.key)
            if failure is not None:
                raise failure

        return Deliver(self.site(), {"order": attempt})

    def row(self, key: str) -> Any:
        def query(tx: Tx) -> Any:
            return tx.execute(work_table.select().where(work_table.c.key == key)).one()

        return self.store.read_sync(query)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield Bed(store)
    store.close()


@pytest.mark.parametrize(
    ("failure", "tier", "state", "wait", "attempt"),
    [
        (None, Tier.T0, "succeeded", None, 0),
        (RateLimited("slow", "wait", after=7), Tier.T0, "pending", 7, 0),
        (Misset("key", "mend"), Tier.T0, "retry_scheduled", 15, 1),
        (TryLater("away", "wait"), Tier.T0, "retry_scheduled", 1, 1),
        (Refused("no", "mend"), Tier.T0, "held", None, 1),
        (OutcomeUnknown("?", "look"), Tier.T0, "uncertain", 1, 1),
        (OutcomeUnknown("?", "look"), Tier.T2, "uncertain", 121, 1),
        (OutcomeUnknown("?", "look"), Tier.T3, "uncertain", None, 1),
    ],
)
async def test_what_a_failure_proves_decides_what_becomes_of_the_record(
    bed: Bed, failure: Failure | None, tier: Tier, state: str, wait: float | None, attempt: int
) -> None:
    bed.tier, bed.ends["a"] = tier, failure
    bed.put("a")
    await bed.play(bed.deliver())
    row = bed.row("a")
    due = None if wait is None else START + timedelta(seconds=wait)
    assert (row.state, row.due_at, row.attempt) == (state, due, attempt)


async def test_a_remote_that_is_away_is_not_asked_more_often_than_the_budget_pays(bed: Bed) -> None:
    keys = [f"order-{number}" for number in range(int(CAPACITY) + 5)]
    for key in keys:
        bed.ends[key] = TryLater("away", "wait")
        bed.put(key)
    await bed.play(bed.deliver())
    assert sorted(bed.begun) == sorted(keys)
    states = [bed.row(key).state for key in keys]
    assert (states.count("retry_scheduled"), states.count("pending")) == (int(CAPACITY), 5)


async def test_a_worker_is_kept_free_for_every_lane(bed: Bed) -> None:
    stuck, running = asyncio.Event(), 0

    async def attempt(work: Work) -> None:
        bed.begun.append(work.key)
        if work.lane == 4:
            await stuck.wait()

    deliver = Deliver(bed.site(), {"order": attempt})
    for number in range(20):
        bed.put(f"sweep-{number}", lane=4)
    while await deliver.round():
        running = len(bed.begun)
        await asyncio.sleep(0)
    assert running < 8
    bed.put("cancellation", lane=0)
    assert await deliver.round() == 1
    await asyncio.sleep(0)
    assert bed.begun[-1] == "cancellation"
    stuck.set()
    await deliver.drain(5)


async def test_a_dead_engines_order_is_looked_up_only_after_its_call_can_no_longer_arrive(bed: Bed) -> None:
    bed.put("a")
    bed.ends["a"] = None
    held: list[Work] = []

    async def dies(work: Work) -> None:
        held.append(work)
        await asyncio.Event().wait()

    deliver = Deliver(bed.site(), {"order": dies})
    await deliver.round()
    await deliver.drain(0)
    settle = timedelta(seconds=120)
    assert bed.store.write_sync(rescue, connection="main", epoch=2, now=bed.now, settle=settle) == 1
    row = bed.row("a")
    assert (row.state, row.due_at) == ("uncertain", START + settle)


def test_where_only_looking_tells_an_order_is_looked_for_twice_before_it_is_sent_again(bed: Bed) -> None:
    bed.tier = Tier.T2
    orders, order = Orders(bed.site()), cast(Any, SimpleNamespace(name="#1"))
    with pytest.raises(NotNow) as again:
        orders._looked(OrderId("1"), order)
    assert again.value.after >= 30
    orders._looked(OrderId("1"), order)
    bed.tier = Tier.T1_5
    Orders(bed.site())._looked(OrderId("2"), order)


async def test_a_store_that_fails_in_the_middle_of_an_attempt_leaves_no_record_stuck_and_none_held(
    bed: Bed,
) -> None:
    """What was sent and has no answer is in doubt; anything else is simply due again."""
    bed.tier = Tier.T2

    async def attempt(work: Work) -> None:
        if work.key == "sent":
            call = {
                "remote": "back_office",
                "op": "create",
                "ext_ref": "sent",
                "key": "k",
                "fingerprint": "f",
            }
            await bed.store.write(intend, connection="main", work_id=work.id, body="{}", now=bed.now, **call)
        raise StoreBusy("The database is locked.", "Wait.")

    deliver = Deliver(bed.site(), {"order": attempt})
    bed.put("sent")
    bed.put("not sent")
    await deliver.round()
    await deliver.drain(5)
    sent, other = bed.row("sent"), bed.row("not sent")
    assert (sent.state, sent.due_at, sent.attempt) == ("uncertain", START + timedelta(seconds=120), 0)
    assert (other.state, other.due_at, other.attempt) == ("pending", START, 0)


async def test_an_ending_is_written_as_soon_as_the_store_can_be_written_again(bed: Bed) -> None:
    refused = 3

    class Locked(Store):
        async def write(self, verb: Any, *args: Any, **kw: Any) -> Any:
            nonlocal refused
            if verb.__name__ == "succeed" and refused:
                refused -= 1
                raise StoreBusy("The database is locked.", "Wait.")
            return await super().write(verb, *args, **kw)

    bed.store.__class__ = Locked
    bed.put("a")
    deliver = bed.deliver()
    await deliver.round()
    await deliver.drain(30)
    assert (bed.row("a").state, refused) == ("succeeded", 0)


async def test_what_a_claim_without_an_answer_took_is_due_again_and_what_runs_is_left_alone(bed: Bed) -> None:
    free, lost = asyncio.Event(), True

    class Cut(Store):
        async def write(self, verb: Any, *args: Any, **kw: Any) -> Any:
            nonlocal lost
            answer = await super().write(verb, *args, **kw)
            if verb.__name__ == "claim" and answer and answer[0].key == "cut" and lost:
                lost = False
                raise StoreBusy("The connection was cut.", "Wait.")
            return answer

    async def attempt(work: Work) -> None:
        bed.begun.append(work.key)
        if work.key == "long":
            await free.wait()

    bed.store.__class__ = Cut
    deliver = Deliver(bed.site(), {"order": attempt})
    bed.put("long")
    assert await deliver.round() == 1
    bed.put("cut")
    with pytest.raises(StoreBusy):
        await deliver.round()
    assert bed.row("cut").state == "in_flight"
    bed.put("other", lane=2)
    free.set()
    await bed.play(deliver)
    assert sorted(bed.begun) == ["cut", "long", "other"]
    assert {bed.row(key).state for key in ("long", "cut", "other")} == {"succeeded"}


async def test_a_look_waits_for_its_settling_time_whatever_the_wall_clock_says(bed: Bed) -> None:
    bed.tier, bed.ends["a"] = Tier.T2, OutcomeUnknown("?", "look")
    bed.put("a")
    deliver = bed.deliver()
    await bed.play(deliver)
    bed.now += timedelta(hours=2)
    await bed.play(deliver)
    assert bed.begun == ["a"], "looked up before a late call could have arrived"
    row = bed.row("a")
    assert (row.state, row.attempt) == ("uncertain", 1)
    assert row.due_at > bed.now
