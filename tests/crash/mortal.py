"""An engine in a process of its own that kills itself with SIGKILL at one point. Runs in a child of the matrix.

The real engine on the real store and the real adapters; what may die is put around their ports from outside: the
verbs of the store, the HTTP transport every adapter speaks through, and the rooms of the SQL back office.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Callable, Sequence
from functools import update_wrapper, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx
from sqlalchemy import Connection

from adapters.sql.bulkhead import Bulkhead
from console.running import run_engine
from console.settings import load
from engine.model.clock import SystemClock
from engine.store.merged import Merged
from engine.store.session import Store
from tests.crash.points import Passages, Point
from tests.simulation.changed import Changed
from tests.simulation.erp import verb_of

P = ParamSpec("P")
T = TypeVar("T")


class Mortality:
    """Counts what this process passes, and ends it at the fatal point."""

    def __init__(self, fatal: Point | None, diary: Path) -> None:
        self._passages = Passages(*(fatal,) if fatal else ())
        self._diary = diary

    def passed(self, where: str) -> None:
        """A point; may be the last thing this process does."""
        if self._passages(where):
            self.write_down(where)
            os.kill(os.getpid(), signal.SIGKILL)

    def write_down(self, died_at: str = "") -> None:
        """What was passed so far, for whoever waits for the end of this process."""
        self._diary.write_text(json.dumps({"died": died_at, "counts": self._passages.counts}))


class MortalStore(Store):
    """A store whose process may die within a commit or right after it."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.passed: Callable[[str], None] = lambda where: None
        self._many: dict[Any, Any] = {}

    async def write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """The verb's answer after its commit."""
        name = getattr(verb, "__name__", "verb")
        if isinstance(verb, Merged):
            done = await super().write(self._merged(verb), *args, **kw)
            if done:
                self.passed(f"after {name}")
            return done
        changed = False

        def step(tx: Connection, /, *args: P.args, **kw: P.kwargs) -> T:
            nonlocal changed
            changes = Changed(tx)
            answer = verb(tx, *args, **kw)
            if changed := changes.any():
                self.passed(f"before {name}")
            return answer

        update_wrapper(step, verb)
        answer = await super().write(step, *args, **kw)
        if changed:
            self.passed(f"after {name}")
        return answer

    def _merged(self, verb: Merged[P, T]) -> Merged[P, T]:
        """The same verb with its points; equal for equal verbs, so that they are still done together."""
        many = verb.many
        if many not in self._many:

            @wraps(many)
            def watched(tx: Connection, calls: Sequence[Any]) -> Sequence[Any]:
                changes = Changed(tx)
                answers = many(tx, calls)
                if changes.any():
                    self.passed(f"before {verb.__name__}")
                return answers

            self._many[many] = watched
        return Merged(self._many[many], verb.check)


def put_around_calls(passed: Callable[[str], None]) -> None:
    """Let every call to a remote pass its three points."""
    send, run = httpx.AsyncHTTPTransport.handle_async_request, Bulkhead.run

    async def sent(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        name = _name(request)

        async def trace(event: str, _info: Any) -> None:
            if event == "http11.receive_response_headers.complete":
                passed(f"sent {name}")

        request.extensions = {**request.extensions, "trace": trace}
        passed(f"before {name}")
        answer = await send(self, request)
        await answer.aread()
        passed(f"after {name}")
        return answer

    async def booked(self: Bulkhead, call: Callable[[], T]) -> T:
        name = f"back office {verb_of(call)}"

        def carried_out() -> T:
            answer = call()
            passed(f"sent {name}")
            return answer

        passed(f"before {name}")
        answer = await run(self, carried_out)
        passed(f"after {name}")
        return answer

    httpx.AsyncHTTPTransport.handle_async_request = sent  # type: ignore[method-assign]
    Bulkhead.run = booked  # type: ignore[method-assign]


def _name(request: httpx.Request) -> str:
    """`shop SetOnHand` for a GraphQL operation, method and path for anything else."""
    if request.url.path.endswith("/graphql.json"):
        query = str(json.loads(request.content)["query"])
        return f"shop {query.split(None, 2)[1].split('(', 1)[0]}"
    return f"back office {request.method} {request.url.path}"


def live(config: str, environment: dict[str, str], fatal: Point | None, diary: str) -> None:
    """Run the engine until it dies at the fatal point or is asked to end by SIGTERM."""
    logging.getLogger().addHandler(logging.NullHandler())
    os.environ.update(environment)
    mortality = Mortality(fatal, Path(diary))
    put_around_calls(mortality.passed)
    settings = load(Path(config))
    store = MortalStore.open(settings.store.url, clock=SystemClock())
    assert isinstance(store, MortalStore)
    store.passed = mortality.passed

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await run_engine(settings, stop, store=store)

    try:
        asyncio.run(run())
    finally:
        store.close()
        mortality.write_down()
