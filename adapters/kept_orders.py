"""Every order of ours as a back office has it, kept beside it: what was modified since the last look is read again.

For back offices that cannot be asked for many orders by their references, whose documents are in several orders (see
`adapters.parted`). What each calls its listings and fields is its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.external_ids import ExternalIds
from adapters.joined import Joined
from adapters.moments import LONG_AGO
from adapters.parted import Part, Parts, Shelf, documents_of, living, pending, promised
from engine.model.clock import Clock
from engine.model.ids import OrderId

Row = dict[str, Any]
FRESH = 2.0
"""Seconds a look may be old where the stock is read after it: what it does not show yet makes stock look too low."""


class KeptOrders(ABC):
    """Our orders and their credit notes by the order of the shop."""

    def __init__(self, ids: ExternalIds, clock: Clock, *, begin: datetime | None, overlap: float) -> None:
        """`begin`: orders last modified before are none of ours and not read; `overlap`: seconds looked back over."""
        self._ids = ids
        self._overlap = timedelta(seconds=overlap)
        self._from = begin
        self._newest: dict[str, datetime] = {}
        self._rows: dict[str, Row] = {}
        self._by_ref: dict[OrderId, set[str]] = {}
        self._credits: dict[OrderId, dict[str, Row]] = {}
        self._looks = Joined(self._look, clock)
        self._credit_looks = Joined(self._look_at_credits, clock)
        self._views: dict[OrderId, Parts] = {}
        """Parts as they were made of rows; those of an order are made anew when a row of it changes."""
        self._closed: set[OrderId] = set()
        """Orders that promise nothing any more."""
        self.revision = 0
        """Rises with every change of an order of ours that was seen."""
        self.told: Callable[[OrderId], None] = lambda ref: None
        """Is told of each."""

    async def look(self, *, at_most_old: float = 0.0) -> int:
        """Be up to date; the revision. A look that is no older than so many seconds will do."""
        return await self._looks.now(at_most_old=at_most_old)

    async def parts(self, refs: Collection[OrderId], *, at_most_old: float = 0.0) -> Mapping[OrderId, Parts]:
        """Orders of these references, ours by their number and strangers after them; unknown ones are left out."""
        await self.look(at_most_old=at_most_old)
        return {ref: self._parts(ref) for ref in dict.fromkeys(refs) if ref in self._by_ref}

    async def returned(self, refs: Collection[OrderId]) -> Mapping[OrderId, Mapping[Shelf, int]]:
        """Units that came back, for those of whose goods something has left."""
        sent = [ref for ref in refs if any(part.shipped for part in self._parts(ref))]
        if sent:
            await self._credit_looks.now(at_most_old=FRESH)
        return {ref: self._returned_in([*self._credits.get(ref, {}).values()]) for ref in sent}

    async def credits(self, ref: OrderId) -> list[Row]:
        """Credit notes of one order as of now."""
        await self._credit_looks.now()
        return list(self._credits.get(ref, {}).values())

    def open(self) -> list[tuple[OrderId, Parts]]:
        """Orders that may promise something."""
        found: list[tuple[OrderId, Parts]] = []
        for ref in self._by_ref.keys() - self._closed:
            parts = self._parts(ref)
            if pending(parts) or any(not part.locked for part in living(parts)):
                found.append((ref, parts))
            else:
                self._closed.add(ref)
        return found

    def promises(self) -> Iterator[tuple[OrderId, Mapping[Shelf, int]]]:
        """What is promised, by order of the shop; one that was entered twice comes twice."""
        for ref, parts in self.open():
            for one in documents_of(parts):
                yield ref, promised(one)

    @abstractmethod
    async def read(self, order: str) -> Part | None:
        """One order as of now; None when there is none of ours with this id."""

    async def ref_of(self, order: str) -> OrderId | None:
        """The order of the shop that an order was made for; None when it is none of ours."""
        if order not in self._rows:
            await self.read(order)
        row = self._rows.get(order)
        return None if row is None else self._ref_in(row)

    def row(self, order: str) -> Row:
        """An order as it was told last."""
        return self._rows[order]

    def changed_since(self, at: datetime) -> frozenset[OrderId]:
        """Orders that were modified at or after a moment."""
        return frozenset(
            ref
            for ref, orders in self._by_ref.items()
            if any((self._at(self._rows[order]) or LONG_AGO) >= at for order in orders)
        )

    async def _modified(self, path: str) -> list[Row]:
        """Rows of a listing that were modified since it was read last."""
        newest = self._newest.get(path)
        rows = await self._listed(path, self._from if newest is None else newest - self._overlap)
        stamps = [at for row in rows if (at := self._at(row)) is not None]
        self._newest[path] = max([newest or self._from or LONG_AGO, *stamps])
        return rows

    def _keep(self, row: Row) -> None:
        ref, order = self._ref_in(row), self._id_of(row)
        if ref is None or self._rows.get(order) == row:
            return
        self._rows[order] = row
        self._by_ref.setdefault(ref, set()).add(order)
        self._saw(ref)

    def _saw(self, ref: OrderId) -> None:
        """Something of an order is not as it was."""
        self._views.pop(ref, None)
        self._closed.discard(ref)
        self.revision += 1
        self.told(ref)

    def _parts(self, ref: OrderId) -> Parts:
        if ref in self._views:
            return self._views[ref]
        parts = [self._part(self._rows[order], ref) for order in self._by_ref.get(ref, ())]
        made = tuple(sorted(parts, key=lambda part: (part.number or 1_000_000, self._age(part))))
        self._views[ref] = made
        return made

    @abstractmethod
    async def _look(self) -> int:
        """Read what was modified; the revision."""

    @abstractmethod
    async def _look_at_credits(self) -> None:
        """Read credit notes that were modified."""

    @abstractmethod
    async def _listed(self, path: str, begin: datetime | None) -> list[Row]:
        """Rows of a listing that were modified at or after a moment; None for all."""

    @abstractmethod
    def _id_of(self, row: Row) -> str:
        """The id of an order."""

    @abstractmethod
    def _ref_in(self, row: Row) -> OrderId | None:
        """The order of the shop that an order was made for; None for a stranger's."""

    @abstractmethod
    def _at(self, row: Row) -> datetime | None:
        """When a row was modified."""

    @abstractmethod
    def _age(self, part: Part) -> Any:
        """What sorts orders of strangers by the time they were made."""

    @abstractmethod
    def _part(self, row: Row, ref: OrderId) -> Part:
        """An order as part of a document."""

    @abstractmethod
    def _returned_in(self, credits: Sequence[Row]) -> Mapping[Shelf, int]:
        """Units that credit notes returned to stock."""
