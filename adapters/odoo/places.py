"""Warehouses and products of an Odoo company, with the ids we need of them; read again when a name is not known."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.odoo.client import Domain, OdooClient, Row, of
from engine.model.clock import Clock
from engine.model.failure import Unmapped
from engine.model.ids import Sku, WarehouseId
from engine.ports import Place

STANDING = (True, "product")
"""What that field says of goods that stand on shelves."""
KEEP = timedelta(minutes=2)
"""How long the map of locations is trusted."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One warehouse; its code is what we call it."""

    id: int
    code: WarehouseId
    name: str
    active: bool
    stock: int
    """Location under which its sellable stock stands; input, quality control and output are beside it."""
    incoming: int
    """Operation type of receipts."""
    outgoing: int
    """Operation type of deliveries."""
    route: int | None
    """Its delivery route: on a sales line it makes the goods leave from here."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """All warehouses and which location belongs to which."""

    warehouses: Mapping[WarehouseId, Warehouse]
    sellable: Mapping[int, WarehouseId]
    """Internal locations under a warehouse's stock location."""
    inside: Mapping[int, WarehouseId]
    """Every internal location of a warehouse, output and quality control too."""
    customers: int
    """The location goods go to when they leave for a buyer."""

    def warehouse(self, code: WarehouseId) -> Warehouse:
        """The warehouse of this code; Unmapped when there is none in use."""
        found = self.warehouses.get(code)
        if found is None or not found.active:
            raise Unmapped(
                f"Odoo has no warehouse {code}.",
                "Correct [connections.locations] in the configuration or open the warehouse in Odoo, and retry.",
                code="warehouse_unknown",
            )
        return found


class Places:
    """Reads and remembers them."""

    def __init__(self, client: OdooClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._atlas: Atlas | None = None
        self._read_at: datetime | None = None
        self._products: dict[str, int] = {}
        self._codes: dict[int, Sku] = {}
        self._stands: dict[int, bool] = {}

    async def listed(self) -> tuple[Place, ...]:
        """All warehouses, archived ones too."""
        atlas = await self._read()
        return tuple(Place(each.code, each.name, each.active) for each in atlas.warehouses.values())

    async def atlas(self) -> Atlas:
        """The map, at most two minutes old."""
        now = self._clock.now()
        if self._atlas is None or self._read_at is None or now - self._read_at > KEEP:
            return await self._read()
        return self._atlas

    async def products(self) -> AsyncIterator[tuple[Sku, ...]]:
        """Internal references of all stocked products; one that two products share is left out, nobody may write it."""
        flag = await self._flag()
        rows = await self._client.rows(
            "product.product", [["default_code", "!=", False]], ["default_code", flag]
        )
        self._products.clear()
        self._remember(rows)
        self._stands |= {row["id"]: row[flag] in STANDING for row in rows}
        codes = [Sku(code) for code, number in self._products.items() if code and self._stands[number]]
        for start in range(0, len(codes), 1000):
            yield tuple(codes[start : start + 1000])

    async def product_ids(self, codes: Collection[str]) -> Mapping[str, int]:
        """Product ids by internal reference; unknown and ambiguous ones are left out."""
        missing = [code for code in codes if code not in self._products]
        if missing:
            rows = await self._client.rows(
                "product.product", [["default_code", "in", missing]], ["default_code"]
            )
            self._remember(rows)
        return {code: self._products[code] for code in codes if code in self._products}

    async def codes(self, ids: Collection[int]) -> Mapping[int, Sku]:
        """Internal references by product id; products without one are left out."""
        missing = [number for number in ids if number not in self._codes]
        if missing:
            domain: Domain = [["id", "in", missing], ["default_code", "!=", False]]
            self._remember(
                await self._client.rows("product.product", domain, ["default_code"], archived=True)
            )
        return {number: self._codes[number] for number in ids if number in self._codes}

    async def stocked(self, ids: Collection[int]) -> Mapping[int, Sku]:
        """Internal references of those products that stand on shelves."""
        codes = await self.codes(ids)
        missing = [number for number in codes if number not in self._stands]
        if missing:
            flag = await self._flag()
            rows = await self._client.rows("product.product", [["id", "in", missing]], [flag], archived=True)
            self._stands |= {row["id"]: row[flag] in STANDING for row in rows}
        return {number: code for number, code in codes.items() if self._stands.get(number)}

    def _remember(self, rows: list[Row]) -> None:
        by_code: dict[str, list[int]] = {}
        for row in rows:
            code = str(row["default_code"]).strip()
            self._codes[row["id"]] = Sku(code)
            by_code.setdefault(code, []).append(row["id"])
        self._products |= {code: ids[0] for code, ids in by_code.items() if len(ids) == 1}

    async def _flag(self) -> str:
        """The field that tells stocked goods: Odoo 17 calls them type `product`, later versions storable."""
        return "is_storable" if "is_storable" in await self._client.fields("product.product") else "type"

    async def _read(self) -> Atlas:
        client = self._client
        rows = await client.rows(
            "stock.warehouse",
            [],
            ["code", "name", "active", "lot_stock_id", "in_type_id", "out_type_id", "delivery_route_id"],
            archived=True,
        )
        warehouses = {
            WarehouseId(row["code"]): Warehouse(
                row["id"],
                WarehouseId(row["code"]),
                row["name"],
                row["active"],
                of(row["lot_stock_id"]) or 0,
                of(row["in_type_id"]) or 0,
                of(row["out_type_id"]) or 0,
                of(row["delivery_route_id"]),
            )
            for row in rows
        }
        codes = {each.id: each.code for each in warehouses.values()}
        locations = await client.rows("stock.location", [["usage", "=", "internal"]], ["warehouse_id"])
        inside = {row["id"]: codes[at] for row in locations if (at := of(row["warehouse_id"])) in codes}
        sellable: dict[int, WarehouseId] = {}
        for each in warehouses.values():
            domain: Domain = [["id", "child_of", each.stock], ["usage", "=", "internal"]]
            under = await client.rows("stock.location", [*domain, ["scrap_location", "=", False]], ["usage"])
            sellable |= {row["id"]: each.code for row in under}
        customers = await client.rows("stock.location", [["usage", "=", "customer"]], ["usage"], limit=1)
        self._atlas = Atlas(warehouses, sellable, inside, customers[0]["id"] if customers else 0)
        self._read_at = self._clock.now()
        return self._atlas
