"""Every order of ours as Unleashed has it, kept beside it: what was modified since the last look is read again.

The listing tells orders whole, with their lines, and deleted ones when they are asked for; shipments and credit notes
are listings of their own. So a look costs two calls however many orders there are, and a third where goods that left
may have come back.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.external_ids import ExternalIds
from adapters.joined import Joined
from adapters.parted import Part, Parts, Shelf, living, pending
from adapters.unleashed.client import Row, UnleashedClient, moment, since
from adapters.unleashed.places import Places
from adapters.unleashed.trouble import Gone
from adapters.unleashed.wire import EVERY_STATUS, Shipment, guid, part_of, returned_in, shipment_of
from engine.model.clock import Clock
from engine.model.ids import OrderId

LONGEST_TRANSACTION = 60.0
"""Seconds a change may take between its stamp and the moment it can be read."""
FRESH = 2.0
"""Seconds a look may be old where the stock is read after it: what it does not show yet makes stock look too low."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Orders:
    """Our orders, their shipments and their credit notes by the order of the shop."""

    def __init__(
        self,
        client: UnleashedClient,
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
        self._shipments: dict[str, dict[str, Shipment]] = {}
        self._refs: dict[str, OrderId] = {}
        """Of orders by their number."""
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
        """We have changed something ourselves: no look before this moment shows it.

        An order is read by its id after each change, so what is kept of it is newer than any look; one whose change
        had no answer is looked for by its reference before it is sent again.
        """
        if path.startswith("CreditNotes"):
            self._credit_looks.forget()
        if not path.startswith("SalesOrders") or path.endswith("/Complete"):
            self._looks.forget()

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
        """Orders that bear a reference, asked of Unleashed and read anew; deleted ones only if known of."""
        await self._places.ready()
        rows, _ = await self._client.rows("SalesOrders", lambda row: row["Guid"], sourceId=self._ids.of(ref))
        if rows:
            await self.look()
        for row in rows:
            self._keep(row)
        return self._parts(ref) if rows else ()

    async def read(self, order: str) -> Part | None:
        """One order as of now; None when there is none with this id."""
        await self._places.ready()
        try:
            row = await self._client.get(f"SalesOrders/{order}")
        except Gone:
            return None
        ref = self._ids.ref(row.get("SourceId") or "")
        if ref is None:
            return None
        self._keep(row)
        return self._part(row, ref)

    async def made(self, ref: OrderId, number: int) -> Part | None:
        """A part by its number, as of now."""
        return await self.read(guid(self._ids.of(ref), number))

    async def ref_of(self, order: str) -> OrderId | None:
        """The order of the shop that an order was made for; None when it is none of ours."""
        if order not in self._rows:
            await self.read(order)
        row = self._rows.get(order)
        return None if row is None else self._ids.ref(row.get("SourceId") or "")

    def row(self, order: str) -> Row:
        """An order as it was told last."""
        return self._rows[order]

    def changed_since(self, at: datetime) -> frozenset[OrderId]:
        """Orders that were modified at or after a moment, or shipped."""
        rows = {ref for ref, orders in self._by_ref.items() if any(self._at(o) >= at for o in orders)}
        sent = {
            self._refs[number]
            for number, some in self._shipments.items()
            for each in some.values()
            if number in self._refs and (moment(each.row.get("LastModifiedOn")) or LONG_AGO) >= at
        }
        return frozenset(rows | sent)

    async def _look(self) -> int:
        await self._places.ready()
        orders = await self._modified("SalesOrders", orderStatus=EVERY_STATUS)
        for row in orders:
            if self._ids.ref(row.get("SourceId") or "") is not None:
                self._keep(row)
        for row in await self._modified("SalesShipments"):
            each = shipment_of(row)
            some = self._shipments.setdefault(each.order, {})
            known = some.get(row["Guid"])
            if known is None or known.row != row:
                some[row["Guid"]] = each
                if each.order in self._refs:
                    self._saw(self._refs[each.order])
        return self.revision

    async def _look_at_credits(self) -> None:
        for row in await self._modified("CreditNotes"):
            ref = self._ids.ref((row.get("Reference") or "").strip())
            if ref is not None:
                self._credits.setdefault(ref, {})[row["Guid"]] = row

    async def _modified(self, path: str, **asked: Any) -> list[Row]:
        newest = self._newest.get(path)
        begin = self._from if newest is None else newest - self._overlap
        if begin is not None:
            asked["modifiedSince"] = since(begin)
        rows, _ = await self._client.rows(path, lambda row: row["Guid"], **asked)
        stamps = [at for row in rows if (at := moment(row.get("LastModifiedOn"))) is not None]
        self._newest[path] = max([newest or self._from or LONG_AGO, *stamps])
        return rows

    def _keep(self, row: Row) -> None:
        ref = self._ids.ref(row.get("SourceId") or "")
        known = self._rows.get(row["Guid"])
        if ref is None or known == row:
            return
        self._rows[row["Guid"]] = row
        self._by_ref.setdefault(ref, set()).add(row["Guid"])
        self._refs[str(row.get("OrderNumber"))] = ref
        self._saw(ref)

    def _saw(self, ref: OrderId) -> None:
        self._views.pop(ref, None)
        self._closed.discard(ref)
        self.revision += 1
        self.told(ref)

    def _at(self, order: str) -> datetime:
        return moment(self._rows[order].get("LastModifiedOn")) or LONG_AGO

    def _parts(self, ref: OrderId) -> Parts:
        if ref in self._views:
            return self._views[ref]
        parts = [self._part(self._rows[order], ref) for order in self._by_ref.get(ref, ())]
        made = tuple(
            sorted(parts, key=lambda part: (part.number or 1_000_000, self._rows[part.id]["OrderNumber"]))
        )
        self._views[ref] = made
        return made

    def _part(self, row: Row, ref: OrderId) -> Part:
        sent = list(self._shipments.get(str(row.get("OrderNumber")), {}).values())
        return part_of(row, ref, self._ids.of(ref), sent, self._places.services)
