"""Every order of ours as Unleashed has it, kept beside it: what was modified since the last look is read again.

The listing tells orders whole, with their lines, and deleted ones when they are asked for; shipments and credit notes
are listings of their own. So a look costs two calls however many orders there are, and a third where goods that left
may have come back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.external_ids import ExternalIds
from adapters.kept_orders import KeptOrders
from adapters.moments import LONG_AGO
from adapters.parted import Part, Parts, Shelf
from adapters.unleashed.client import Row, UnleashedClient, moment, since
from adapters.unleashed.places import Places
from adapters.unleashed.trouble import Gone
from adapters.unleashed.wire import EVERY_STATUS, Shipment, guid, part_of, returned_in, shipment_of
from engine.model.clock import Clock
from engine.model.ids import OrderId

LONGEST_TRANSACTION = 60.0
"""Seconds a change may take between its stamp and the moment it can be read."""


class Orders(KeptOrders):
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
        super().__init__(ids, clock, begin=begin, overlap=overlap)
        self._client, self._places = client, places
        self._shipments: dict[str, dict[str, Shipment]] = {}
        self._refs: dict[str, OrderId] = {}
        """Of orders by their number."""

    def changed(self, path: str) -> None:
        """We have changed something ourselves: no look before this moment shows it.

        An order is read by its id after each change, so what is kept of it is newer than any look; one whose change
        had no answer is looked for by its reference before it is sent again.
        """
        if path.startswith("CreditNotes"):
            self._credit_looks.forget()
        if not path.startswith("SalesOrders") or path.endswith("/Complete"):
            self._looks.forget()

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
        ref = self._ref_in(row)
        if ref is None:
            return None
        self._keep(row)
        return self._part(row, ref)

    async def made(self, ref: OrderId, number: int) -> Part | None:
        """A part by its number, as of now."""
        return await self.read(guid(self._ids.of(ref), number))

    def changed_since(self, at: datetime) -> frozenset[OrderId]:
        """Orders that were modified at or after a moment, or shipped."""
        sent = {
            self._refs[number]
            for number, some in self._shipments.items()
            for each in some.values()
            if number in self._refs and (self._at(each.row) or LONG_AGO) >= at
        }
        return super().changed_since(at) | sent

    async def _look(self) -> int:
        await self._places.ready()
        for row in await self._modified("SalesOrders"):
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

    async def _listed(self, path: str, begin: datetime | None) -> list[Row]:
        asked: Row = {"orderStatus": EVERY_STATUS} if path == "SalesOrders" else {}
        if begin is not None:
            asked["modifiedSince"] = since(begin)
        rows, _ = await self._client.rows(path, self._id_of, **asked)
        return rows

    def _keep(self, row: Row) -> None:
        if (ref := self._ref_in(row)) is not None:
            self._refs[str(row.get("OrderNumber"))] = ref
        super()._keep(row)

    def _id_of(self, row: Row) -> str:
        return str(row["Guid"])

    def _ref_in(self, row: Row) -> OrderId | None:
        return self._ids.ref(row.get("SourceId") or "")

    def _at(self, row: Row) -> datetime | None:
        return moment(row.get("LastModifiedOn"))

    def _age(self, part: Part) -> object:
        return self._rows[part.id]["OrderNumber"]

    def _part(self, row: Row, ref: OrderId) -> Part:
        sent = list(self._shipments.get(str(row.get("OrderNumber")), {}).values())
        return part_of(row, ref, self._ids.of(ref), sent, self._places.services)

    def _returned_in(self, credits: Sequence[Row]) -> Mapping[Shelf, int]:
        return returned_in([*credits])
