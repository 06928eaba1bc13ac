"""The store: verbs are awaited through `write`, queries through `read`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from engine.model.clock import Clock
from engine.store.bell import Bell
from engine.store.faults import NOT_ONE, named, wrote
from engine.store.kept import cut_short
from engine.store.postgresql import check_version, postgresql_engine, ring
from engine.store.sqlite import READERS, Changes, Checkpointer, commits_of_others, prepare_file, sqlite_engine
from engine.store.trouble import StoreBroken, StoreBusy, StoreTrouble
from engine.store.version import up_to_date
from engine.store.watchers import UNKNOWN, watch_postgresql, watch_sqlite
from engine.store.writer import Committer, Job, Writer, Writes

P = ParamSpec("P")
T = TypeVar("T")

__all__ = ["Store", "StoreTrouble"]


class Store:
    """One database: a single writer, read-only readers, and a bell for what changed."""

    def __init__(
        self,
        url: URL,
        clock: Clock,
        writing: Engine,
        reading: Engine,
        checkpointer: Checkpointer | None,
        *,
        writer: Callable[[Committer], Writes] = Writer,
        watched: bool = True,
    ) -> None:
        """`writer` decides where commits happen; unless `watched`, other processes' changes ring no bell."""
        self.url = url
        self.clock = clock
        self._writing = writing
        self._reading = reading
        self._checkpointer = checkpointer
        self._bell = Bell(self._watch if watched else None)
        last_word = ring if self.dialect == "postgresql" else Changes()
        committer = Committer(writing, self._committed, last_word)
        self.groups = committer.groups
        """How many writes each commit took."""
        self._writer = writer(committer)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._closed = False
        self.trouble: StoreTrouble | None = None
        """Why the last write or read failed; None while all is well. Once broken it stays so."""
        self.failures = 0
        """How often one failed: while some tables are locked others can be written, and `trouble` comes and goes."""
        if checkpointer is not None:
            checkpointer.failed = self.failed

    @classmethod
    def open(cls, url: str, *, clock: Clock) -> "Store":
        """Open or create the database and bring its tables up to date; StoreTrouble when that cannot be."""
        try:
            parsed = make_url(url)
        except ArgumentError as trouble:
            raise StoreTrouble(
                "store.url is not a database address.", "Write sqlite:///FILE or postgresql+psycopg://…"
            ) from trouble
        if parsed.get_backend_name() == "sqlite":
            return cls._open_sqlite(parsed, clock)
        if parsed.drivername in ("postgresql", "postgresql+psycopg"):
            return cls._open_postgresql(parsed.set(drivername="postgresql+psycopg"), clock)
        raise StoreTrouble(
            f"The store cannot live in {parsed.get_backend_name()}.",
            "Write sqlite:///FILE or postgresql+psycopg://…",
        )

    @classmethod
    def _open_sqlite(cls, url: URL, clock: Clock) -> "Store":
        if not url.database or url.database == ":memory:":
            raise StoreTrouble("The store needs a file.", "Write sqlite:///FILE as store.url.")
        path = Path(url.database)
        if kept := cut_short(path):
            raise StoreTrouble(
                f"A restore of {path} was cut short; what was there is kept as {kept.name}.",
                "Run trueup restore again. To begin with an empty store instead, move that file away.",
            )
        writing = sqlite_engine(path, writing=True)
        prepare_file(path)
        _migrated(writing)
        return cls(url, clock, writing, sqlite_engine(path, writing=False), Checkpointer(path))

    @classmethod
    def _open_postgresql(cls, url: URL, clock: Clock) -> "Store":
        writing = postgresql_engine(url, writing=True)
        _migrated(writing, check_version)
        return cls(url, clock, writing, postgresql_engine(url, writing=False), None)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writing.dialect.name

    async def write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run a verb on the writer; its answer, after the commit. StoreBusy or StoreBroken when that cannot be."""
        self._sound()
        answered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(answered, verb, args, kw))
        try:
            answer = await answered
        except DBAPIError as error:
            raise self._named(error) from error
        if not isinstance(self.trouble, StoreBroken):
            self.trouble = None
        return answer

    def write_sync(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """The same for callers without an event loop; blocks until the commit."""
        self._sound()
        answered: Future[T] = Future()
        self._writer.submit(Job(answered, verb, args, kw))
        try:
            return answered.result()
        except DBAPIError as error:
            raise self._named(error) from error

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run a query on a reader, which cannot change anything."""
        call = partial(self.read_sync, query, *args, **kw)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def read_sync(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """The same for callers without an event loop; one snapshot for the whole query."""
        self._sound()
        try:
            with self._reading.connect() as tx, tx.begin():
                return query(tx, *args, **kw)
        except DBAPIError as error:
            if wrote(error):
                raise
            raise self._named(error) from error

    def revision(self) -> int:
        """Counts changes; only differences mean anything."""
        return self._bell.revision

    async def changed_after(self, seen: int, at_most: float) -> int:
        """Wait until something changed past `seen`, here or in another process; the revision then."""
        return await self._bell.after(seen, at_most)

    def wake(self) -> None:
        """Whoever waits for a change looks again, though nothing changed: they have something else to see."""
        self._bell.ring()

    def close(self) -> None:
        """Commit what is queued, stop every thread, close every connection."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._bell.close()
        self._threads.shutdown()
        self._reading.dispose()
        if self._checkpointer is not None:
            self._checkpointer.close()
        self._writing.dispose()

    def failed(self, trouble: StoreTrouble) -> None:
        """Something that works on the same file could not."""
        self.failures += 1
        if not isinstance(self.trouble, StoreBroken):
            self.trouble = trouble

    def _named(self, error: DBAPIError) -> Exception:
        """What the error means for whoever asked; the error itself when it is a defect of ours."""
        trouble = named(error)
        if trouble is not None:
            self.failed(trouble)
        return trouble or error

    def _sound(self) -> None:
        """A store that broke is not touched again."""
        if isinstance(self.trouble, StoreBroken):
            raise StoreBroken(self.trouble.cause, self.trouble.remedy)

    def _committed(self) -> None:
        if self._checkpointer is not None:
            self._checkpointer.committed()
        self._bell.ring()

    def _commits(self) -> int:
        """How often this store committed."""
        return sum(self.groups.counts)

    def _others(self) -> int:
        """Moves when another connection has committed; UNKNOWN while nothing can be written. StoreTrouble once closed."""
        try:
            return self.write_sync(commits_of_others)
        except StoreBusy:
            return UNKNOWN

    def _watch(self, bell: Bell) -> None:
        if self.dialect == "sqlite":
            watch_sqlite(Path(str(self.url.database)), bell, self._commits, self._others)
        else:
            watch_postgresql(self.url, self._reading, bell)


def _migrate(writing: Engine) -> None:
    from engine.store.migrate import foreign_keys_off, migrate  # half a second, which hardly any start needs

    with writing.connect() as connection, foreign_keys_off(connection), connection.begin():
        migrate(connection)


def _migrated(writing: Engine, check: Callable[[Connection], None] | None = None) -> None:
    """Check and migrate; the engine is closed again when that fails."""
    try:
        with writing.begin() as connection:
            if check is not None:
                check(connection)
            ready = up_to_date(connection)
        if not ready:
            _migrate(writing)
    except StoreTrouble:
        writing.dispose()
        raise
    except DBAPIError as trouble:
        writing.dispose()
        known = named(trouble)
        if isinstance(known, StoreBroken) and known.cause != NOT_ONE[0]:
            raise known from trouble
        said = str(trouble.orig).strip().splitlines()[0]
        raise StoreTrouble(
            f"The database cannot be opened: {said}.",
            "Name the authority that signed it in sslrootcert, or correct the server's name in store.url."
            if "certificate" in said or "signature failure" in said
            else "Check store.url, that the database runs, and who may open it.",
        ) from trouble
