"""Goods that came back: a credit note of the sale that restocks them.

Cin7 Core credits only what was invoiced, so a sale nobody has invoiced is invoiced first, as it was ordered.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.cin7_core.client import NOTHING, Cin7CoreClient, Row, stamp
from adapters.cin7_core.documents import Documents, living
from adapters.cin7_core.invoicing import invoiced
from adapters.cin7_core.places import Places
from adapters.cin7_core.wire import AUTHORISED, Sale, Shelf
from engine.model.clock import Clock
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku


class Returning:
    """Books returns."""

    def __init__(
        self,
        client: Cin7CoreClient,
        places: Places,
        documents: Documents,
        clock: Clock,
        *,
        priced: bool = True,
    ) -> None:
        """`priced`: a credit note gives back the price of its goods; otherwise another one does."""
        self._client, self._places, self._documents, self._clock = client, places, documents, clock
        self._priced = priced

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int], *, key: str) -> None:
        """Book returned units into stock, up to these totals per location."""
        _, parts = await self._documents.by_id(number)
        out: dict[tuple[str, Sku], int] = {}
        for part in living(parts):
            for (sku, _), count in part.shipped.items():
                out[part.id, sku] = out.get((part.id, sku), 0) + count
            for (sku, _), count in part.returned.items():
                out[part.id, sku] = out.get((part.id, sku), 0) - count
        booked: dict[str, list[tuple[Shelf, int]]] = {}
        for (sku, place), target in sorted(units.items()):
            left = target - sum(part.returned.get((sku, place), 0) for part in parts)
            if left > 0:
                await self._places.location(place)
            for part in living(parts):
                take = min(left, out.get((part.id, sku), 0))
                if take > 0:
                    booked.setdefault(part.id, []).append(((sku, place), take))
                    out[part.id, sku] -= take
                    left -= take
            if left > 0:
                raise Refused(
                    f"More of {sku} would come back than sale {number} of Cin7 Core sent out.",
                    "Compare the sale's shipments and credit notes in Cin7 Core with the shop, then retry.",
                    code="cin7_core_return_too_large",
                )
        for part in living(parts):
            if part.id in booked:
                await self._credit(part, booked[part.id], key)

    async def _credit(self, part: Sale, back: list[tuple[Shelf, int]], key: str) -> None:
        today = stamp(self._clock.now())
        await invoiced(self._client, part, today)
        lines: list[Row] = []
        restock: list[Row] = []
        for (sku, place), count in back:
            sold = next(line for line in part.lines if line["SKU"] == sku)
            price = sold["Price"] if self._priced else Decimal(0)
            lines.append({**sold, "Quantity": count, "Price": price, "Total": price * count})
            line: Row = {"ProductID": sold["ProductID"], "SKU": sku, "Name": sold["Name"], "Quantity": count}
            restock.append({**line, "Location": place, **_batch(part, sku)})
        await self._client.post(
            "sale/creditnote",
            {
                "SaleID": part.id,
                "TaskID": NOTHING,
                "Status": AUTHORISED,
                "CreditNoteDate": today,
                "Memo": key[:256],
                "Lines": lines,
                "AdditionalCharges": [],
                "Restock": restock,
                "TotalBeforeTax": sum((line["Total"] for line in lines), Decimal(0)),
                "Tax": Decimal(0),
                "Total": sum((line["Total"] for line in lines), Decimal(0)),
            },
        )


def _batch(part: Sale, sku: Sku) -> Row:
    """The batch the goods were of, where they had one."""
    for each in part.fulfilments:
        for line in each.lines:
            if line["SKU"] == sku and line.get("BatchSN"):
                return {"BatchSN": line["BatchSN"], "ExpiryDate": line.get("ExpiryDate")}
    return {}
