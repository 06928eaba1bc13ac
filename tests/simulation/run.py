"""One seed from beginning to end: some minutes of world under trouble, then quiet, then both books must agree."""

import asyncio
import contextvars
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from random import Random

from adapters.shopify.sandbox.things import SandboxSku
from tests.simulation.agreement import judge
from tests.simulation.erp import WAREHOUSES, Erp
from tests.simulation.loop import Stalled, VirtualLoop
from tests.simulation.machine import Machine
from tests.simulation.merchants import Merchants
from tests.simulation.people import People
from tests.simulation.person import Person
from tests.simulation.process import Process, SimulatedClock, unharmed
from tests.simulation.shop import DoorTransport, Storefront
from tests.simulation.stage import Stage
from tests.simulation.store import SimulatedStore, close_databases, empty_store
from tests.simulation.truth import Truth
from tests.simulation.watcher import Watcher
from tests.simulation.weather import Weather, draw

SKUS = ("CUP", "MUG")
MEMORY = Path("/dev/shm")
PLAYED = 600.0
"""Seconds between two acts of people, on average."""
PATIENCE = 2 * 3600.0
"""Simulated seconds within which everything must be quiet once the faults have stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one seed."""

    seed: int
    weather: Weather
    violations: tuple[str, ...]
    fingerprint: str
    steps: int
    simulated: float
    orders: int
    trace: tuple[str, ...]
    cpu: float
    """Seconds of processor time."""


@dataclass(eq=False)
class Play:
    """All parts of one run."""

    stage: Stage
    front: Storefront
    erp: Erp
    truth: Truth
    watcher: Watcher
    machine: Machine
    people: People
    person: Person
    merchants: Merchants
    played: float


def simulate(
    seed: int,
    weather: Weather | None = None,
    *,
    played: float = PLAYED,
    enough: frozenset[str] = frozenset(),
    fate: Callable[[str], bool] = unharmed,
) -> Outcome:
    """Run one seed, to its end or to the first violation of a kind that is `enough`."""
    begun = time.process_time()
    random.seed(seed)
    stage_weather = weather if weather is not None else draw(seed)
    loop = VirtualLoop(Random(f"order {seed}"))
    stage = Stage(
        seed, loop, stage_weather, Random(f"stage {seed}"), contextvars.copy_context(), enough=enough, fate=fate
    )  # fmt: skip
    asyncio.set_event_loop(loop)
    with _folder() as folder:
        try:
            with suppress(Stalled):
                loop.run_until_complete(_play(stage, folder, played))
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.drop_all()
            loop.close()
            asyncio.set_event_loop(None)
    return Outcome(
        seed, stage_weather, tuple(stage.violations), stage.fingerprint(), loop.steps, loop.now,
        stage.orders, tuple(stage.trace), time.process_time() - begun,
    )  # fmt: skip


async def _play(stage: Stage, folder: Path, played: float) -> None:
    play = _set(stage, folder, played)
    try:
        await _story(play)
    except Exception as trouble:
        stage.violate("SIMULATOR", repr(trouble))
        raise
    finally:
        play.watcher.close()
        play.erp.close()


def _set(stage: Stage, folder: Path, played: float) -> Play:
    chance = Random(f"stock {stage.seed}")
    stock = {(sku, place): chance.randint(3, 15) for sku in SKUS for place in range(len(WAREHOUSES))}
    machine: list[Machine] = []
    path = folder / "engine.db"
    person_at = Process("person", Random(0), 0.0, stage.say)
    clock = SimulatedClock(person_at, stage.loop.time)
    empty_store(_template(), path, clock)
    front = Storefront(
        stage,
        [SandboxSku(sku, sku.title(), "12.50") for sku in SKUS],
        stock,
        DoorTransport(stage, lambda: machine[0].door()),
    )
    erp = Erp(
        stage,
        folder / "erp.db",
        list(SKUS),
        {(sku, WAREHOUSES[place]): n for (sku, place), n in stock.items()},
    )
    truth = Truth(stage, front.shop, erp, stock)
    front.shop.written = truth.judge_write
    watcher = Watcher(stage, path, erp)
    machine.append(Machine(stage, path, front, erp, truth, watcher))
    store = SimulatedStore(path, clock, person_at, stage, watcher.committed)
    people = People(stage, front.shop, erp, truth, list(SKUS), lambda cell: watcher.agreed(*cell))
    person = Person(stage, store, front.shop, erp, truth, watcher)
    meddling = Random(f"meddler {stage.seed}")

    def meddle(what: str) -> None:
        """Who decides about stock does so while stock is looked at or written; all others at any time."""
        if (
            any(word in what for word in ("OnHand", "Levels", "Inventory", "stock"))
            and meddling.random() < 0.6
        ):
            person.decide_one()
        else:
            people.act()

    stage.meddler = meddle
    merchants = Merchants(stage, store, front.shop, erp, watcher, list(SKUS))
    return Play(stage, front, erp, truth, watcher, machine[0], people, person, merchants, played)


