"""The engine's store on a real SQLite file, written inline, with trouble before and after each commit."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from engine.model.clock import Clock
from engine.store.faults import named
from engine.store.session import Store
from engine.store.sqlite import driver, sqlite_engine
from engine.store.writer import Committer, Job
from tests.simulation.changed import Changed
from tests.simulation.process import Process
from tests.simulation.stage import Stage

P = ParamSpec("P")
T = TypeVar("T")

SLOWEST_COMMIT = 0.01
TROUBLES = ("database is locked", "database or disk is full")


_DATABASES: dict[tuple[Path, str, bool], Engine] = {}


def database(path: Path, role: str, *, writing: bool) -> Engine:
    """The engine of one role on a file, with all statements it has ever compiled: those of each seed are the same."""
    key = (path, role, writing)
    if key not in _DATABASES:
        _DATABASES[key] = sqlite_engine(path, writing=writing)
    return _DATABASES[key]


def close_databases() -> None:
    """Close all connections; the next seed has other files under the same names."""
    for engine in _DATABASES.values():
        engine.dispose()


class InlineWriter:
    """Commits on the spot, one write after the other."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    def submit(self, job: Job) -> None:
        self._committer.settle([job])

    def close(self) -> None:
        """Nothing is ever queued."""


class SimulatedStore(Store):
    """One process's view of the database."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        process: Process,
        stage: Stage,
        committed: Callable[[Process, str], None],
    ) -> None:
        role = process.name.rstrip("0123456789")
        super().__init__(
            make_url(f"sqlite:///{path}"),
            clock,
            database(path, role, writing=True),
            database(path, role, writing=False),
            None,
            writer=InlineWriter,
            watched=False,
        )
        self._process, self._stage, self._told = process, stage, committed

    async def write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """The verb's answer after its commit; the process may die before or after it."""
        name = getattr(verb, "__name__", "verb")
        process, stage = self._process, self._stage
        process.point(f"before {name}")
        await asyncio.sleep(stage.chance.uniform(0.0, SLOWEST_COMMIT))
        process.alive()
        if stage.stormy and stage.chance.random() < stage.weather.busy:
            trouble = stage.chance.choice(TROUBLES)
            stage.say(f"{process.name} {name}: {trouble}")
            fault = named(OperationalError("INSERT", {}, driver().OperationalError(trouble)))
            assert fault is not None
            self.failed(fault)
            raise fault
        changed = False

        def step(tx: Connection, /, *args: P.args, **kw: P.kwargs) -> T:
            nonlocal changed
            changes = Changed(tx)
            answer = verb(tx, *args, **kw)
            if changed := changes.any():
                process.passed(f"before {name}")
            return answer

        answer = self.write_sync(step, *args, **kw)
        self.trouble = None
        self._told(process, name)
        process.point(f"after {name}")
        if changed:
            process.passed(f"after {name}")
        return answer

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        self._process.alive()
        await asyncio.sleep(self._stage.chance.uniform(0.0, SLOWEST_COMMIT))
        self._process.alive()
        return self.read_sync(query, *args, **kw)


def empty_store(template: Path, path: Path, clock: Clock) -> None:
    """A migrated store at `path`; migrated once, then copied."""
    if not template.exists():
        Store.open(f"sqlite:///{template}", clock=clock).close()
    shutil.copyfile(template, path)
