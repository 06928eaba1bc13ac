"""Goods that came back: a free credit note that returns them to stock.

Its GUID is made of the order and the target, so none is made twice.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.coming_back import due
from adapters.parted import Shelf
from adapters.unleashed.credit_notes import CreditNotes
from adapters.unleashed.documents import Documents
from adapters.unleashed.orders import Orders
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Selling
from adapters.unleashed.trouble import WHO
from adapters.unleashed.wire import guid_of, returned_in
from engine.model.clock import Clock
from engine.model.ids import DocumentId, OrderId, Sku


class Returning:
    """Books returns."""

    def __init__(
        self,
        places: Places,
        orders: Orders,
        credits: CreditNotes,
        documents: Documents,
        selling: Selling,
        clock: Clock,
        *,
        priced: bool = True,
    ) -> None:
        """`priced`: a credit note gives back the price of its goods; otherwise another one does."""
        self._priced = priced
        self._places, self._orders, self._credits, self._documents = places, orders, credits, documents
        self._selling, self._clock = selling, clock

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int], *, key: str) -> None:
        """Book returned units into stock, up to these totals per warehouse."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            _, parts = await self._documents.by_id(number)
            back = await self._returned(ref)
            prices: dict[Sku, Decimal] = {}
            for part in parts:
                prices |= {line.sku: line.price for line in part.lines if line.sku is not None}
            for (sku, place), target in sorted(units.items()):
                count = due(
                    (sku, place),
                    target,
                    parts=parts,
                    back=back,
                    number=number,
                    who=WHO,
                    sent_by="shipments",
                    code="unleashed_return_too_large",
                )
                if not count:
                    continue
                price = prices[sku] if self._priced else Decimal(0)
                total = count * price
                line = {
                    "Product": {"ProductCode": sku},
                    "CreditQuantity": count,
                    "CreditPrice": price,
                    "LineTotal": total,
                    "LineTax": 0,
                    "ReturnToStock": True,
                }
                await self._credits.enter(
                    ref,
                    guid_of(parts[0].id, f"credit {sku} {place} {target}"),
                    order=self._orders.row(parts[0].id),
                    warehouse={"WarehouseCode": await self._places.warehouse(place)},
                    at=self._clock.now(),
                    comments=key,
                    lines=[line],
                    total=total,
                )
                back = await self._returned(ref)

    async def _returned(self, ref: OrderId) -> Mapping[Shelf, int]:
        """What came back, once every credit note of ours that was left open is completed."""
        return returned_in(await self._credits.settled(ref))