async def _story(play: Play) -> None:
    stage, loop = play.stage, asyncio.get_running_loop()
    names = ("a", "b") if stage.weather.second_engine else ("a",)
    engines = [loop.create_task(play.machine.keep(name)) for name in names]
    chance = Random(f"story {stage.seed}")
    await asyncio.sleep(20.0)
    if stage.weather.products:
        play.merchants.adopt()
    for act in _troubles(play, chance):
        loop.create_task(act)
    while loop.time() < play.played:
        await asyncio.sleep(chance.expovariate(1 / stage.weather.pace))
        roll = chance.random()
        if roll < 0.05:
            play.person.decide_one()
        elif roll < 0.07:
            play.person.clear_failures()
        else:
            play.people.act()
        if stage.weather.products:
            play.merchants.act()
    await _quiet(play)
    stage.orders = len(play.front.shop.orders)
    for engine in engines:
        engine.cancel()
    for process in play.machine.now.values():
        process.kill()
    await asyncio.sleep(1.0)


async def _quiet(play: Play) -> None:
    """Faults and people stop; the operator clears what waits; then both books are compared."""
    stage, loop = play.stage, asyncio.get_running_loop()
    stage.stormy, stage.away = False, set()
    play.front.calm()
    play.people.arrive()
    play.machine.skew = timedelta(0)
    for process in play.machine.now.values():
        process.crash_rate, process.skew = 0.0, timedelta(0)
    stage.say("---- the faults have stopped")
    end = loop.time() + PATIENCE
    while True:
        await asyncio.sleep(400.0)
        if not play.person.clear_failures() and not play.watcher.unfinished():
            break
        if loop.time() > end:
            for what in play.watcher.unfinished():
                stage.violate("CELL STUCK" if what.endswith("marked") else "STUCK", what)
            for row in play.watcher.waiting():
                kind = "CELL NEVER CLEARED" if "|" in row[1] else "NEVER CLEARED"
                stage.violate(kind, f"{row[1]} {row[2]} {row[3]}")
            break
    play.machine.look_over()
    judge(stage, play.front.shop, play.erp, play.truth, play.watcher, decided=False)
    if stage.weather.products:
        await _merchandise(play)
    for _ in range(12):
        if not play.person.pending():
            break
        while play.person.decide_one_of_all():
            pass
        await asyncio.sleep(400.0)
    judge(stage, play.front.shop, play.erp, play.truth, play.watcher, decided=True)


async def _merchandise(play: Play) -> None:
    """Products agree where nobody is asked; then a person decides, all agrees, and nothing is written any more."""
    merchants = play.merchants
    merchants.judge(decided=False)
    for _ in range(4):
        if not merchants.decide():
            break
        await asyncio.sleep(400.0)
    merchants.judge(decided=True)
    before = merchants.writes()
    await asyncio.sleep(1500.0)
    if merchants.writes() != before:
        play.stage.violate("FIGHT", f"{merchants.writes() - before} fields written though nobody changed any")


def _troubles(play: Play, chance: Random) -> "Iterator[object]":
    """Outages, pauses and wrong clocks, at times drawn beforehand."""
    stage = play.stage

    async def outage() -> None:
        await asyncio.sleep(chance.uniform(0, play.played))
        if not stage.stormy:
            return
        remote = chance.choice(("shop", "back office"))
        seconds = chance.uniform(10.0, 300.0)
        stage.say(f"{remote} is away for {seconds:.0f} s")
        stage.away.add(remote)
        stage.later(seconds, partial(stage.away.discard, remote))

    async def pause() -> None:
        await asyncio.sleep(chance.uniform(0, play.played))
        living = [play.machine.now[name] for name in sorted(play.machine.now)]
        process = chance.choice(living)
        if stage.stormy and not process.dead:
            stage.freeze(process, "anywhere")

    async def jump() -> None:
        await asyncio.sleep(chance.uniform(0, play.played))
        if not stage.stormy:
            return
        skew = timedelta(seconds=chance.choice((-600.0, -30.0, 30.0, 600.0)))
        stage.say(f"the clock is wrong by {skew.total_seconds():.0f} s")
        _set_clock(play, skew)
        await asyncio.sleep(chance.uniform(30.0, 600.0))
        _set_clock(play, timedelta(0))

    for count, trouble in (
        (stage.weather.outages, outage),
        (stage.weather.pauses, pause),
        (stage.weather.jumps, jump),
    ):
        for _ in range(count):
            yield trouble()


def _set_clock(play: Play, skew: timedelta) -> None:
    play.machine.skew = skew
    for process in play.machine.now.values():
        process.skew = skew


@contextmanager
def _folder() -> Iterator[Path]:
    """Where the databases of one seed live; the next seed finds it empty."""
    folder = _place() / "seed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        close_databases()
        shutil.rmtree(folder, ignore_errors=True)


_PLACES: dict[int, Path] = {}


def _place() -> Path:
    """This process's own folder: in memory where the machine has a place for that, and gone with the process."""
    if os.getpid() not in _PLACES:
        made = tempfile.mkdtemp(prefix="simulated-", dir=MEMORY if MEMORY.is_dir() else None)
        _PLACES[os.getpid()] = Path(made)
        Finalize(None, shutil.rmtree, (made, True), exitpriority=0)
    return _PLACES[os.getpid()]


def _template() -> Path:
    return _place() / "empty.db"
