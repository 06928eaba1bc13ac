"""`python -m tests.simulation.drain.run --orders 108000`: the whole engine catches up after an outage, on a virtual clock.

The store, the flows, lanes, claims, gates and the lease are the engine's own; both remotes are made up, with latency,
rate and a number of calls they bear as stated in `shop` and `office`. The store commits in no simulated time.
"""

import argparse
import asyncio
import contextlib
import contextvars
import shutil
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, make_url, select

from engine.flows.site import Rhythm, Site
from engine.model.ids import OrderId, Sku
from engine.runtime import Engine
from engine.store.session import Store
from engine.store.sqlite import sqlite_engine
from engine.store.tables import work
from engine.store.verbs.cursor import set_cursor
from tests.simulation.drain.backlog import agreed, waiting
from tests.simulation.drain.office import Office
from tests.simulation.drain.shop import HERE, Shop, order_id, second
from tests.simulation.loop import VirtualLoop
from tests.simulation.process import PROCESS, Process, SimulatedBells, SimulatedClock
from tests.simulation.store import InlineWriter, empty_store

CONNECTION = "main"
OUTAGE = timedelta(hours=6)
ON_HAND = 1_000_000
PLACED_A_SECOND, MOVED_A_SECOND = 5.0, 20.0
"""Orders and changes of stock that go on coming while the rest is drained."""
BREATH = 0.2
"""Seconds between two looks of one loop; twenty times the usual, for the sake of those who wait for the run."""
PATIENCE = 48 * 3600.0
LAST = 120.0
"""Seconds of calm afterwards in which what is under way must end."""


@dataclass
class Drain:
    """What was seen."""

    orders: int
    fresh: list[float] = field(default_factory=list)
    """Seconds from each change of stock in the back office until the shop held it, of those made during the drain."""
    unseen: int = 0
    """Changes the shop did not hold in the end."""
    seconds: float = 0.0
    """Until the last of the backlog had its document."""
    placed: int = 0
    """Orders that came meanwhile."""
    late: list[float] = field(default_factory=list)
    """Seconds from placing such an order to its document."""
    lost: int = 0
    doubled: int = 0
    unended: int = 0
    """Records that had not succeeded in the end."""
    most_calls: int = 0
    """Most calls to the back office at a time."""
    paced: float = 0.0
    """Longest wait of a call for the shop's points."""
    cpu: float = 0.0

    def said(self) -> str:
        """For people."""
        took = max(self.seconds, 1e-9)
        return "\n".join(
            (
                f"{self.orders} orders drained in {self.seconds / 60:.1f} simulated minutes "
                f"({self.orders / took:.1f} a second; {self.placed} more came meanwhile)",
                f"fresh stock while it drained: {len(self.fresh)} changes, p50 {share(self.fresh, 0.5):.1f} s, "
                f"p99 {share(self.fresh, 0.99):.1f} s, longest {max(self.fresh, default=0):.1f} s, "
                f"never seen {self.unseen}",
                f"lost {self.lost}, doubled {self.doubled}, not ended {self.unended}; at most {self.most_calls} calls "
                f"to the back office at a time; a call to the shop was paced by at most {self.paced:.1f} s",
                f"orders that came meanwhile: document after p50 {share(self.late, 0.5):.0f} s; "
                f"{self.cpu:.0f} s of processor time",
            )
        )


