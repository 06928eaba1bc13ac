"""Every order of ours as Omni has it, kept beside it: what was modified since the last look is read again.

All parts of an order bear its external id as customerOrderNo, whatever their reference. A look is one call when nothing
was modified: the first page is empty then.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta

from adapters.cin7_omni.client import OmniClient, Row, moment, stamp, text
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.trouble import Gone
from adapters.cin7_omni.wire import part_of, returned_in
from adapters.external_ids import ExternalIds
from adapters.joined import Joined
from adapters.parted import Part, Parts, Shelf, living, pending
from engine.model.clock import Clock
from engine.model.ids import OrderId

LONGEST_TRANSACTION = 60.0
"""Seconds a change may take between its stamp and the moment it can be read."""
FRESH = 2.0
"""Seconds a look may be old where the stock is read after it: what it does not show yet makes stock look too low."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Orders:
    """Our orders and their credit notes by the order of the shop."""

    def __init__(
        self,
        client: OmniClient,
        places: Places,
        ids: ExternalIds,
        clock: Clock,
        *,
        begin: datetime | None = None,
        overlap: float = LONGEST_TRANSACTION,
    ) -> None:
        """`begin`: orders last modified before are none of ours and not read."""
        self._client, self._places, self._ids = client, places, ids
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

    def changed(self, path: str) -> None:
        """We have changed something ourselves: no look at credit notes before this moment shows it.

        Orders are read by their id after each change, so what is kept of them is newer than any look.
        """
        if path == "CreditNotes":
            self._credit_looks.forget()

    async def parts(self, refs: Collection[OrderId], *, at_most_old: float = 0.0) -> Mapping[OrderId, Parts]:
        """Orders of these references, ours by their number and strangers after them; unknown ones are left out."""
        await self.look(at_most_old=at_most_old)
        return {ref: self._parts(ref) for ref in dict.fromkeys(refs) if ref in self._by_ref}

    async def returned(self, refs: Collection[OrderId]) -> Mapping[OrderId, Mapping[Shelf, int]]:
        """Units that came back, for those of whose goods something has left."""
        sent = [ref for ref in refs if any(part.shipped for part in self._parts(ref))]
        if sent:
            await self._credit_looks.now(at_most_old=FRESH)
        return {ref: returned_in([*self._credits.get(ref, {}).values()]) for ref in sent}

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

    async def found(self, ref: OrderId) -> Parts:
        """Orders of a reference, asked of Omni and read anew, voided ones too."""
        asked = f"customerOrderNo={text(self._ids.of(ref))}"
        rows, _ = await self._client.rows("SalesOrders", lambda row: row["id"], where=asked)
        for row in rows:
            self._keep(row)
        return self._parts(ref) if rows else ()

    async def read(self, order: str) -> Part | None:
        """One order as of now; None when there is none of ours with this id."""
        if not order.isdigit():
            return None
        try:
            row = await self._client.get(f"SalesOrders/{order}")
        except Gone:
            return None
        ref = self._ids.ref(row.get("customerOrderNo") or "")
        if ref is None:
            return None
        self._keep(row)
        return self._part(row, ref)

    async def ref_of(self, order: str) -> OrderId | None:
        """The order of the shop that an order was made for; None when it is none of ours."""
        if order not in self._rows:
            await self.read(order)
        row = self._rows.get(order)
        return None if row is None else self._ids.ref(row.get("customerOrderNo") or "")

    def known(self, ref: OrderId) -> Parts:
        """Orders of a reference that TrueUp made, as they were told last."""
        return tuple(part for part in self._parts(ref) if part.number)

    def row(self, order: str) -> Row:
        """An order as it was told last."""
        return self._rows[order]

    def changed_since(self, at: datetime) -> frozenset[OrderId]:
        """Orders that were modified at or after a moment."""
        return frozenset(
            ref
            for ref, orders in self._by_ref.items()
            if any((moment(self._rows[o].get("modifiedDate")) or LONG_AGO) >= at for o in orders)
        )

    async def _look(self) -> int:
        for row in await self._modified("SalesOrders"):
            self._keep(row)
        return self.revision

    async def _look_at_credits(self) -> None:
        for row in await self._modified("CreditNotes"):
            ref = self._ref_of_sale(str(row.get("salesReference") or ""))
            if ref is not None:
                self._credits.setdefault(ref, {})[str(row["id"])] = row

    def _ref_of_sale(self, said: str) -> OrderId | None:
        """The order behind the reference of any of its parts."""
        bare = said.removeprefix(self._ids.prefix)
        return self._ids.ref(self._ids.prefix + bare.partition("-")[0]) if bare != said else None

    async def _modified(self, path: str) -> list[Row]:
        newest = self._newest.get(path)
        begin = self._from if newest is None else newest - self._overlap
        where = "" if begin is None else f"modifiedDate>={text(stamp(begin))}"
        rows, _ = await self._client.rows(path, lambda row: row["id"], where=where)
        stamps = [at for row in rows if (at := moment(row.get("modifiedDate"))) is not None]
        self._newest[path] = max([newest or self._from or LONG_AGO, *stamps])
        return rows

    def _keep(self, row: Row) -> None:
        ref = self._ids.ref(row.get("customerOrderNo") or "")
        number = str(row["id"])
        if ref is None or self._rows.get(number) == row:
            return
        self._rows[number] = row
        self._by_ref.setdefault(ref, set()).add(number)
        self._views.pop(ref, None)
        self._closed.discard(ref)
        self.revision += 1
        self.told(ref)

    def _parts(self, ref: OrderId) -> Parts:
        if ref in self._views:
            return self._views[ref]
        parts = [self._part(self._rows[order], ref) for order in self._by_ref.get(ref, ())]
        made = tuple(sorted(parts, key=lambda part: (part.number or 1_000_000, int(part.id))))
        self._views[ref] = made
        return made

    def _part(self, row: Row, ref: OrderId) -> Part:
        return part_of(row, ref, self._ids.of(ref), self._places.is_charge)
