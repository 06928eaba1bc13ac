"""Locations and products of a Cin7 Core account, with the ids we need of them; read again when a name is not known.

A location's name is its only name in availabilities, sales and pick lines, so it is our id of it too.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.cin7_core.client import Cin7CoreClient, Row
from engine.model.failure import Unmapped
from engine.model.ids import Sku, WarehouseId
from engine.ports import Place

BIN = ": "
"""Between a location and a bin of it, in the location of a pick line."""
STOCKED = "Stock"
ACTIVE = "Active"


@dataclass(frozen=True, slots=True)
class Product:
    """One product or service."""

    id: str
    sku: str
    name: str
    stocked: bool
    active: bool


class Places:
    """Reads and remembers them."""

    def __init__(self, client: Cin7CoreClient) -> None:
        self._client = client
        self._locations: dict[str, Place] = {}
        self._products: dict[str, Product] = {}
        self._names: dict[str, Product] = {}
        self._loaded = False
        self._loading = asyncio.Lock()
        self._base = ""

    async def listed(self) -> tuple[Place, ...]:
        """All locations, deprecated ones too, read anew."""
        rows, _ = await self._client.rows("ref/location", "LocationList", lambda row: row["ID"])
        self._locations = {
            row["Name"]: Place(row["Name"], row["Name"], not row.get("IsDeprecated")) for row in rows
        }
        return tuple(self._locations.values())

    async def ready(self) -> None:
        """Locations and products have been read."""
        async with self._loading:
            if not self._locations:
                await self.listed()
            if not self._loaded:
                await self._read_products()

    async def location(self, name: WarehouseId) -> WarehouseId:
        """The same name, or Unmapped when no open location has it."""
        if name not in self._locations:
            await self.listed()
        place = self._locations.get(name)
        if place is None or not place.active:
            raise Unmapped(
                f"Cin7 Core has no open location named {name}.",
                "Correct [connections.locations] in the configuration or open the location, and retry.",
                code="warehouse_unknown",
            )
        return name

    def home(self, text: str) -> WarehouseId:
        """The location of a text that may name a bin behind it."""
        if text not in self._locations:
            inside = [name for name in self._locations if text.startswith(name + BIN)]
            if inside:
                return WarehouseId(max(inside, key=len))
        return WarehouseId(text)

    async def stocked(self) -> tuple[Sku, ...]:
        """SKUs of all active stocked products, read anew: an answer of a thousand a call, so all at once."""
        await self._read_products()
        return tuple(Sku(each.sku) for each in self._products.values() if each.stocked and each.active)

    async def products(self, skus: Collection[str]) -> Mapping[str, Product]:
        """Products by SKU; unknown ones are left out."""
        await self.ready()
        for sku in skus:
            if sku not in self._products:
                await self._read_products(Sku=sku)
        return {sku: self._products[sku] for sku in skus if sku in self._products}

    async def named(self, names: Collection[str]) -> Mapping[str, Product]:
        """Services by name; unknown ones are left out."""
        await self.ready()
        for name in names:
            if name not in self._names:
                await self._read_products(Name=name)
        return {name: self._names[name] for name in names if name in self._names}

    @property
    def services(self) -> frozenset[str]:
        """SKUs that never stand on a shelf, as far as products have been read."""
        return frozenset(each.sku for each in self._products.values() if not each.stocked)

    async def base_currency(self) -> str:
        """The currency of the account."""
        if not self._base:
            self._base = str((await self._client.get("me")).get("Currency") or "")
        return self._base

    async def _read_products(self, **asked: str) -> None:
        """All products, or those of a SKU or name."""
        rows, _ = await self._client.rows("product", "Products", lambda row: row["ID"], **asked)
        found = [_product(row) for row in rows]
        if not asked:
            self._products, self._names, self._loaded = {}, {}, True
        self._products |= {each.sku: each for each in found if each.sku}
        self._names |= {each.name: each for each in found if not each.stocked}


def _product(row: Row) -> Product:
    return Product(
        row["ID"],
        str(row["SKU"]).strip(),
        str(row["Name"]),
        row.get("Type") == STOCKED,
        row.get("Status", ACTIVE) == ACTIVE,
    )
