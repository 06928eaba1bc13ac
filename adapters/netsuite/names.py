"""Ids of NetSuite by the names we use: items by SKU, locations, currencies."""

from collections.abc import AsyncIterator, Collection, Mapping

from adapters.netsuite.client import NetSuiteClient, texts
from engine.model.failure import Unmapped
from engine.model.ids import Sku
from engine.ports import Place

STOCKED_TYPES = ("InvtPart", "Assembly")
STOCKED = texts(STOCKED_TYPES)
CHUNK = 400


class Names:
    """Looks ids up and remembers them."""

    def __init__(self, client: NetSuiteClient) -> None:
        self._client = client
        self._items: dict[str, str] = {}
        self._skus: dict[str, Sku] = {}
        self._stands: dict[str, bool] = {}
        self._currencies: dict[str, str] = {}
        self._open: frozenset[str] = frozenset()

    async def locations(self) -> tuple[Place, ...]:
        """All locations, inactive ones too, by internal id."""
        rows = await self._client.query("SELECT id, name, isinactive FROM location ORDER BY id")
        return tuple(Place(row["id"], row.get("name", ""), row["isinactive"] == "F") for row in rows)

    async def stocked(self) -> AsyncIterator[tuple[Sku, ...]]:
        """Names of all active stocked items; one that two items share is left out, nobody may write it."""
        last, seen = "0", dict[str, int]()
        pages: list[list[str]] = []
        numbers: dict[str, str] = {}
        while True:
            rows = await self._client.query(
                f"SELECT id, itemid FROM item WHERE itemtype IN {STOCKED} AND isinactive = 'F' AND id > {int(last)} "  # noqa: S608  a number
                "ORDER BY id FETCH FIRST 1000 ROWS ONLY"
            )
            names = [row["itemid"].strip() for row in rows if row.get("itemid", "").strip()]
            for name in names:
                seen[name] = seen.get(name, 0) + 1
            pages.append(names)
            for row in rows:
                self._skus[row["id"]] = Sku(row.get("itemid", "").strip())
                self._stands[row["id"]] = True
            numbers |= {row.get("itemid", "").strip(): row["id"] for row in rows}
            if len(rows) < 1000:
                break
            last = rows[-1]["id"]
        self._items |= {name: numbers[name] for name, count in seen.items() if count == 1}
        for names in pages:
            yield tuple(Sku(name) for name in names if seen[name] == 1)

    async def items(self, names: Collection[str]) -> Mapping[str, str]:
        """Internal ids by item name; unknown and ambiguous names are left out."""
        missing = sorted({name for name in names if name not in self._items})
        for start in range(0, len(missing), CHUNK):
            await self._read(f"itemid IN {texts(missing[start : start + CHUNK])}")
        return {name: self._items[name] for name in names if name in self._items}

    async def skus(self, ids: Collection[str]) -> Mapping[str, Sku]:
        """Item names by internal id."""
        missing = sorted({number for number in ids if number not in self._skus})
        for start in range(0, len(missing), CHUNK):
            await self._read(f"id IN {texts(missing[start : start + CHUNK])}")
        return {number: self._skus[number] for number in ids if number in self._skus}

    def met(self, number: str, name: str, kind: str) -> None:
        """An item as it stood in an answer about something else."""
        self._skus[number], self._stands[number] = Sku(name.strip()), kind in STOCKED_TYPES

    def shelved(self, ids: Collection[str]) -> Mapping[str, Sku]:
        """Of these items, which were met, those that stand on shelves."""
        return {number: self._skus[number] for number in ids if self._stands.get(number)}

    async def is_open(self, place: str) -> bool:
        """Whether goods may leave from a location; asked for once, for NetSuite refuses one that was closed since."""
        if place not in self._open:
            self._open = frozenset(one.id for one in await self.locations() if one.active)
        return place in self._open

    async def currency(self, code: str) -> str:
        """The internal id of a currency; Unmapped when NetSuite does not use it."""
        if code not in self._currencies:
            rows = await self._client.query("SELECT id, symbol FROM currency")
            self._currencies = {row["symbol"]: row["id"] for row in rows}
        if code not in self._currencies:
            raise Unmapped(
                f"NetSuite has no currency {code}.", "Add it under Lists > Accounting > Currencies, and retry.",
                code="currency_unmapped",
            )  # fmt: skip
        return self._currencies[code]

    async def _read(self, condition: str) -> None:
        rows = await self._client.query(f"SELECT id, itemid, itemtype FROM item WHERE {condition}")  # noqa: S608  REST takes no parameters; written by `texts`
        by_name: dict[str, list[str]] = {}
        for row in rows:
            name = row.get("itemid", "").strip()
            by_name.setdefault(name, []).append(row["id"])
            self._skus[row["id"]] = Sku(name)
            self._stands[row["id"]] = row["itemtype"] in STOCKED_TYPES
        self._items |= {name: ids[0] for name, ids in by_name.items() if len(ids) == 1}
