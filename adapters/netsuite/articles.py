"""Items of NetSuite as articles: name, barcode, average cost, weight, and the base price in the base currency.

SuiteQL tells `itemid`, `upccode`, `averagecost`, `weight` and `weightunit` of an item, and `pricing` has a row for each
price level (1 is the base price), currency and quantity from which a price holds; the one from the fewest units on is
the price of one. An item's stamp moves with whatever is entered on its record, its prices too. The average cost also
moves with receipts, which stamp no item: it is seen when all products are compared.

Not confirmed with a live account: that `upccode` can be selected in every edition, and the ids of `weightunit`.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from adapters.moments import LONG_AGO
from adapters.netsuite.client import NetSuiteClient, Row, text, texts
from adapters.netsuite.documents import STAMP
from adapters.netsuite.names import STOCKED
from adapters.netsuite.trouble import WHO
from adapters.overlap import Key, Overlap
from adapters.titles import title
from engine.model.ids import Sku
from engine.model.product import OfficeProduct, ProductChanges
from engine.products.fields import read

READS = frozenset({"sku", "price", "barcode", "cost", "weight"})
PAGE, CHUNK = 1000, 200
BASE = 1
"""Price level of the base price."""
GRAMS = {"1": Decimal("453.59237"), "2": Decimal("28.349523125"), "3": Decimal(1000), "4": Decimal(1)}
"""By `weightunit`: pound, ounce, kilogram, gram."""
ITEMS = (
    "SELECT id, itemid, displayname, upccode, averagecost, weight, weightunit, isinactive FROM item "
    "WHERE itemtype IN {stocked} AND {of} ORDER BY id FETCH FIRST 1000 ROWS ONLY"
)
PRICES = (
    "SELECT p.item, p.quantity, p.unitprice FROM pricing p JOIN currency c ON c.id = p.currency "
    "WHERE p.pricelevel = {base} AND c.isbasecurrency = 'T' AND p.item IN {items}"
)
CHANGED = (
    "SELECT id, itemid, upccode, averagecost, weight, weightunit, isinactive, "
    "TO_CHAR(lastmodifieddate, '{stamp}') AS at FROM item WHERE itemtype IN {stocked} "
    "AND lastmodifieddate >= TO_DATE({since}, '{stamp}') AND id > {last} ORDER BY id FETCH FIRST 1000 ROWS ONLY"
)


class Articles:
    """Reads them and what changed."""

    def __init__(self, client: NetSuiteClient, *, overlap: float) -> None:
        """`overlap`: seconds between the stamp on a record and the moment a query can see it, at most."""
        self._client = client
        self._overlap = Overlap(overlap)
        self._span = timedelta(seconds=overlap)

    async def all(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every stocked item, inactive ones too; a name that two items bear is left out."""
        rows: list[Row] = []
        last = 0
        while True:
            page = await self._client.query(ITEMS.format(stocked=STOCKED, of=f"id > {last}"))
            rows += page
            if len(page) < PAGE:
                break
            last = int(page[-1]["id"])
        rows = _named_once(rows)
        for start in range(0, len(rows), PAGE):
            some = rows[start : start + PAGE]
            prices = await self._prices([row["id"] for row in some])
            yield tuple(_article(row, prices) for row in some)

    async def named(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These; unknown and ambiguous names are left out."""
        wanted, rows = sorted(set(skus)), list[Row]()
        for start in range(0, len(wanted), CHUNK):
            of = f"itemid IN {texts(wanted[start : start + CHUNK])}"
            rows += await self._client.query(ITEMS.format(stocked=STOCKED, of=of))
        rows = _named_once(rows)
        prices = await self._prices([row["id"] for row in rows])
        return {found.sku: found for found in (_article(row, prices) for row in rows)}

    async def since(self, cursor: str | None) -> ProductChanges:
        """See `engine.products.ports.OfficeCatalogue.articles_changed`."""
        if cursor is None:
            newest = await self._newest()
            seen = await self._changed(newest - self._span)
            return ProductChanges(frozenset(), self._overlap.give(newest, frozenset(seen)))
        seen = await self._changed(self._overlap.since(cursor, WHO))
        told = self._overlap.told(cursor)
        fresh = {key: row for key, row in seen.items() if key not in told}
        if not fresh:
            return ProductChanges(frozenset(), cursor)
        newest = max([self._overlap.moment(cursor, WHO), *(_moment(row["at"]) for row in fresh.values())])
        skus = frozenset(Sku(name) for row in fresh.values() if (name := row.get("itemid", "").strip()))
        return ProductChanges(skus, self._overlap.give(newest, frozenset(seen)))

    async def _newest(self) -> datetime:
        rows = await self._client.query(f"SELECT MAX(TO_CHAR(lastmodifieddate, '{STAMP}')) AS at FROM item")  # noqa: S608  our own format
        return _moment(rows[0]["at"]) if rows and rows[0].get("at") else LONG_AGO

    async def _changed(self, since: datetime) -> dict[Key, Row]:
        """By what they are: a stamp has whole seconds, and an item may be edited twice within one."""
        found: list[Row] = []
        last = 0
        asked = text(since.strftime("%Y-%m-%d %H:%M:%S"))
        while True:
            question = CHANGED.format(stamp=STAMP, stocked=STOCKED, since=asked, last=last)
            rows = await self._client.query(question)
            found += rows
            if len(rows) < PAGE:
                break
            last = int(rows[-1]["id"])
        prices = await self._prices([row["id"] for row in found])
        return {(*sorted(row.items()), prices.get(row["id"])): row for row in found}

    async def _prices(self, items: Collection[str]) -> Mapping[str, str]:
        """The base price of one unit, by item."""
        found: dict[str, tuple[Decimal, str]] = {}
        ids = sorted(items, key=int)
        for start in range(0, len(ids), CHUNK):
            question = PRICES.format(base=BASE, items=texts(ids[start : start + CHUNK]))
            for row in await self._client.query(question):
                if "unitprice" not in row:
                    continue
                begins = Decimal(row.get("quantity") or 0)
                if row["item"] not in found or begins < found[row["item"]][0]:
                    found[row["item"]] = begins, row["unitprice"]
        return {item: price for item, (_, price) in found.items()}


def _named_once(rows: list[Row]) -> list[Row]:
    times = Counter(row.get("itemid", "").strip() for row in rows)
    return [row for row in rows if (name := row.get("itemid", "").strip()) and times[name] == 1]


def _article(row: Row, prices: Mapping[str, str]) -> OfficeProduct:
    sku = Sku(row["itemid"].strip())
    values, invalid = read({
        "sku": sku, "price": prices.get(row["id"]), "barcode": row.get("upccode"), "cost": row.get("averagecost"),
        "weight": _grams(row.get("weight"), row.get("weightunit")),
    })  # fmt: skip
    return OfficeProduct(
        sku, values, invalid, row["isinactive"] == "T", title(row.get("displayname")), row["id"]
    )


def _grams(weight: str | None, unit: str | None) -> object:
    """In grams; a weight without a unit we know stays as it was entered, and is told to be none."""
    if weight is None:
        return None
    try:
        figure = Decimal(weight)
    except InvalidOperation:
        return weight
    if not figure:
        return None
    return figure * GRAMS[unit] if unit in GRAMS else f"{weight} in unit {unit or 'none'}"


def _moment(at: str) -> datetime:
    """A stamp of the account's own zone; only compared with others of it."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC)
