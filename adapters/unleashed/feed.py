"""What moved since a cursor: our orders and shipments by the time they were modified, stock by the same.

Asked without a warehouse, StockOnHand tells one row for each product that moved in any of them: one call a poll.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.moments import LONG_AGO
from adapters.stamped_feed import Moved, StampedFeed
from adapters.unleashed.client import UnleashedClient, moment, since
from adapters.unleashed.orders import LONGEST_TRANSACTION, Orders
from adapters.unleashed.trouble import WHO
from engine.model.ids import Sku

ALL_OF_IT = 3
"""Calls that a poll begins: stock, orders, shipments."""


class Feed(StampedFeed):
    """Asks for stock by the time it was modified."""

    def __init__(
        self, client: UnleashedClient, orders: Orders, *, overlap: float = LONGEST_TRANSACTION
    ) -> None:
        super().__init__(WHO, orders, lambda: client.their_now, overlap=overlap)
        self._client = client

    async def _stock(self, begin: datetime) -> Sequence[Moved]:
        rows, _ = await self._client.rows(
            "StockOnHand",
            lambda row: row["ProductGuid"],
            looking=ALL_OF_IT,
            modifiedSince=since(begin),
        )
        told = [
            Moved(
                row["ProductCode"],
                Sku(row["ProductCode"]),
                moment(row.get("LastModifiedOn")) or LONG_AGO,
                (row.get("QtyOnHand"), row.get("AllocatedQty")),
            )
            for row in rows
        ]
        return [one for one in told if one.at >= begin]
