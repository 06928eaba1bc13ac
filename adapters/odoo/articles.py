"""Articles of Odoo: variants (`product.product`) with what they take from their template.

A price is written to the template, whose write date moves then and not the variant's: both are polled. `lst_price` is
the sales price in the company's currency; `standard_price`, `weight` and an empty barcode of 0 or False mean that
nobody entered one. Weights are in kilograms or pounds, as `weight_uom_name` says (Odoo 17 to 19).
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.moments import LONG_AGO
from adapters.odoo.client import Domain, OdooClient, Row, moment, of, stamp
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

    def __init__(self, client: OdooClient, *, overlap: float) -> None:
        self._client = client
        self._overlap = Overlap(overlap)
        self._span = timedelta(seconds=overlap)

    async def all(self) -> AsyncIterator[tuple[OfficeProduct, ...]]:
        """Every article that has a reference; one that two share is left out."""
        rows = await self._client.rows("product.product", NAMED, FIELDS, archived=True)
        found = _articles(rows)
        for start in range(0, len(found), PAGE):
            yield tuple(found[start : start + PAGE])

    async def named(self, skus: Collection[Sku]) -> Mapping[Sku, OfficeProduct]:
        """These; unknown and ambiguous references are left out."""
        domain: Domain = [["default_code", "in", sorted(skus)]]
        rows = await self._client.rows("product.product", domain, FIELDS, archived=True)
        return {each.sku: each for each in _articles(rows)}

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
        either: Domain = [*NAMED, "|", *since, ["product_tmpl_id", "in", sorted(written)]]
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
                *(row[name] for name in FACTS),
            )
            for row in rows
        ]
        stamps = [moment(row["write_date"]) for row in (*rows, *templates)]
        return keys, [Sku(str(row["default_code"]).strip()) for row in rows], stamps


def _articles(rows: list[Row]) -> list[OfficeProduct]:
    codes = [str(row["default_code"]).strip() for row in rows]
    twice = {code for code, times in Counter(codes).items() if times > 1}
    return [
        _article(Sku(code), row) for code, row in zip(codes, rows, strict=True) if code and code not in twice
    ]


def _article(sku: Sku, row: Row) -> OfficeProduct:
    unit = GRAMS.get(str(row["weight_uom_name"]).strip().lower())
    weight = None if not row["weight"] else _figure(row["weight"]) * unit if unit else row["weight_uom_name"]
    values, invalid = read(
        {
            "sku": sku,
            "price": _figure(row["lst_price"]),
            "barcode": row["barcode"] or None,
            "cost": _figure(row["standard_price"]) if row["standard_price"] else None,
            "weight": weight,
        }
    )
    return OfficeProduct(sku, values, invalid, not row["active"], title(row["name"]), str(row["id"]))


def _figure(number: object) -> Decimal:
    """The figure as Odoo wrote it: its JSON has the shortest text that says the number."""
    return Decimal(str(number))
