"""Stock of many products in every warehouse, as of one moment.

On hand is the sum of the quants under each warehouse's stock location, so that input, quality control, packing and
output count for nothing. Promised is the demand of every delivery move that has not left: Odoo's own
`reserved_quantity` covers only what happens to be in stock. Quants change by moves becoming done, so the reading is
made between two equal looks at the moves.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from math import ceil, floor

from adapters.odoo.client import Domain, OdooClient, Row, of
from adapters.odoo.documents import Documents
from adapters.odoo.places import Places
from adapters.odoo.trouble import WHO
from adapters.steady import between_equal_looks
from engine.model.clock import Clock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.stock import ShelfStock, StockSnapshot

CHUNK = 400
OPEN = ["waiting", "confirmed", "partially_available", "assigned"]
Shelf = tuple[Sku, WarehouseId]


@dataclass(frozen=True, slots=True)
class Look:
    """The open deliveries of some products, and how many of their moves are over."""

    open: tuple[tuple[int, int, float, int | None, int | None], ...]
    """(move, product, demand, location it leaves from, sales line)."""
    done: int
    cancelled: int


class Shelves:
    """Reads snapshots of stock."""

    def __init__(self, client: OdooClient, places: Places, documents: Documents, clock: Clock) -> None:
        self._client = client
        self._places = places
        self._documents = documents
        self._clock = clock

    async def snapshot(self, skus: Collection[Sku]) -> StockSnapshot:
        """Stock of these SKUs everywhere."""
        taken = self._clock.now()
        shelves: dict[Shelf, ShelfStock] = {}
        wanted = sorted(set(skus))
        for start in range(0, len(wanted), CHUNK):
            known = await self._places.product_ids(wanted[start : start + CHUNK])
            if known:
                shelves |= await self._chunk({number: Sku(code) for code, number in known.items()})
        return StockSnapshot(taken, shelves)

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
        refs = await self._documents.refs_of_lines([line for *_, line in look.open if line])
        for _, product, demand, location, line in look.open:
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

    async def _look(self, products: list[int]) -> Look:
        mine: Domain = [["product_id", "in", products]]
        rows = await self._client.rows(
            "stock.move",
            [
                *mine,
                ["state", "in", OPEN],
                ["location_dest_id.usage", "=", "customer"],
                ["location_id.usage", "=", "internal"],
            ],
            ["product_id", "product_uom_qty", "location_id", "sale_line_id"],
        )
        return Look(
            tuple(
                (
                    row["id"],
                    of(row["product_id"]) or 0,
                    row["product_uom_qty"],
                    of(row["location_id"]),
                    of(row["sale_line_id"]),
                )
                for row in rows
            ),
            await self._client.count("stock.move", [*mine, ["state", "=", "done"]]),
            await self._client.count("stock.move", [*mine, ["state", "=", "cancel"]]),
        )

    async def _quants(self, products: list[int]) -> list[Row]:
        domain: Domain = [["product_id", "in", products], ["location_id.usage", "=", "internal"]]
        return await self._client.rows("stock.quant", domain, ["product_id", "location_id", "quantity"])
