"""Whom an article of Odoo is bought from: the vendor line (`product.supplierinfo`) that counts, with its terms.

Of the lines for a variant, or for its template without naming a variant, that hold today the first counts in Odoo's own
order: by sequence, the larger quantity, the lower price, the older line (Odoo 17 to 19). A price, a quantity or a delay
of 0 means that nobody entered one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from adapters.odoo.client import Domain, OdooClient, Row, of
from engine.model.clock import Clock
from engine.model.failure import Misset

VENDORS = "product.supplierinfo"
FIELDS = (
    "partner_id", "product_code", "product_id", "product_tmpl_id", "sequence", "min_qty", "price", "currency_id",
    "delay", "date_start", "date_end",
)  # fmt: skip
TOLD = frozenset(
    {"supplier", "supplier_sku", "purchase_price", "purchase_currency", "minimum_order", "lead_days"}
)
Said = Mapping[str, object]


class Suppliers:
    """Reads them; nothing where nobody needs to know."""

    def __init__(self, client: OdooClient, clock: Clock, *, wanted: bool) -> None:
        self._client, self._clock, self._wanted = client, clock, wanted

    @property
    def reads(self) -> frozenset[str]:
        """Fields that are told."""
        return TOLD if self._wanted else frozenset()

    async def of(self, products: Sequence[Row]) -> Mapping[int, Said]:
        """By product, what its vendor line says, as it comes, by field name; nothing for one without a line."""
        if not self._wanted or not products:
            return {}
        templates = {row["id"]: of(row["product_tmpl_id"]) for row in products}
        lines = await self._lines(templates.keys(), {each for each in templates.values() if each})
        first: dict[tuple[str, int | None], int] = {}
        for at, line in enumerate(lines):
            variant = of(line["product_id"])
            whose = ("variant", variant) if variant else ("template", of(line["product_tmpl_id"]))
            first.setdefault(whose, at)
        found: dict[int, Said] = {}
        for product, template in templates.items():
            known = [
                first[key]
                for key in (("variant", product), ("template", template))
                if key[1] and key in first
            ]
            found[product] = _said(lines[min(known)]) if known else NOTHING
        return found

    async def touched(self, since: Domain) -> list[Row]:
        """Lines written since then: each names its template, or its variant too."""
        if not self._wanted:
            return []
        return await self._client.rows(VENDORS, since, ["product_id", "product_tmpl_id", "write_date"])

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """What may not be read of that."""
        try:
            if self._wanted:
                await self._client.count(VENDORS, [["id", "=", 0]])
        except Misset as wrong:
            return ((VENDORS, wrong.cause, wrong.remedy),)
        return ()

    async def _lines(self, products: Collection[int], templates: Collection[int]) -> list[Row]:
        """Lines that hold today, the one that counts first."""
        domain: Domain = [
            "|", ["product_id", "in", sorted(products)], ["product_tmpl_id", "in", sorted(templates)],
        ]  # fmt: skip
        rows = await self._client.rows(VENDORS, domain, FIELDS)
        today = self._clock.now().date()
        return sorted(
            (row for row in rows if _holds(row, today)),
            key=lambda row: (
                int(row["sequence"] or 0),
                -float(row["min_qty"] or 0),
                float(row["price"] or 0),
                int(row["id"]),
            ),
        )


def _holds(line: Row, today: date) -> bool:
    begun = not line["date_start"] or date.fromisoformat(str(line["date_start"])) <= today
    over = bool(line["date_end"]) and date.fromisoformat(str(line["date_end"])) < today
    return begun and not over


def _said(line: Row) -> Said:
    return {
        "supplier": line["partner_id"][1] if line["partner_id"] else None,
        "supplier_sku": line["product_code"] or None,
        "purchase_price": Decimal(str(line["price"])) if line["price"] else None,
        "purchase_currency": line["currency_id"][1] if line["currency_id"] else None,
        "minimum_order": Decimal(str(line["min_qty"])) if line["min_qty"] else None,
        "lead_days": int(line["delay"]) if line["delay"] else None,
    }


NOTHING: Said = dict.fromkeys(sorted(TOLD))
