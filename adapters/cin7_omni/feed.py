"""What moved since a cursor: our orders by the time they were modified, stock by its last transaction.

Stamps are whole seconds, so each poll looks back over a while and tells only what differs from what it saw.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.cin7_omni.client import OmniClient, moment, stamp, text
from adapters.cin7_omni.orders import LONGEST_TRANSACTION, Orders
from adapters.cin7_omni.shelves import row_key
from adapters.cin7_omni.trouble import WHO
from adapters.moments import LONG_AGO
from adapters.stamped_feed import Moved, StampedFeed
from engine.model.ids import Sku

ALL_OF_IT = 2
"""Calls that a poll begins: stock, orders."""


class Feed(StampedFeed):
    """Asks for stock by the time it was modified."""

    def __init__(self, client: OmniClient, orders: Orders, *, overlap: float = LONGEST_TRANSACTION) -> None:
        super().__init__(WHO, orders, lambda: client.their_now, overlap=overlap)
        self._client = client

    async def _stock(self, begin: datetime) -> Sequence[Moved]:
        where = f"modifiedDate>={text(stamp(begin))}"
        rows, _ = await self._client.rows("Stock", row_key, where=where, order="code", looking=ALL_OF_IT)
        return [
            Moved(
                row_key(row),
                Sku(str(row["code"])),
                moment(row.get("modifiedDate")) or LONG_AGO,
                (row.get("stockOnHand"), row.get("openSales")),
            )
            for row in rows
        ]
