"""Warehouses and products of an Unleashed account, with the ids we need of them; read again when one is not known."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.unleashed.client import Row, UnleashedClient
from engine.model.failure import Unmapped
from engine.model.ids import Sku, WarehouseId
from engine.ports import Place


@dataclass(frozen=True, slots=True)
class Product:
    """One product or service."""

    guid: str
    code: str
    stocked: bool
    """False for one that never diminishes: a service."""
    active: bool


class Places:
    """Reads and remembers them."""

    def __init__(self, client: UnleashedClient) -> None:
        self._client = client
        self._places: dict[str, Place] = {}
        self._default: str | None = None
        self._products: dict[str, Product] = {}
        self._loaded = False
        self._loading = asyncio.Lock()

    async def listed(self) -> tuple[Place, ...]:
        """All warehouses by code, obsolete ones too, read anew."""
        rows, _ = await self._client.rows("Warehouses", lambda row: row["Guid"])
        self._places = {
            row["WarehouseCode"]: Place(
                row["WarehouseCode"],
                row.get("WarehouseName") or row["WarehouseCode"],
                not row.get("Obsolete"),
            )
            for row in rows
        }
        given = [row["WarehouseCode"] for row in rows if row.get("IsDefault")]
        self._default = next((code for code in [*given, *self._places] if self._places[code].active), None)
        return tuple(self._places.values())

    async def ready(self) -> None:
        """Warehouses and products have been read."""
        async with self._loading:
            if not self._places:
                await self.listed()
            if not self._loaded:
                await self._read_products()

    async def codes(self) -> tuple[WarehouseId, ...]:
        """Codes of all warehouses, obsolete ones too: goods may still stand there."""
        await self.ready()
        return tuple(WarehouseId(code) for code in self._places)

    async def warehouse(self, code: WarehouseId) -> WarehouseId:
        """The same code, or Unmapped when no open warehouse has it."""
        if code not in self._places:
            await self.listed()
        place = self._places.get(code)
        if place is None or not place.active:
            raise Unmapped(
                f"Unleashed has no open warehouse with code {code}.",
                "Correct [connections.locations] in the configuration or open the warehouse, and retry.",
                code="warehouse_unknown",
            )
        return code

    async def default(self) -> WarehouseId:
        """The warehouse of an order that ships nothing: Unleashed wants one on every order."""
        await self.ready()
        if self._default is None:
            raise Unmapped(
                "Unleashed has no open warehouse.", "Open one there, and retry.", code="warehouse_unknown"
            )
        return WarehouseId(self._default)

    async def stocked(self) -> tuple[Sku, ...]:
        """Codes of all active stocked products, read anew and all at once: stock is cheapest asked for that way."""
        await self._read_products()
        return tuple(Sku(each.code) for each in self._products.values() if each.stocked and each.active)

    async def products(self, codes: Collection[str]) -> Mapping[str, Product]:
        """Products by code; unknown ones are left out."""
        await self.ready()
        for code in codes:
            if code not in self._products:
                await self._read_products(code)
        return {code: self._products[code] for code in codes if code in self._products}

    @property
    def services(self) -> frozenset[str]:
        """Codes of what never stands on a shelf, as far as products have been read."""
        return frozenset(each.code for each in self._products.values() if not each.stocked)

    async def _read_products(self, code: str = "") -> None:
        """All products, or those a code finds."""
        asked: dict[str, Any] = {"productCode": code} if code else {}
        rows, _ = await self._client.rows("Products", lambda row: row["Guid"], **asked)
        if not code:
            self._products, self._loaded = {}, True
        self._products |= {each.code: each for each in map(_product, rows) if each.code}


def _product(row: Row) -> Product:
    return Product(
        row["Guid"],
        str(row["ProductCode"]).strip(),
        not row.get("NeverDiminishing"),
        not row.get("Obsolete"),
    )
