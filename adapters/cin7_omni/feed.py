"""What moved since a cursor: our orders by the time they were modified, stock by its last transaction.

Stamps are whole seconds, so each poll looks back over a while and tells only what differs from what it saw. A cursor
is a place in the list of what was seen; after a restart everything since its moment is told once more.
"""

import uuid
from collections import deque
from datetime import UTC, datetime, timedelta

from adapters.cin7_omni.client import OmniClient, Row, moment, stamp, text
from adapters.cin7_omni.orders import LONG_AGO, LONGEST_TRANSACTION, Orders
from adapters.cin7_omni.shelves import row_key
from adapters.cin7_omni.trouble import WHO
from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku
from engine.ports import Changes

ALL_OF_IT = 2
"""Calls that a poll begins: stock, orders."""
KEPT = 200_000
"""Sightings that are remembered; a cursor that is older is told everything since its moment."""


class Feed:
    """Sightings in the order they were made."""

    def __init__(self, client: OmniClient, orders: Orders, *, overlap: float = LONGEST_TRANSACTION) -> None:
        self._client, self._orders = client, orders
        self._overlap = timedelta(seconds=overlap)
        self._life = uuid.uuid4().hex[:8]
        self._count = 0
        self._log: deque[tuple[int, Sku | None, OrderId | None]] = deque(maxlen=KEPT)
        self._rows: dict[object, tuple[datetime, object, object]] = {}
        self._newest: datetime | None = None
        orders.told = lambda ref: self._note(None, ref)

    async def since(self, cursor: str | None) -> Changes:
        """See `engine.ports.BackOffice.changes`."""
        before = None if cursor is None else self._read(cursor)
        if self._newest is None:
            begin = self._client.their_now if before is None else before[2]
            await self._moved(begin, telling=before is not None)
        else:
            await self._moved(self._newest, telling=True)
        await self._orders.look()
        if before is None:
            return Changes(frozenset(), frozenset(), self._give())
        life, place, at = before
        if life == self._life and (not self._log or self._log[0][0] <= place + 1):
            seen = [one for one in self._log if one[0] > place]
            skus = {sku for _, sku, _ in seen if sku is not None}
            orders = {ref for _, _, ref in seen if ref is not None}
            if not seen and cursor is not None:
                return Changes(frozenset(), frozenset(), cursor)
        else:
            skus = {sku for _, sku, _ in self._log if sku is not None}
            orders = set(self._orders.changed_since(at - self._overlap))
        return Changes(frozenset(skus), frozenset(orders), self._give())

    async def _moved(self, newest: datetime, *, telling: bool) -> None:
        since = newest - self._overlap
        where = f"modifiedDate>={text(stamp(since))}"
        rows, _ = await self._client.rows("Stock", row_key, where=where, order="code", looking=ALL_OF_IT)
        for row in rows:
            seen = (_at(row), row.get("stockOnHand"), row.get("openSales"))
            if self._rows.get(row_key(row)) != seen:
                self._rows[row_key(row)] = seen
                if telling:
                    self._note(Sku(str(row["code"])), None)
        self._newest = max([newest, *map(_at, rows)])
        floor = self._newest - 2 * self._overlap
        self._rows = {key: seen for key, seen in self._rows.items() if seen[0] >= floor}

    def _note(self, sku: Sku | None, ref: OrderId | None) -> None:
        self._count += 1
        self._log.append((self._count, sku, ref))

    def _give(self) -> str:
        return f"{(self._newest or LONG_AGO).isoformat()}|{self._life}.{self._count}"

    @staticmethod
    def _read(cursor: str) -> tuple[str, int, datetime]:
        try:
            at, _, place = cursor.partition("|")
            life, _, count = place.partition(".")
            return life, int(count), datetime.fromisoformat(at).astimezone(UTC)
        except ValueError as odd:
            raise Misset(
                f"The remembered place in the changes of {WHO} is not one of ours.",
                "Let TrueUp start its polling anew for this connection.",
                code="cursor",
            ) from odd


def _at(row: Row) -> datetime:
    return moment(row.get("modifiedDate")) or LONG_AGO
