"""Stock of many products in every warehouse, as of one moment.

Tryton answers one question per transaction, so the reading is fenced: the number of done and of cancelled moves of
these products is counted before and after. Stock on hand changes only by a move becoming done or a done one being
cancelled; when neither count moved, the reservations read in between and the quantities belong to one moment.
"""

import math
from collections import defaultdict
from collections.abc import Collection

from adapters.tryton.places import Atlas, Places
from adapters.tryton.rpc import Row, Rpc
from engine.model.clock import Clock
from engine.model.failure import TryLater
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

CHUNK = 2000
TRIES = 4
OPEN = ["draft", "assigned"]


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, rpc: Rpc, places: Places, clock: Clock, shop: int) -> None:
        self._rpc = rpc
        self._places = places
        self._clock = clock
        self._shop = shop

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere; read again while it moves."""
        wanted = sorted(set(skus))
        taken = self._clock.now()
        shelves: dict[tuple[Sku, WarehouseId], ShelfStock] = {}
        for start in range(0, len(wanted), CHUNK):
            shelves.update(await self._settled(wanted[start : start + CHUNK]))
        return StockSnapshot(taken, shelves)

    async def _settled(self, skus: list[Sku]) -> dict[tuple[Sku, WarehouseId], ShelfStock]:
        """Read until nothing moves meanwhile; what keeps moving is read in smaller and quicker parts."""
        for _ in range(TRIES):
            before = await self._fence(skus)
            atlas = await self._places.atlas()
            promised, ours = await self._promised(skus, atlas)
            counted = await self._counted(skus, atlas)
            if await self._fence(skus) == before:
                return {
                    key: ShelfStock(counted.get(key, 0), promised.get(key, 0), ours.get(key, {}))
                    for key in {*counted, *promised}
                    if counted.get(key, 0) or promised.get(key, 0)
                }
            if len(skus) > 1:
                half = len(skus) // 2
                return {**await self._settled(skus[:half]), **await self._settled(skus[half:])}
        raise TryLater(
            "Stock in Tryton moved while it was being read",
            "TrueUp reads it again by itself",
            code="tryton_stock_moving",
        )

    async def _fence(self, skus: list[Sku]) -> tuple[int, int]:
        counts = [
            int(
                await self._rpc.model(
                    "stock.move", "search_count", [["product.code", "in", skus], ["state", "=", state]]
                )
            )
            for state in ("done", "cancelled")
        ]
        return counts[0], counts[1]

    async def _counted(self, skus: list[Sku], atlas: Atlas) -> dict[tuple[Sku, WarehouseId], int]:
        found: dict[tuple[Sku, WarehouseId], int] = defaultdict(int)
        for warehouse in atlas.warehouses:
            rows = await self._rpc.rows(
                "product.product",
                [["code", "in", skus], ["type", "=", "goods"]],
                ["code", "quantity"],
                locations=[warehouse.id],
                with_childs=True,
                active_test=False,
            )
            for row in rows:
                found[Sku(row["code"].strip()), warehouse.name] += math.floor(row["quantity"] or 0)
        return found

    async def _promised(
        self, skus: list[Sku], atlas: Atlas
    ) -> tuple[dict[tuple[Sku, WarehouseId], int], dict[tuple[Sku, WarehouseId], dict[OrderId, int]]]:
        rows = await self._rpc.rows(
            "stock.move",
            [["product.code", "in", skus], ["state", "in", OPEN]],
            [
                *("product.code", "state", "internal_quantity", "from_location", "to_location"),
                *("sale.web_shop", "sale.web_id"),
            ],
        )
        total: dict[tuple[Sku, WarehouseId], int] = defaultdict(int)
        ours: dict[tuple[Sku, WarehouseId], dict[OrderId, int]] = {}
        for row in rows:
            warehouse = atlas.inside.get(row["from_location"])
            if warehouse is None or not leaves(row, warehouse, atlas):
                continue
            key = (Sku(row["product."]["code"].strip()), warehouse)
            units = math.ceil(row["internal_quantity"])
            total[key] += units
            sale = row["sale."]
            if sale and sale["web_shop"] == self._shop and sale["web_id"]:
                orders = ours.setdefault(key, {})
                ref = OrderId(sale["web_id"])
                orders[ref] = orders.get(ref, 0) + units
        return total, ours


def leaves(move: Row, warehouse: WarehouseId, atlas: Atlas) -> bool:
    """True for a promise: planned for a buyer, or already assigned to leave for elsewhere."""
    if atlas.inside.get(move["to_location"]) == warehouse:
        return False
    return move["to_location"] in atlas.customers or move["state"] == "assigned"
