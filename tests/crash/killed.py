"""Death by SIGKILL: a real engine in a child process kills itself at one point, the next one carries on.

Between a shop, a back office and their people, which all live here, one engine after the other is started, each with
a point of its own at which it dies. When as many have died as one world takes, an engine that does not die is
started, and when all is quiet both books are compared.
"""

import json
import multiprocessing
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import text

from console.settings import load
from console.world.settling import behind
from console.world.world import World
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs import command
from engine.store.verbs.asked import args_of
from tests.crash import mortal
from tests.crash.differing import differing
from tests.crash.points import Point
from tests.simulation.watcher import UNFINISHED, WAITING

ORDERS_A_MINUTE = 150.0
LEFT_BEHIND = {f"{moment} rescue": (Point("sent back office create"),) for moment in ("before", "after")}
"""What an engine comes to only where the one before it died at something."""
PATIENCE = 15.0
"""Seconds an engine has to reach its point; then it is asked to end, and may reach it while it does."""
SETTLE = 200.0
SKIES: dict[str, dict[str, object]] = {"calm": {"mode": "none"}, "troubled": {"mode": "cut", "rate": 0.1}}
"""What goes wrong at the shop while engines die: nothing, or one call in ten is made and half of its answer arrives."""
LEASE = "3"
"""Where no file lock tells that the engine before is dead, the next one waits for the end of its lease."""
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.mortal"])


@dataclass(frozen=True, slots=True)
class Life:
    """How one engine ended."""

    point: Point | None
    died: bool
    counts: Counter[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one world."""

    lives: tuple[Life, ...]
    violations: tuple[str, ...]
    orders: int
    quarantined: int
    """Records that were under way at three deaths and had to be tried again by a person."""
    told: tuple[str, ...] = ()
    """What is known of the cells that differ at the end."""


class Engines:
    """The engines of one world, one at a time."""

    def __init__(self, world: World, url: str | None, folder: Path) -> None:
        self._world, self._diary = world, folder / "diary.json"
        self._environment = {"TRUEUP_ENGINE__LEASE_SECONDS": LEASE} | (
            {"TRUEUP_STORE__URL": url} if url else {}
        )

    def live(self, fatal: Point | None, patience: float) -> Life:
        """Start one, wait for its death, ask it to end when it does not die."""
        begun = time.monotonic()
        child = self._started(fatal)
        child.join(patience)
        return self._ended(child, fatal, begun)

    @contextmanager
    def living(self) -> Iterator[None]:
        """One that dies nowhere, for as long as the block lasts."""
        begun = time.monotonic()
        child = self._started(None)
        try:
            yield
        finally:
            self._ended(child, None, begun)

    def _started(self, fatal: Point | None) -> ForkServerProcess:
        self._diary.unlink(missing_ok=True)
        child = _FORKS.Process(
            target=mortal.live, args=(str(self._world.config), self._environment, fatal, str(self._diary))
        )
        child.start()
        return child

    def _ended(self, child: ForkServerProcess, fatal: Point | None, begun: float) -> Life:
        if child.is_alive():
            child.terminate()
            child.join(30.0)
        if child.is_alive():
            child.kill()
            child.join()
            raise AssertionError("an engine that was asked to end did not")
        written = (
            json.loads(self._diary.read_text()) if self._diary.exists() else {"died": None, "counts": {}}
        )
        died = fatal is not None and written["died"] == fatal.where
        expected = -signal.SIGKILL if died else 0
        if child.exitcode != expected:
            raise AssertionError(f"an engine ended with {child.exitcode} instead of {expected}, {fatal}")
        return Life(fatal, died, Counter(written["counts"]), time.monotonic() - begun)


@contextmanager
def _world(sky: str, url: str | None) -> Iterator[tuple[World, Engines]]:
    with tempfile.TemporaryDirectory(prefix="trueup-crash-") as folder:
        place = Path(folder)
        world = World.start(
            place, orders_per_minute=ORDERS_A_MINUTE, webhook_faults="none", skus=12, edits=True
        )
        try:
            world.shop.ask("faults", dict(SKIES[sky]))
            yield world, Engines(world, url, place)
        finally:
            world.stop()


def die(
    points: Sequence[Point],
    url: str | None,
    *,
    sky: str = "calm",
    patience: float = PATIENCE,
    heard: Callable[[Life], None] = lambda life: None,
) -> Verdict:
    """A world in which an engine dies at each of these points, one after the other; `heard` is told of each."""
    with _world(sky, url) as (world, engines):
        lives = []
        for point in points:
            for fatal in (*LEFT_BEHIND.get(point.where, ()), point):
                lives.append(engines.live(fatal, patience))
                heard(lives[-1])
        with engines.living():
            return _judged(world, url, tuple(lives))


def passages(sky: str, seconds: float) -> Counter[str]:
    """What two engines pass on SQLite: one that dies as soon as it has booked something, one that lives for a while."""
    with _world(sky, None) as (_, engines):
        first = engines.live(Point("sent back office create"), seconds)
        return engines.live(None, seconds).counts + first.counts


def _judged(world: World, url: str | None, lives: tuple[Life, ...]) -> Verdict:
    """Broken promises, orders placed, records a person had to try again.

    The world's staff ship nothing before what has left already is booked: they would ship what is not there any more.
    """
    world.stop_buyers()
    world.shop.ask("faults", {"mode": "none"})
    with closing(Store.open(url or load(world.config).store.url, clock=SystemClock())) as store:
        retried = 0

        def holds(fact: Callable[[], object]) -> bool:
            nonlocal retried
            end, pause = time.monotonic() + SETTLE, threading.Event()
            while not fact():
                if time.monotonic() > end:
                    return False
                retried += _retry(store)
                pause.wait(3.0)
            return True

        booked = holds(lambda: not behind(world.shop.state(), world.erp.state()))
        settled = world.settle(SETTLE)
        holds(lambda: not _unfinished(store))
        left = _unfinished(store)
        report = world.report()
        told = tuple(differing(world.shop.state(), world.erp.state(), world.places, store))
    orders, stock = report["orders"], report["stock"]
    counted = {
        "LOST": orders["lost"],
        "DUPLICATED": orders["duplicated"],
        "TOTALS": orders["total_mismatch"],
        "DIFFERS": stock["differing"],
        "RELISTED": stock["relisted_units"],
    }
    broken = [f"{kind}: {count}" for kind, count in counted.items() if count]
    broken += [f"STUCK: {what}" for what in left]
    broken += ([] if booked else ["NEVER BOOKED WHAT LEFT"]) + ([] if settled else ["NEVER QUIET"])
    return Verdict(lives, tuple(broken), orders["placed"], retried, told)


def _retry(store: Store) -> int:
    """What a person does with records that wait for one; how many there are. One is asked for at most once a look."""
    waiting = _rows(store, WAITING)
    if waiting:
        chosen = args_of([(row[0], None) for row in waiting], "")
        store.write_sync(command.ask, "main", "retry", chosen, "person", store.clock.now())
    return len(waiting)


def _unfinished(store: Store) -> list[str]:
    """What is neither done nor, waiting for a person, done."""
    waiting = [f"{row[1]} {row[2]} {row[3]}: {row[4]}" for row in _rows(store, WAITING)]
    return waiting + [row[0] for query in UNFINISHED for row in _rows(store, query)]


def _rows(store: Store, query: str) -> list[Any]:
    return store.read_sync(lambda tx: list(tx.execute(text(query)).all()))
