"""Goods that came back: a credit note of negative quantities against the order that sent them.

Its reference is made of the order and the target, so none is entered twice.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from adapters.cin7_omni.credit_notes import CreditNotes
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.selling import Selling
from adapters.cin7_omni.trouble import WHO
from adapters.cin7_omni.wire import returned_in
from adapters.coming_back import due
from adapters.external_ids import ExternalIds
from adapters.parted import Shelf
from adapters.parted_documents import PartedDocuments
from engine.model.ids import DocumentId, OrderId, Sku

MARK = "cr-"
"""What the reference of a credit note of goods begins with."""


class Returning:
    """Books returns."""

    def __init__(
        self,
        places: Places,
        orders: Orders,
        credits: CreditNotes,
        documents: PartedDocuments,
        selling: Selling,
        ids: ExternalIds,
        *,
        priced: bool = True,
    ) -> None:
        """`priced`: a credit note gives back the price of its goods; otherwise another one does."""
        self._priced = priced
        self._places, self._orders, self._credits, self._documents = places, orders, credits, documents
        self._selling, self._ids = selling, ids

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
                mark = sha256(f"{self._ids.of(ref)} {sku} {place} {target}".encode()).hexdigest()[:24]
                await self._credits.draft(
                    self._orders.row(order),
                    f"{MARK}{mark}",
                    branch=await self._places.branch(place),
                    comments=key,
                    lines=[{"code": sku, "qty": -count, "unitPrice": price if self._priced else 0}],
                )
                back = await self._returned(ref)

    async def _returned(self, ref: OrderId) -> Mapping[Shelf, int]:
        """What came back, once every credit note of ours that was left a draft is approved."""
        return returned_in(await self._credits.settled(ref, MARK))
