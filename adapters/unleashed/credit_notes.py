"""Free credit notes that bear the reference of an order: made under a GUID of ours and then completed.

One that was made and not completed is found and completed, not made again. The names of their fields are not confirmed
with a live account.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.external_ids import ExternalIds
from adapters.unleashed.client import Row, UnleashedClient, stamp
from adapters.unleashed.orders import Orders
from adapters.unleashed.wire import PARKED
from engine.model.ids import OrderId

COMMENTS = 256


class CreditNotes:
    """Makes them and reads what is there."""

    def __init__(self, client: UnleashedClient, orders: Orders, ids: ExternalIds) -> None:
        self._client, self._orders, self._ids = client, orders, ids

    async def settled(self, ref: OrderId, mark: str = "") -> Sequence[Row]:
        """All of an order, once every one that was left open and whose comments begin with `mark` is completed."""
        rows = await self._orders.credits(ref)
        left = [
            row
            for row in rows
            if row.get("Status") == PARKED and str(row.get("Comments") or "").startswith(mark)
        ]
        for row in left:
            await self._complete(row["Guid"])
        return await self._orders.credits(ref) if left else rows

    async def enter(
        self,
        ref: OrderId,
        guid: str,
        *,
        order: Row,
        warehouse: Row,
        at: datetime,
        comments: str,
        lines: Sequence[Row],
        total: Decimal,
    ) -> None:
        """Make one against an order and complete it; it bears no tax of its own."""
        body = {
            "Guid": guid,
            "Reference": self._ids.of(ref),
            "Comments": comments[:COMMENTS],
            "CreditDate": stamp(at),
            "Customer": order["Customer"],
            "Currency": order["Currency"],
            "Warehouse": warehouse,
            "Tax": order["Tax"],
            "CreditLines": [{"LineNumber": number, **line} for number, line in enumerate(lines, 1)],
            "SubTotal": total,
            "TaxTotal": 0,
            "Total": total,
        }
        await self._client.post("CreditNotes/FreeCredit", body)
        await self._complete(guid)

    async def _complete(self, guid: str) -> None:
        await self._client.post(f"CreditNotes/{guid}/Complete")
