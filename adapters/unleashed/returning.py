"""Goods that came back: a free credit note that returns them to stock, completed.

Its GUID is made of the order and the target, and the order's reference stands on it: one that was made and not
completed is found and completed, not made again. The names of its fields are not confirmed with a live account.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.coming_back import due
from adapters.external_ids import ExternalIds
from adapters.parted import Shelf
from adapters.unleashed.client import UnleashedClient, stamp
from adapters.unleashed.documents import Documents
from adapters.unleashed.orders import Orders
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Selling
from adapters.unleashed.trouble import WHO
from adapters.unleashed.wire import PARKED, guid_of, returned_in
from engine.model.clock import Clock
from engine.model.ids import DocumentId, OrderId, Sku


class Returning:
    """Books returns."""

    def __init__(
        self,
        client: UnleashedClient,
        places: Places,
        orders: Orders,
        documents: Documents,
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
                mine = guid_of(parts[0].id, f"credit {sku} {place} {target}")
                price = prices[sku] if self._priced else Decimal(0)
                total = count * price
                body = {
                    "Guid": mine,
                    "Reference": self._ids.of(ref),
                    "Comments": key[:256],
                    "CreditDate": stamp(self._clock.now()),
                    "Customer": self._orders.row(parts[0].id)["Customer"],
                    "Currency": self._orders.row(parts[0].id)["Currency"],
                    "Warehouse": {"WarehouseCode": await self._places.warehouse(place)},
                    "Tax": self._orders.row(parts[0].id)["Tax"],
                    "CreditLines": [
                        {
                            "LineNumber": 1,
                            "Product": {"ProductCode": sku},
                            "CreditQuantity": count,
                            "CreditPrice": price,
                            "LineTotal": total,
                            "LineTax": 0,
                            "ReturnToStock": True,
                        }
                    ],
                    "SubTotal": total,
                    "TaxTotal": 0,
                    "Total": total,
                }
                await self._client.post("CreditNotes/FreeCredit", body)
                await self._client.post(f"CreditNotes/{mine}/Complete")
                back = await self._returned(ref)

    async def _returned(self, ref: OrderId) -> Mapping[Shelf, int]:
        """What came back, once every credit note of ours that was left open is completed."""
        rows = await self._orders.credits(ref)
        left = [row for row in rows if row.get("Status") == PARKED]
        for row in left:
            await self._client.post(f"CreditNotes/{row['Guid']}/Complete")
        return returned_in(await self._orders.credits(ref) if left else rows)