def share(values: list[float], part: float) -> float:
    """The value below which that part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def drain(orders: int, *, skus: int = 2000, seed: int = 1) -> Drain:
    """Let the engine loose on so many waiting orders."""
    begun = time.process_time()
    loop = VirtualLoop(Random(f"drain {seed}"))
    try:
        with _folder() as folder:
            seen = loop.run_until_complete(_Run(loop, folder, orders, skus, seed).play())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.drop_all()
        loop.close()
    seen.cpu = time.process_time() - begun
    return seen


class _Run:
    def __init__(self, loop: VirtualLoop, folder: Path, orders: int, skus: int, seed: int) -> None:
        self._loop, self._chance = loop, Random(f"world {seed}")
        self._process = Process("engine", Random(0), 0.0, lambda _: None)
        self._clock = SimulatedClock(self._process, loop.time)
        self._store = _store(folder, self._clock)
        names = [Sku(f"A{number:05}") for number in range(skus)]
        self.shop = Shop(names, ON_HAND, self._clock.now)
        self.office = Office(names, ON_HAND, self._clock)
        self.seen = Drain(orders)
        self._open: dict[Sku, deque[tuple[float, int]]] = defaultdict(deque)
        """Changes of stock the shop does not hold yet: when, and the figure after it."""
        self._orders = self._left = orders
        self._drained = asyncio.Event()

    async def play(self) -> Drain:
        self._fill()
        self.shop.written = self._written
        engine = Engine(self._store, [self._site()], holder="engine", drain=5.0, bells=_bells)
        context = contextvars.copy_context()
        context.run(PROCESS.set, self._process)
        running = self._loop.create_task(engine.run(), context=context)
        people = [self._loop.create_task(self._buyers()), self._loop.create_task(self._staff())]
        self.office.created = self._created
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), PATIENCE)
        assert not engine.health.ended, engine.health.ended
        for task in people:
            task.cancel()
        self.seen.seconds = self._loop.time()
        self.seen.placed = len(self.shop.placed) - self._orders
        await asyncio.sleep(LAST)
        self._count()
        engine.stop()
        await running
        self._store.close()
        return self.seen

    def _fill(self) -> None:
        now, gap = self._clock.now(), OUTAGE / max(1, self._orders)
        backlog = []
        for number in range(self._orders):
            placed = second(now - OUTAGE + gap * number)
            self.shop.place(number, placed)
            backlog.append((number, self.shop.sku_of(number), placed))
        write = self._store.write_sync
        write(agreed, CONNECTION, self.shop.skus, HERE, ON_HAND)
        write(waiting, CONNECTION, backlog, HERE, now)
        write(set_cursor, CONNECTION, "orders_since", (now - OUTAGE).isoformat(), now)
        write(set_cursor, CONNECTION, "orders", now.isoformat(), now)
        write(set_cursor, CONNECTION, "back_office", "0", now)

    def _site(self) -> Site:
        return Site(
            name=CONNECTION,
            store=self._store,
            shop=self.shop,
            back_office=self.office,
            clock=self._clock,
            locations={HERE: ("WH1",)},  # type: ignore[dict-item]
            rhythm=Rhythm(workers=16, breath=BREATH),
            chance=Random(0),
        )

    async def _buyers(self) -> None:
        number = self._orders
        while True:
            await asyncio.sleep(self._chance.expovariate(PLACED_A_SECOND))
            self.shop.place(number, second(self._clock.now()))
            number += 1

    async def _staff(self) -> None:
        """Half of the articles only fall, the others only rise: a figure tells how much of it has arrived."""
        while True:
            await asyncio.sleep(self._chance.expovariate(MOVED_A_SECOND))
            at = self._chance.randrange(len(self.shop.skus))
            units = self._chance.randint(1, 5) * (1 if at % 2 else -1)
            sku = self.shop.skus[at]
            self._open[sku].append((self._loop.time(), self.office.move(sku, units)))

    def _written(self, sku: Sku, quantity: int) -> None:
        """The shop holds a figure: every change up to it has arrived."""
        waiting, rising = self._open[sku], self.shop.skus.index(sku) % 2
        while waiting and (waiting[0][1] <= quantity if rising else waiting[0][1] >= quantity):
            at, _ = waiting.popleft()
            self.seen.fresh.append(self._loop.time() - at)

    def _created(self, order: OrderId) -> None:
        """A document was made; of those that came meanwhile it counts how long they waited."""
        number = int(order.rpartition("/")[2])
        if number >= self._orders:
            self.seen.late.append((self._clock.now() - self.shop.placed[number]).total_seconds())
            return
        self._left -= 1
        if not self._left:
            self._drained.set()

    def _count(self) -> None:
        seen, office = self.seen, self.office
        seen.unseen = sum(len(left) for left in self._open.values())
        seen.lost = sum(order_id(number) not in office.documents_of for number in self.shop.placed)
        seen.doubled = sum(len(made) - 1 for made in office.documents_of.values())
        seen.unended = self._store.read_sync(_unended)
        seen.most_calls, seen.paced = office.most_calls, self.shop.points.longest


def _unended(tx: Any) -> int:
    return int(tx.execute(select(func.count()).where(work.c.state != "succeeded")).scalar_one())


def _store(folder: Path, clock: SimulatedClock) -> Store:
    path = folder / "engine.db"
    empty_store(folder / "empty.db", path, clock)
    return Store(
        make_url(f"sqlite:///{path}"), clock, sqlite_engine(path, writing=True), sqlite_engine(path, writing=False),
        None, writer=InlineWriter, watched=False,
    )  # fmt: skip


def _bells(intervals: Any) -> Any:
    bells = SimulatedBells(dict(intervals))
    return bells, bells.events


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="drain-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run and print; 1 when stock was not fresh or an order was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=108_000)
    parser.add_argument("--skus", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seen = drain(given.orders, skus=given.skus, seed=given.seed)
    sys.stdout.write(f"{seen.said()}\n")
    return 0 if share(seen.fresh, 0.99) < 30 and not (seen.lost or seen.doubled or seen.unseen) else 1


if __name__ == "__main__":
    sys.exit(main())
