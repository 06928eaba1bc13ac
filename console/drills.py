"""Drills: a world whose people go on buying and shipping while something goes wrong, and a card of what came of it.

A drill has three parts of equal length: calm, trouble, and calm again; then the people stop and both sides are given
time to agree. What is counted comes from the two sandboxes alone, as in every report of a world.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from console.logs import configure
from console.running import run_engine
from console.settings import load
from console.world.apart import WorldApart
from console.world.remotes import Json
from engine.model.clock import Clock, SystemClock

Ask = tuple[str, str, Json]
"""Side, verb and body of something asked of a sandbox."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One kind of trouble."""

    about: str
    begins: Sequence[Ask] = ()
    ends: Sequence[Ask] = ()
    kills: int = 0
    """How often the engine is killed without warning during the trouble."""
    ahead: timedelta = timedelta(0)
    """How far the engine's clock is ahead of both sides, all the time."""


def _shop(**fault: object) -> Ask:
    return ("shop", "faults", {"mode": "none", **fault})


def _office(**fault: object) -> Ask:
    return ("back_office", "faults", {"mode": "none", **fault})


DRILLS = {
    "back-office-down": Drill(
        "the back office breaks every connection", (_office(mode="outage"),), (_office(),)
    ),
    "shop-down": Drill("the shop breaks every connection", (_shop(mode="outage"),), (_shop(),)),
    "shop-throttled": Drill("the shop refuses four calls of five: asked too often", (_shop(mode="429", rate=0.8),), (_shop(),)),
    "answers-lost": Drill(
        "every fourth change in the back office is carried out and not answered",
        (_office(mode="cut", rate=0.25, op="change"),),
        (_office(),),
    ),
    "webhooks-lost": Drill(
        "the shop tells nothing", (("shop", "webhooks", {"drop": 1.0}),), (("shop", "webhooks", {"drop": 0.0}),)
    ),
    "duplicate-storm": Drill(
        "every webhook comes twice, late and out of order",
        (("shop", "webhooks", {"duplicate": 1.0, "reorder": True, "delay_max": 3}),),
        (("shop", "webhooks", {"duplicate": 0.0, "reorder": False, "delay_max": 0}),),
    ),
    "slow-link": Drill(
        "every answer of both sides takes a second longer",
        (_shop(mode="latency", seconds=1.0), _office(mode="latency", seconds=1.0)),
        (_shop(), _office()),
    ),
    "engine-killed": Drill("the engine is killed without warning, three times", kills=3),
    "clock-skew": Drill("the engine's clock is ten minutes ahead of both sides", ahead=timedelta(minutes=10)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What came of a drill."""

    drill: str
    seed: int
    seconds: float
    orders: int
    lost: int
    duplicated: int
    mismatched: int
    """Orders whose total in the back office is not theirs to the cent."""
    relisted: int
    """Units offered again although they were sold: oversold by TrueUp."""
    differing: int
    """Cells in which both sides do not agree at the end."""
    oversold: int
    """Units sold that were not there, for any reason: two channels sold the last one at the same moment."""
    settled: bool
    recovered_seconds: float
    """From the end of the trouble until both sides agreed; what people had begun was finished meanwhile."""

    @property
    def passed(self) -> bool:
        """Nothing was lost, doubled, mismatched, listed again or left different."""
        wrong = self.lost + self.duplicated + self.mismatched + self.relisted + self.differing
        return self.settled and self.orders > 0 and not wrong

    def facts(self) -> Json:
        """As JSON."""
        return {**asdict(self), "passed": self.passed}


class Ahead:
    """The machine's clock, but ahead of it."""

    def __init__(self, ahead: timedelta) -> None:
        self._clock, self._ahead = SystemClock(), ahead

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


async def play(
    name: str,
    directory: Path,
    *,
    back_office: str,
    seed: int,
    seconds: float,
    orders_per_minute: float,
    settle: float,
) -> Card:
    """Play a drill; raises WorldTrouble when the world does not start or ends."""
    drill = DRILLS[name]
    world = await asyncio.to_thread(
        WorldApart.start, directory, back_office=back_office, seed=seed, orders_per_minute=orders_per_minute,
        webhook_faults="none",
    )  # fmt: skip
    try:
        configure(load(world.config))
        async with _engine(world.config, drill) as kill:
            await asyncio.sleep(seconds / 3)
            await _asked(world, drill.begins)
            for _ in range(drill.kills):
                await asyncio.sleep(seconds / 3 / drill.kills)
                await kill()
            if not drill.kills:
                await asyncio.sleep(seconds / 3)
            await _asked(world, drill.ends)
            over = time.monotonic()
            await asyncio.sleep(seconds / 3)
            said = await asyncio.to_thread(world.settle, settle)
            return _card(name, seed, seconds, said, time.monotonic() - over)
    finally:
        await asyncio.to_thread(world.stop)


async def _asked(world: WorldApart, asks: Sequence[Ask]) -> None:
    for side, verb, body in asks:
        await asyncio.to_thread(world.ask, side, verb, body)


def _card(name: str, seed: int, seconds: float, said: dict[str, Any], recovered: float) -> Card:
    orders, stock = said["report"]["orders"], said["report"]["stock"]
    return Card(
        drill=name, seed=seed, seconds=seconds, orders=orders["placed"], lost=orders["lost"],
        duplicated=orders["duplicated"], mismatched=orders["total_mismatch"], relisted=stock["relisted_units"],
        differing=stock["differing"], oversold=stock["oversold_units"], settled=bool(said["settled"]),
        recovered_seconds=round(recovered, 1),
    )  # fmt: skip


Kill = Callable[[], Any]


@asynccontextmanager
async def _engine(config: Path, drill: Drill) -> AsyncIterator[Kill]:
    """The engine at work; what it gives kills it and starts it again."""
    if not drill.kills:
        clock: Clock = Ahead(drill.ahead)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(run_engine(load(config), stop, clock=clock))
            try:
                yield asyncio.Event().wait
            finally:
                stop.set()
        return
    daemon = _Daemon(config)
    daemon.start()
    try:
        yield lambda: asyncio.to_thread(daemon.killed)
    finally:
        await asyncio.to_thread(daemon.stop)


class _Daemon:
    """`trueup run` in a process of its own."""

    def __init__(self, config: Path) -> None:
        self._words = [
            sys.executable,
            "-c",
            "from console.main import main; main()",
            "run",
            "--config",
            str(config),
        ]
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._running = subprocess.Popen(self._words, stderr=subprocess.DEVNULL)  # noqa: S603 our own command

    def killed(self) -> None:
        """Killed without warning, and begun again at once."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
        self.start()

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(30)
            self._running.kill()
            self._running.wait()
