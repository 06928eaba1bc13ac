"""Goods that came back: a credit note of negative quantities against the order that sent them, approved.

It is entered as a draft first and then approved, as Omni's own help does it; its reference is made of the order and
the target, so one that was entered and not approved is found and approved, not entered again.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from adapters.cin7_omni.client import OmniClient, Row, all_written, stamp
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.selling import Selling
from adapters.cin7_omni.trouble import WHO
from adapters.cin7_omni.wire import DRAFT, returned_in
from adapters.coming_back import due
from adapters.external_ids import ExternalIds
from adapters.parted import Shelf
from adapters.parted_documents import PartedDocuments
from engine.model.clock import Clock
from engine.model.ids import DocumentId, OrderId, Sku


class Returning:
    """Books returns."""

    def __init__(
        self,
        client: OmniClient,
        places: Places,
        orders: Orders,
        documents: PartedDocuments,
        selling: Selling,
        ids: ExternalIds,
        clock: Clock,
        *,
        priced: bool = True,
    ) -> None:
        """`priced`: a credit note gives back the price of its goods; otherwise another one does."""
        self._priced = priced
        self._client, self._places, self._orders, self._documents = client, places, orders, documents
        self._selling, self._ids, self._clock = selling, ids, clock

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int], *, key: str) -> None:
        """Book returned units into stock, up to these totals per branch."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            _, parts = await self._documents.by_id(number)
            back = await self._returned(ref)
            sold: dict[Sku, tuple[str, Decimal]] = {}
            for part in parts:
                for line in part.lines:
                    if line.sku is not None and line.shipped:
                        sold[line.sku] = (part.id, line.price)
            for (sku, place), target in sorted(units.items()):
                count = due(
                    (sku, place),
                    target,
                    parts=parts,
                    back=back,
                    number=number,
                    who=WHO,
                    sent_by="dispatches",
                    code="omni_return_too_large",
                )
                if not count:
                    continue
                order, price = sold[sku]
                row = self._orders.row(order)
                mark = sha256(f"{self._ids.of(ref)} {sku} {place} {target}".encode()).hexdigest()[:24]
                note: Row = {
                    "reference": f"cr-{mark}",
                    "salesReference": row["reference"],
                    "isApproved": False,
                    "branchId": await self._places.branch(place),
                    "currencyCode": row["currencyCode"],
                    "taxStatus": "Exempt",
                    "internalComments": key[:250],
                    "lineItems": [{"code": sku, "qty": -count, "unitPrice": price if self._priced else 0}],
                }
                for name in ("memberId", "memberEmail"):
                    if row.get(name):
                        note[name] = row[name]
                all_written(await self._client.post("CreditNotes", [note]))
                back = await self._returned(ref)

    async def _returned(self, ref: OrderId) -> Mapping[Shelf, int]:
        """What came back, once every credit note of ours that was left a draft is approved."""
        rows = await self._orders.credits(ref)
        drafts = [
            row
            for row in rows
            if str(row.get("status") or "").upper() == DRAFT and str(row.get("reference")).startswith("cr-")
        ]
        if not drafts:
            return returned_in(rows)
        now = stamp(self._clock.now())
        records: list[Row] = [{"id": row["id"], "isApproved": True, "completedDate": now} for row in drafts]
        all_written(await self._client.put("CreditNotes", records))
        return returned_in(await self._orders.credits(ref))
