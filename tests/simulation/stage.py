"""What all parts of one simulated run share: the seed's chance, the time, the weather and the trace."""

import asyncio
import contextvars
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.simulation.loop import VirtualLoop
from tests.simulation.process import Process, unharmed
from tests.simulation.weather import Weather


@dataclass(eq=False)
class Stage:
    """One run."""

    seed: int
    loop: VirtualLoop
    weather: Weather
    chance: Random
    outside: contextvars.Context
    """The context in which remotes act: no process's death or stillness reaches it."""
    trace: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    """Remotes that cannot be reached now."""
    stormy: bool = True
    """False once the faults have stopped."""
    orders: int = 0
    """Orders placed in the whole run."""
    acked: dict[str, str] = field(default_factory=dict)
    """Webhook id → hash of its body, of all that were answered with 2xx."""
    late: set[str] = field(default_factory=set)
    """What a machine was about to send when it stood still: the one double that a search before sending cannot close."""

    meddler: Callable[[str], None] = lambda what: None
    """Lets somebody outside do something while that call is under way."""
    enough: frozenset[str] = frozenset()
    """Kinds of violation after which the run need not go on."""
    fate: Callable[[str], bool] = unharmed
    """At which named point an engine dies."""

    def say(self, what: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{self.loop.now:10.3f} {what}")

    def violate(self, kind: str, what: str) -> None:
        """A promise was broken."""
        if f"{kind}: {what}" in self.violations:
            return
        self.violations.append(f"{kind}: {what}")
        self.say(f"!!!! {kind}: {what}")
        self.loop.enough = self.loop.enough or kind in self.enough

    def later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something in the world's name."""
        return self.loop.call_later(seconds, act, context=self.outside.copy())

    async def stall(self, process: Process, where: str) -> None:
        """The process stands still from here for a while."""
        self.freeze(process, where)
        await asyncio.sleep(0)

    def freeze(self, process: Process, where: str) -> None:
        """SIGSTOP now, SIGCONT after 5 to 400 s."""
        if process.frozen or process.dead:
            return
        seconds = self.chance.choice((5.0, 20.0, 60.0, 130.0, 400.0)) * self.chance.uniform(0.7, 1.0)
        self.say(f"{process.name} STANDS STILL {seconds:.0f} s {where}")
        process.frozen = True

        def go_on() -> None:
            process.frozen = False
            self.loop.thaw(process)
            self.say(f"{process.name} goes on")

        self.later(seconds, go_on)

    def fingerprint(self) -> str:
        """Equal for equal runs."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]
