"""Stock of many items at every location, with what it is promised to, in one statement of SuiteQL.

One statement sees one state of the database, so what is on hand and what our open orders hold belong together.
Promised is what NetSuite has committed and what it has backordered: both are owed to somebody.
"""

from collections import defaultdict
from collections.abc import Collection
from math import ceil, floor

from adapters.external_ids import ExternalIds
from adapters.http import silent
from adapters.netsuite.client import NetSuiteClient, texts
from adapters.netsuite.names import Names
from adapters.netsuite.trouble import WHO
from engine.model.clock import Clock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

CHUNK, MOST = 80, 400
"""Items the first question asks for, and the most that any does: with their locations and open orders they must fit
one page of 1,000 rows."""
FULL = 900
"""Rows a question is made for, by how many its items had before."""
SHELVES = (
    "SELECT 'shelf' AS kind, item, location, quantityonhand AS onhand, "
    "NVL(quantitycommitted, 0) + NVL(quantitybackordered, 0) AS promised, '' AS ref "
    "FROM aggregateitemlocation WHERE item IN {items}"
)
PROMISES = (
    "SELECT 'order' AS kind, tl.item, tl.location, 0 AS onhand, "
    "SUM(-tl.quantity - NVL(tl.quantityshiprecv, 0)) AS promised, t.externalid AS ref "
    "FROM transaction t JOIN transactionline tl ON tl.transaction = t.id "
    "WHERE t.type = 'SalesOrd' AND t.status IN ('A', 'B', 'D', 'E') AND t.externalid LIKE {prefix} "
    "AND tl.mainline = 'F' AND tl.taxline = 'F' AND tl.isclosed = 'F' AND tl.item IN {items} "
    "GROUP BY tl.item, tl.location, t.externalid "
    "HAVING SUM(-tl.quantity - NVL(tl.quantityshiprecv, 0)) > 0"
)


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: NetSuiteClient, names: Names, ids: ExternalIds, clock: Clock) -> None:
        self._client, self._names, self._ids, self._clock = client, names, ids, clock
        self._chunk_size = CHUNK

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        taken = self._clock.now()
        known = await self._names.items(sorted(set(skus)))
        shelves: dict[tuple[Sku, WarehouseId], ShelfStock] = {}
        names = sorted(known)
        while names:
            chunk = {known[name]: Sku(name) for name in names[: self._chunk_size]}
            names = names[self._chunk_size :]
            shelves |= await self._chunk(chunk)
        return StockSnapshot(taken, shelves)

    async def _chunk(self, skus: dict[str, Sku]) -> dict[tuple[Sku, WarehouseId], ShelfStock]:
        """One question; asked again in halves when its answer is longer than a page."""
        items = texts(sorted(skus))
        prefix = "'" + self._ids.prefix.replace("'", "''") + "%'"
        question = f"{SHELVES.format(items=items)} UNION ALL {PROMISES.format(items=items, prefix=prefix)}"
        rows, more = await self._client.page(question)
        if more:
            if len(skus) == 1:
                raise silent(WHO, write=False, log="more rows of one item than a page", code="netsuite_page")
            self._chunk_size = max(1, self._chunk_size // 2)
            ids = sorted(skus)
            halves = (ids[: len(ids) // 2], ids[len(ids) // 2 :])
            first, second = [await self._chunk({number: skus[number] for number in half}) for half in halves]
            return first | second
        if len(skus) >= self._chunk_size and rows:
            self._chunk_size = max(1, min(MOST, FULL * len(skus) // len(rows)))
        counted: dict[tuple[Sku, WarehouseId], tuple[int, int]] = {}
        ours: dict[tuple[Sku, WarehouseId], dict[OrderId, int]] = defaultdict(dict)
        for row in rows:
            shelf = (skus[row["item"]], WarehouseId(row.get("location", "")))
            if row["kind"] == "shelf":
                counted[shelf] = (floor(float(row.get("onhand", 0))), ceil(float(row.get("promised", 0))))
            elif (ref := self._ids.ref(row["ref"])) is not None:
                ours[shelf][ref] = ceil(float(row["promised"]))
        return {
            shelf: ShelfStock(*counted.get(shelf, (0, 0)), ours.get(shelf, {}))
            for shelf in counted.keys() | ours.keys()
        }
