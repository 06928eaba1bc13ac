"""Articles of Odoo: variants (`product.product`) with what they take from their template.

A price is written to the template, whose write date moves then and not the variant's: both are polled. `lst_price` is
the sales price in the company's currency; `standard_price`, `weight` and an empty barcode of 0 or False mean that
nobody entered one. Prices of markets come from pricelists, whose rules have write dates of their own. Weights are in kilograms or pounds, as `weight_uom_name` says (Odoo 17 to 19).
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.moments import LONG_AGO
from adapters.odoo.client import Domain, OdooClient, Row, moment, of, stamp
from adapters.odoo.families import Belongs, Families
from adapters.odoo.market_prices import COMPUTED, MarketPrices, Said
from adapters.odoo.suppliers import Suppliers
from adapters.odoo.trouble import WHO
from adapters.overlap import Key, Overlap
from adapters.titles import title
from engine.model.ids import Sku
from engine.model.product import OfficeProduct, ProductChanges
from engine.products.fields import read

READS = frozenset({"sku", "price", "barcode", "cost", "weight"})
PAGE = 1000
SECOND = timedelta(seconds=1)
GRAMS = {"kg": Decimal(1000), "lb": Decimal("453.59237"), "g": Decimal(1), "oz": Decimal("28.349523125")}
FIELDS = (
    "default_code", "name", "barcode", "lst_price", "standard_price", "weight", "weight_uom_name", "active",
    "product_tmpl_id", "write_date",
)  # fmt: skip
FACTS = ("barcode", "lst_price", "standard_price", "weight", "active")
NAMED: Domain = [["default_code", "!=", False]]


class Articles:
    """Reads them and what changed."""

    def __init__(
        self,
        client: OdooClient,
        markets: MarketPrices,
        families: Families,
        suppliers: Suppliers,
        *,
        overlap: float,
    ) -> None:
        self._client, self._markets, self._families, self._suppliers = client, markets, families, suppliers
        self._fields = (*FIELDS, *families.fields)
        self._overlap = Overlap(overlap)
        self._span = timedelta(seconds=overlap)

    async def all(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article that has a reference; one that two share is left out."""
        rows = await self._client.rows("product.product", NAMED, self._fields, archived=True)
        for start in range(0, len(rows), PAGE):
            yield tuple(await self._told(rows, rows[start : start + PAGE]))

    async def named(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These; unknown and ambiguous references are left out."""
        domain: Domain = [["default_code", "in", sorted(skus)]]
        rows = await self._client.rows("product.product", domain, self._fields, archived=True)
        return {each.sku: each for each in await self._told(rows, rows)}

    async def _told(self, every: list[Row], rows: list[Row]) -> list[OfficeProduct]:
        """These rows as articles, but for references that two of them all bear."""
        codes = Counter(_code(row) for row in every)
        rows = [row for row in rows if _code(row) and codes[_code(row)] == 1]
        said, currencies = await self._markets.of(rows), await self._markets.currencies()
        belong, bought = await self._families.of(rows), await self._suppliers.of(rows)
        return [
            _article(
                row,
                {**said.get(row["id"], {}), **bought.get(row["id"], {})},
                currencies,
                belong.get(row["id"], ("", {})),
            )
            for row in rows
        ]

    async def since(self, cursor: str | None) -> ProductChanges:
        """See `engine.products.ports.OfficeCatalogue.articles_changed`."""
        if cursor is None:
            newest = await self._newest()
            seen, _, _ = await self._changed(newest - self._span)
            return ProductChanges(frozenset(), self._overlap.give(newest, frozenset(seen)))
        seen, skus, stamps = await self._changed(self._overlap.since(cursor, WHO))
        told = self._overlap.told(cursor)
        fresh = {key: sku for key, sku in zip(seen, skus, strict=True) if key not in told}
        if not fresh:
            return ProductChanges(frozenset(), cursor)
        newest = max([self._overlap.moment(cursor, WHO), *stamps])
        return ProductChanges(frozenset(fresh.values()), self._overlap.give(newest, told | frozenset(fresh)))

    async def _newest(self) -> datetime:
        newest = LONG_AGO
        for model in ("product.product", "product.template"):
            rows = await self._client.rows(
                model, [], ["write_date"], order="write_date desc", limit=1, archived=True
            )
            newest = max([newest, *(moment(row["write_date"]) for row in rows)])
        return newest

    async def _changed(self, start: datetime) -> tuple[list[Key], list[Sku], list[datetime]]:
        """Articles whose variant or template was written since then, with the stamps of both.

        They are known by what they are, too: a stamp has whole seconds, and an article may be written twice within one.
        """
        since: Domain = [["write_date", ">=", stamp(start - SECOND)]]
        templates = await self._client.rows("product.template", since, ["write_date"], archived=True)
        written = {row["id"]: str(row["write_date"]) for row in templates}
        rules = [*await self._markets.touched(since), *await self._suppliers.touched(since)]
        priced: dict[int, str] = {}
        for row in rules:
            for each in (of(row["product_tmpl_id"]), -(of(row["product_id"]) or 0)):
                if each:
                    priced[each] = max(priced.get(each, ""), str(row["write_date"]))
        near = sorted(written.keys() | {each for each in priced if each > 0})
        variants = sorted(-each for each in priced if each < 0)
        either: Domain = [
            *NAMED, "|", "|", *since, ["product_tmpl_id", "in", near], ["id", "in", variants],
        ]  # fmt: skip
        rows = await self._client.rows(
            "product.product",
            either,
            ["default_code", "write_date", "product_tmpl_id", *FACTS],
            archived=True,
        )
        keys: list[Key] = [
            (
                row["id"],
                row["write_date"],
                written.get(of(row["product_tmpl_id"]) or 0, ""),
                priced.get(of(row["product_tmpl_id"]) or 0, ""),
                priced.get(-int(row["id"]), ""),
                *(row[name] for name in FACTS),
            )
            for row in rows
        ]
        stamps = [moment(row["write_date"]) for row in (*rows, *templates, *rules)]
        return keys, [Sku(str(row["default_code"]).strip()) for row in rows], stamps


def _code(row: Row) -> str:
    return str(row["default_code"]).strip()


def _article(row: Row, prices: Said, currencies: Mapping[str, str], belongs: Belongs) -> OfficeProduct:
    sku = Sku(_code(row))
    unit = GRAMS.get(str(row["weight_uom_name"]).strip().lower())
    weight = None if not row["weight"] else _figure(row["weight"]) * unit if unit else row["weight_uom_name"]
    values, invalid = read(
        {
            "sku": sku,
            "price": _figure(row["lst_price"]),
            "barcode": row["barcode"] or None,
            "cost": _figure(row["standard_price"]) if row["standard_price"] else None,
            "weight": weight,
            **prices,
        }
    )
    invalid |= {name: f"{name} is {COMPUTED}" for name in invalid if prices.get(name) == COMPUTED}
    lead, options = belongs
    return OfficeProduct(
        sku, values, invalid, not row["active"], title(row["name"]), str(row["id"]), currencies, lead, options
    )


def _figure(number: object) -> Decimal:
    """The figure as Odoo wrote it: its JSON has the shortest text that says the number."""
    return Decimal(str(number))
