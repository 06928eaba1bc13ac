"""The writer: one thread that commits queued writes in groups; callers are answered after the commit."""

import asyncio
import contextlib
import logging
import queue
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.store.faults import named, waited
from engine.store.merged import Merged
from engine.store.trouble import StoreBroken, StoreTrouble
from engine.store.verbs.ledger import said, write_down

log = logging.getLogger(__name__)

GROUP = 256
"""Most writes in one commit."""

Promise = Future[Any] | asyncio.Future[Any]


class Job:
    """One queued write and the promise of its answer, which a thread or a task waits for."""

    __slots__ = ("args", "failure", "kw", "promise", "result", "verb")

    def __init__(
        self, promise: Promise, verb: Callable[..., Any], args: Sequence[Any], kw: Mapping[str, Any]
    ) -> None:
        self.promise, self.verb, self.args, self.kw = promise, verb, args, kw
        self.result: Any = None
        self.failure: Exception | None = None

    def alike(self) -> object:
        """Equal for jobs that one call can do."""
        return self.verb if isinstance(self.verb, Merged) else self

    def wanted(self) -> bool:
        """Somebody still waits for it; asked once, before it is done."""
        if isinstance(self.promise, Future):
            return self.promise.set_running_or_notify_cancel()
        return not self.promise.cancelled()

    def answer(self) -> None:
        """Keep the promise; on the thread of its loop when it has one."""
        if self.promise.cancelled():
            return
        if self.failure is not None:
            self.promise.set_exception(self.failure)
        else:
            self.promise.set_result(self.result)


@dataclass(slots=True)
class Groups:
    """How many writes went into one commit, counted by one thread and read by any."""

    up_to: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, GROUP)
    counts: list[int] = field(default_factory=lambda: [0] * 9)
    """Commits with at most so many writes, and more than the bound before."""
    writes: int = 0
    """Of all commits together."""

    def count(self, writes: int) -> None:
        """One more commit."""
        self.counts[bisect_left(self.up_to, writes)] += 1
        self.writes += writes


class Writes(Protocol):
    """The read-write side of a database; everything that changes goes through it, one after the other."""

    def submit(self, job: Job) -> None:
        """Queue a write; its promise is kept after the commit."""
        ...

    def close(self) -> None:
        """Commit what is queued and stop."""
        ...


class Committer:
    """Commits writes in groups and answers their callers; used by one thread at a time."""

    def __init__(
        self, engine: Engine, committed: Callable[[], None], last_word: Callable[[Connection], bool]
    ) -> None:
        """`last_word` is said before each commit and tells whether the transaction changed anything."""
        self._engine = engine
        self._committed = committed
        self._last_word = last_word
        self.groups = Groups()

    def settle(self, group: list[Job]) -> None:
        """Commit a group and answer its callers, whatever happens.

        Writes are seldom refused, and a savepoint costs as much as a small write: there are none. When one fails,
        the transaction is given up and each write gets one of its own.
        """
        try:
            self._commit(group)
        except _Refused as refused:
            log.info("a group of %d writes is committed one by one: %s", len(group), refused.cause)
            self._one_by_one(group, refused.cause)
        except Exception as trouble:  # noqa: BLE001 - handed to every caller of the group
            # a fault of the disk or the lock is named to every caller, who says it once
            known = isinstance(trouble, DBAPIError) and named(trouble) is not None
            log.log(
                logging.INFO if known else logging.ERROR,
                "a group of %d writes was not committed: %s",
                len(group),
                trouble,
            )
            for job in group:
                job.failure = trouble
        _answer(group)

    def _one_by_one(self, group: list[Job], cause: Exception) -> None:
        """Each write by itself; where one of them has waited in vain, those after it are not tried.

        A lock is waited for in vain for seconds: were every write to wait for it in turn, none of this process would be
        made for minutes, and its leases would run out.
        """
        met = cause if len(group) == 1 and waited(cause) else None
        for job in group:
            if met is None:
                self._settle_alone(job)
                met = job.failure if waited(job.failure) else None
            else:
                job.failure = met

    def _settle_alone(self, job: Job) -> None:
        try:
            self._commit([job])
        except _Refused as refused:
            job.failure = refused.cause
        except Exception as trouble:  # noqa: BLE001 - handed to the caller
            job.failure = trouble

    def _commit(self, group: list[Job]) -> None:
        """All of a group or nothing; a loop that asked for work and found none changed nothing and rings no bell."""
        if not group:
            return
        with self._engine.begin() as tx:
            said(tx).clear()
            try:
                for verb, jobs in groupby(group, Job.alike):
                    _do(tx, verb, list(jobs))
                write_down(tx)
            except Exception as trouble:
                if isinstance(trouble, DBAPIError) and isinstance(named(trouble), StoreBroken):
                    raise  # what the disk refused is never written a second time
                raise _Refused(trouble) from trouble
            changed = self._last_word(tx)
        self.groups.count(len(group))
        if changed:
            self._committed()


def _do(tx: Connection, verb: object, jobs: list[Job]) -> None:
    """Jobs that are alike; what an earlier try of them brought is forgotten."""
    for job in jobs:
        job.result = job.failure = None
    if isinstance(verb, Merged):
        for job, result in zip(jobs, verb.all(tx, [tuple(job.args) for job in jobs]), strict=True):
            job.result = result
    else:
        [job] = jobs
        job.result = job.verb(tx, *job.args, **job.kw)


def _answer(group: Sequence[Job]) -> None:
    """Answer every caller; a loop is woken once for all of its own."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in group:
        if isinstance(job.promise, Future):
            job.answer()
        else:
            loops.setdefault(job.promise.get_loop(), []).append(job)
    for loop, jobs in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_answer_here, jobs)


def _answer_here(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.answer()


class Writer:
    """Writes on a thread of its own, as many as are waiting in one commit."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a write; its promise is kept after the commit."""
        with self._gate:
            if self._closed:
                raise StoreTrouble("The store is closed.", "Start the engine again.")
            self._queue.put(job)

    def close(self) -> None:
        """Commit what is queued and stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < GROUP and not ended:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ended = True
                else:
                    group.append(more)
            self._committer.settle([job for job in group if job.wanted()])


class _Refused(Exception):
    """A write failed before the commit; nothing of its transaction was kept."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause
