"""The way from a process to a remote and back, with this seed's troubles on it.

A request that has left is out of the process's hands: it arrives, or not, whether the process lives or stands
still. What it does there happens in the world's name.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.simulation.process import PROCESS
from tests.simulation.stage import Stage

T = TypeVar("T")


class NoConnection(Exception):
    """Nobody answered the door; nothing was sent."""


class NoAnswer(Exception):
    """Sent, and silence."""


class BadGateway(Exception):
    """Something between us and the remote answered in its stead."""


@dataclass(slots=True)
class Wire:
    """One remote as seen from the machine the engines run on."""

    stage: Stage
    remote: str
    slowest: float = 0.25

    async def carry(
        self, op: str, apply: Callable[[], T], *, write: bool, patience: float, about: str = ""
    ) -> T:
        """What `apply` answers at the remote; NoConnection, NoAnswer or BadGateway when it does not come through."""
        what = f"{op} {about}".rstrip()
        stage, weather, chance = self.stage, self.stage.weather, self.stage.chance
        process = PROCESS.get()
        assert process is not None
        process.point(f"before {what}")
        process.passed(f"before {op}")
        if write and stage.stormy and chance.random() < weather.stall:
            stage.late.add(what)
            await stage.stall(process, f"before {what}")
        process.alive()
        if self.remote in stage.away:
            await asyncio.sleep(chance.uniform(0.01, 0.3))
            raise NoConnection
        fate = self._fate(write, op)
        if write or fate:
            stage.say(f"{process.name} {what}{' ' + fate if fate else ''}")
        promise: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        there, back = self._leg(), self._leg()
        if stage.stormy and weather.meddle and chance.random() < weather.meddle:
            stage.later(chance.uniform(0.0, there + back), lambda: stage.meddler(what))
        if fate == "lost":
            pass
        elif fate == "late":
            stage.later(
                chance.uniform(25.0, 85.0), lambda: self._arrive(what, apply, promise, back, late=True)
            )
        elif fate == "broken" or fate == "broken after":
            if fate == "broken after":
                stage.later(there, lambda: self._arrive(what, apply, None, back))
            stage.later(there + back, lambda: _fail(promise, BadGateway()))
        else:
            answered = promise if fate == "" else None
            stage.later(there, lambda: self._arrive(what, apply, answered, back))
        process.passed(f"sent {op}")
        try:
            async with asyncio.timeout(patience):
                answer = await promise
        except TimeoutError:
            raise NoAnswer from None
        process.point(f"after {what}")
        process.passed(f"after {op}")
        if stage.stormy and weather.nap and chance.random() < weather.nap:
            await stage.stall(process, f"after {what}")
            process.alive()
        return answer

    def _leg(self) -> float:
        """Seconds of one way."""
        stage, slowest = self.stage, self.slowest
        if stage.stormy and stage.weather.slow and stage.chance.random() < 1 / 3:
            slowest = stage.weather.slow
        return stage.chance.uniform(0.005, slowest)

    def _fate(self, write: bool, op: str) -> str:
        stage = self.stage
        if not stage.stormy:
            return ""
        weather, roll = stage.weather, stage.chance.random()
        if weather.late_verb and op.endswith(weather.late_verb) and roll < 0.5:
            return "late"
        for rate, fate in (
            (weather.lost, "lost"),
            (weather.reply_lost, "reply lost"),
            (weather.late, "late" if write else "lost"),
            (weather.broken / 2, "broken"),
            (weather.broken / 2, "broken after"),
        ):
            if roll < rate:
                return fate
            roll -= rate
        return ""

    def _arrive(
        self,
        what: str,
        apply: Callable[[], T],
        promise: "asyncio.Future[T] | None",
        back: float,
        late: bool = False,
    ) -> None:
        stage = self.stage
        if late:
            stage.say(f"{what} arrives late")
        try:
            answer = apply()
        except Exception as trouble:
            failure = trouble
            if promise is not None:
                stage.later(back, lambda: _fail(promise, failure))
            return
        if promise is not None:
            stage.later(back, lambda: _keep(promise, answer))


def _keep(promise: "asyncio.Future[Any]", answer: Any) -> None:
    if not promise.done():
        promise.set_result(answer)


def _fail(promise: "asyncio.Future[Any]", trouble: Exception) -> None:
    if not promise.done():
        promise.set_exception(trouble)
