"""Branches and products of an Omni account; read again when one is not known. A branch's id is our id of it."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.cin7_omni.client import OmniClient, Row, texts
from engine.model.failure import Unmapped
from engine.model.ids import Sku, WarehouseId
from engine.ports import Place

CHUNK = 40
"""Codes that one question asks for."""
SMALL = 3
"""Calls of a listing up to which it is nothing that has to wait for its share."""
OFF = ("Inactive", "Disabled")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a product: what has a code of its own."""

    id: int
    code: str
    active: bool


class Places:
    """Reads and remembers them."""

    def __init__(self, client: OmniClient, charges: Collection[str]) -> None:
        """`charges`: codes of what is sold and never stands on a shelf."""
        self._client, self._charges = client, frozenset(charges)
        self._places: dict[str, Place] = {}
        self._options: dict[str, Option] = {}
        self._loaded = False
        self._pages = 1
        """Calls that listing everything took last time."""
        self._loading = asyncio.Lock()

    async def listed(self) -> tuple[Place, ...]:
        """All branches by id, inactive ones too, read anew."""
        rows, _ = await self._client.rows("Branches", lambda row: row["id"])
        self._places = {
            str(row["id"]): Place(
                str(row["id"]), row.get("company") or str(row["id"]), bool(row.get("isActive", True))
            )
            for row in rows
        }
        return tuple(self._places.values())

    async def branch(self, place: WarehouseId) -> int:
        """The number of an open branch, or Unmapped when there is none with this id."""
        if place not in self._places:
            await self.listed()
        known = self._places.get(place)
        if known is None or not known.active:
            raise Unmapped(
                f"Cin7 Omni has no open branch with id {place}.",
                "Correct [connections.locations] in the configuration or open the branch, and retry.",
                code="warehouse_unknown",
            )
        return int(place)

    async def default(self) -> WarehouseId:
        """The branch of an order that ships nothing: the first that is open."""
        if not self._places:
            await self.listed()
        for place in self._places.values():
            if place.active:
                return WarehouseId(place.id)
        raise Unmapped(
            "Cin7 Omni has no open branch.", "Open one there, and retry.", code="warehouse_unknown"
        )

    async def stocked(self) -> tuple[Sku, ...]:
        """Codes of all active options but the charges, read anew and all at once."""
        await self._read("")
        return tuple(
            Sku(each.code)
            for each in self._options.values()
            if each.active and each.code not in self._charges
        )

    async def options(self, codes: Collection[str]) -> Mapping[str, Option]:
        """Options by code; unknown ones are left out."""
        async with self._loading:
            if not self._loaded:
                await self._read("")
        missing = sorted(code for code in codes if code not in self._options)
        for start in range(0, len(missing), CHUNK):
            await self._read(f"productOptionCode IN {texts(missing[start : start + CHUNK])}")
        return {code: self._options[code] for code in codes if code in self._options}

    def is_charge(self, code: str) -> bool:
        """Whether a code is one of the charges the configuration names."""
        return code in self._charges

    async def _read(self, where: str) -> None:
        share = self._pages if not where and self._pages > SMALL else 0
        rows, pages = await self._client.rows(
            "ProductOptions", lambda row: row["id"], where=where, looking=share
        )
        if not where:
            self._options, self._loaded, self._pages = {}, True, pages
        self._options |= {each.code: each for each in map(_option, rows) if each.code}


def _option(row: Row) -> Option:
    code = row.get("productOptionCode") or row.get("code") or ""
    return Option(int(row["id"]), str(code).strip(), row.get("status") not in OFF)
