"""The store as an engine that leads a connection has it: what it writes is refused once another one leads.

Every write of the flows goes through here, so no verb can forget to ask. The check is part of the write's own
transaction: on PostgreSQL the row of the lease stays locked against a take-over until the commit, in SQLite no other
transaction writes meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from engine.store.merged import Merged
from engine.store.session import Store
from engine.store.trouble import StoreTrouble, Superseded

P = ParamSpec("P")
T = TypeVar("T")

_EPOCH = {
    "sqlite": "SELECT epoch FROM lease WHERE name = ?",
    "postgresql": "SELECT epoch FROM lease WHERE name = %s FOR SHARE",
}


class Fenced:
    """A store behind the lease of one connection, whose name the lease bears."""

    def __init__(self, store: Store, name: str, epoch: Callable[[], int]) -> None:
        self._store = store
        self._name = name
        self._epoch = epoch

    @property
    def trouble(self) -> StoreTrouble | None:
        """Why the last write or read failed."""
        return self._store.trouble

    async def write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run a verb on the writer; raises Superseded, and nothing is kept, when another engine leads."""
        lead = _Lead(self._name, self._epoch())
        if isinstance(verb, Merged):
            return await self._store.write(verb.behind(lead), *args, **kw)

        def step(tx: Connection, /, *args: P.args, **kw: P.kwargs) -> T:
            lead(tx)
            return verb(tx, *args, **kw)

        update_wrapper(step, verb)
        return await self._store.write(step, *args, **kw)

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Run a query on a reader."""
        return await self._store.read(query, *args, **kw)

    def revision(self) -> int:
        """Counts changes; only differences mean anything."""
        return self._store.revision()

    async def changed_after(self, seen: int, at_most: float) -> int:
        """Wait until something changed past `seen`; the revision then."""
        return await self._store.changed_after(seen, at_most)


@dataclass(frozen=True, slots=True)
class _Lead:
    """An epoch of a lease; equal ones are asked about once for many writes."""

    name: str
    epoch: int

    def __call__(self, tx: Connection) -> None:
        """Raise Superseded unless this is the newest epoch; nobody is, where nobody ever led."""
        newest = tx.exec_driver_sql(_EPOCH[tx.dialect.name], (self.name,)).scalar()
        if newest is not None and newest != self.epoch:
            raise Superseded(
                f"Another engine leads {self.name} (epoch {newest}); what this one (epoch {self.epoch}) "
                "wanted to write is refused.",
                "Nothing needs to be done: the engine that leads carries on from what is written down.",
            )
