"""Every order of ours as Omni has it, kept beside it: what was modified since the last look is read again.

All parts of an order bear its external id as customerOrderNo, whatever their reference. A look is one call when nothing
was modified: the first page is empty then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.cin7_omni.client import OmniClient, Row, moment, stamp, text
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.trouble import Gone
from adapters.cin7_omni.wire import part_of, returned_in
from adapters.external_ids import ExternalIds
from adapters.kept_orders import KeptOrders
from adapters.parted import Part, Parts, Shelf
from engine.model.clock import Clock
from engine.model.ids import OrderId

LONGEST_TRANSACTION = 60.0
"""Seconds a change may take between its stamp and the moment it can be read."""


class Orders(KeptOrders):
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
        super().__init__(ids, clock, begin=begin, overlap=overlap)
        self._client, self._places = client, places

    def changed(self, path: str) -> None:
        """We have changed something ourselves: no look at credit notes before this moment shows it.

        Orders are read by their id after each change, so what is kept of them is newer than any look.
        """
        if path == "CreditNotes":
            self._credit_looks.forget()

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
        ref = self._ref_in(row)
        if ref is None:
            return None
        self._keep(row)
        return self._part(row, ref)

    def known(self, ref: OrderId) -> Parts:
        """Orders of a reference that TrueUp made, as they were told last."""
        return tuple(part for part in self._parts(ref) if part.number)

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

    async def _listed(self, path: str, begin: datetime | None) -> list[Row]:
        where = "" if begin is None else f"modifiedDate>={text(stamp(begin))}"
        rows, _ = await self._client.rows(path, lambda row: row["id"], where=where)
        return rows

    def _id_of(self, row: Row) -> str:
        return str(row["id"])

    def _ref_in(self, row: Row) -> OrderId | None:
        return self._ids.ref(row.get("customerOrderNo") or "")

    def _at(self, row: Row) -> datetime | None:
        return moment(row.get("modifiedDate"))

    def _age(self, part: Part) -> int:
        return int(part.id)

    def _part(self, row: Row, ref: OrderId) -> Part:
        return part_of(row, ref, self._ids.of(ref), self._places.is_charge)

    def _returned_in(self, credits: Sequence[Row]) -> Mapping[Shelf, int]:
        return returned_in([*credits])
