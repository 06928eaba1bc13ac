"""Stock of many products in every warehouse, as of one moment.

On hand is the sum of the quants under each warehouse's stock location, so that input, quality control, packing and
output count for nothing. Promised is the demand of every delivery move that has not left: Odoo's own
`reserved_quantity` covers only what happens to be in stock.

All quants of a product come by one call, so goods on their way from shelf to shelf are counted once. A delivery that
leaves, is begun, changed or called off while they are read changes the list of open deliveries, so the reading is made
between two equal looks at that list.
"""

from collections import defaultdict
from collections.abc import Collection
from math import ceil, floor

from adapters.odoo.client import OdooClient, Row, of
from adapters.odoo.documents import Documents
from adapters.odoo.places import Places
from adapters.odoo.trouble import WHO
from adapters.steady import between_equal_looks
from engine.model.clock import Clock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

ROWS = 50_000
"""Quants that one call is made for: an answer of some megabytes."""
ENOUGH = 100
"""Products from whose quants those of others are judged."""
OPEN = ["waiting", "confirmed", "partially_available", "assigned"]
Shelf = tuple[Sku, WarehouseId]


Delivery = tuple[int, int, float, int | None, int | None]
"""(move, product, demand, location it leaves from, sales line)."""


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: OdooClient, places: Places, documents: Documents, clock: Clock) -> None:
        self._client = client
        self._places = places
        self._documents = documents
        self._clock = clock
        self._per_product = 0.0
        """Quants that a product has, of those that were read last; until then one in each place for goods to sell."""

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        taken = self._clock.now()
        shelves: dict[Shelf, ShelfStock] = {}
        known = await self._places.product_ids(sorted(set(skus)))
        products = sorted(known.values())
        codes = {number: Sku(code) for code, number in known.items()}
        while products:
            size = await self._size()
            shelves |= await self._chunk({number: codes[number] for number in products[:size]})
            products = products[size:]
        return StockSnapshot(taken, shelves)

    async def _size(self) -> int:
        """How many products one call is made for."""
        per_product = self._per_product or len((await self._places.atlas()).sellable)
        return max(ENOUGH, int(ROWS / max(per_product, 1.0)))

    async def _chunk(self, codes: dict[int, Sku]) -> dict[Shelf, ShelfStock]:
        products = list(codes)
        atlas = await self._places.atlas()
        look, quants = await between_equal_looks(
            lambda: self._look(products), lambda: self._quants(products), who=WHO
        )
        counted: dict[Shelf, float] = defaultdict(float)
        for row in quants:
            warehouse = atlas.sellable.get(of(row["location_id"]) or 0)
            if warehouse is not None:
                counted[codes[of(row["product_id"]) or 0], warehouse] += row["quantity"]
        promised: dict[Shelf, float] = defaultdict(float)
        ours: dict[Shelf, dict[OrderId, float]] = defaultdict(lambda: defaultdict(float))
        refs = await self._documents.refs_of_lines([line for *_, line in look if line])
        for _, product, demand, location, line in look:
            warehouse = atlas.inside.get(location or 0)
            if warehouse is None:
                continue
            promised[codes[product], warehouse] += demand
            if line is not None and line in refs:
                ours[codes[product], warehouse][refs[line]] += demand
        return {
            shelf: ShelfStock(
                floor(counted[shelf]),
                ceil(promised[shelf]),
                {ref: ceil(units) for ref, units in ours[shelf].items()},
            )
            for shelf in {*counted, *promised}
        }

    async def _look(self, products: list[int]) -> list[Delivery]:
        """Deliveries of these products that have not left."""
        rows = await self._client.rows(
            "stock.move",
            [
                ["product_id", "in", products],
                ["state", "in", OPEN],
                ["location_dest_id.usage", "=", "customer"],
                ["location_id.usage", "=", "internal"],
            ],
            ["product_id", "product_uom_qty", "location_id", "sale_line_id"],
        )
        return [
            (
                row["id"],
                of(row["product_id"]) or 0,
                row["product_uom_qty"],
                of(row["location_id"]),
                of(row["sale_line_id"]),
            )
            for row in rows
        ]

    async def _quants(self, products: list[int]) -> list[Row]:
        rows: list[Row] = await self._client.call(
            "stock.quant",
            "search_read",
            domain=[["product_id", "in", products], ["location_id.usage", "=", "internal"]],
            fields=["product_id", "location_id", "quantity"],
        )
        if len(products) >= ENOUGH:
            self._per_product = len(rows) / len(products)
        return rows
