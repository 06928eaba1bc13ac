"""Prices of markets from Odoo's pricelists: fixed prices of a variant or its template, of one unit, that hold now.

Of the rules of a pricelist (`product.pricelist.item`, Odoo 17 to 19) the first that fits counts: one for the variant
before one for its template, one for more units before one for fewer, the newer before the older. Rules for categories
and for everything, and products without a rule, tell no price. What Odoo calculates is not told: it does so anew for
each sale, in code that its API does not offer.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from adapters.odoo.client import Domain, OdooClient, Row, moment, of
from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.products.fields import at_market

ITEMS = "product.pricelist.item"
FIELDS = (
    "pricelist_id", "applied_on", "product_id", "product_tmpl_id", "min_quantity", "date_start", "date_end",
    "compute_price", "fixed_price", "write_date",
)  # fmt: skip
OWN = ("0_product_variant", "1_product")
"""`applied_on` of rules for a variant and for its template, in the order in which they count."""
COMPUTED = "a price that Odoo calculates (compute_price is not fixed)"
Said = Mapping[str, object]


class MarketPrices:
    """Reads the pricelists of some markets."""

    def __init__(self, client: OdooClient, pricelists: Mapping[str, int], clock: Clock) -> None:
        """`pricelists`: id of the pricelist by market, as `market_key` writes it."""
        self._client, self._pricelists, self._clock = client, pricelists, clock

    @property
    def reads(self) -> frozenset[str]:
        """Fields that are told."""
        return frozenset(at_market("price", market) for market in self._pricelists)

    async def currencies(self) -> Mapping[str, str]:
        """By market; one whose pricelist is not there is missing."""
        if not self._pricelists:
            return {}
        ids = sorted(set(self._pricelists.values()))
        rows = await self._client.rows("product.pricelist", [["id", "in", ids]], ["currency_id"])
        named = {row["id"]: str(row["currency_id"][1]) for row in rows if row["currency_id"]}
        return {market: named[each] for market, each in self._pricelists.items() if each in named}

    async def of(self, products: Sequence[Row]) -> Mapping[int, Said]:
        """By product, what each market's pricelist says, as it comes, by field name."""
        if not self._pricelists or not products:
            return {}
        templates = {row["id"]: of(row["product_tmpl_id"]) for row in products}
        rules = await self._rules(templates.keys(), {each for each in templates.values() if each})
        now = self._clock.now()
        found: dict[int, Said] = {}
        for product, template in templates.items():
            said = {
                market: _first(rules, each, product, template, now)
                for market, each in self._pricelists.items()
            }
            found[product] = {at_market("price", market): price for market, price in said.items()}
        return found

    async def touched(self, since: Domain) -> list[Row]:
        """Rules written since then: each names its template, or its variant."""
        if not self._pricelists:
            return []
        mine: Domain = [["pricelist_id", "in", sorted(set(self._pricelists.values()))], *since]
        return await self._client.rows(ITEMS, mine, ["product_id", "product_tmpl_id", "write_date"])

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """Pricelists that are not there, or may not be read."""
        try:
            known = await self.currencies()
            await self.touched([["id", "=", 0]])
        except Misset as wrong:
            return ((ITEMS, wrong.cause, wrong.remedy),)
        return tuple(
            (
                f"pricelist of {market}",
                f"Odoo has no pricelist {each}, which market_pricelists names for {market}.",
                "Correct its id under [connections.back_office].",
            )
            for market, each in self._pricelists.items()
            if market not in known
        )

    async def _rules(self, products: Collection[int], templates: Collection[int]) -> list[Row]:
        domain: Domain = [
            ["pricelist_id", "in", sorted(set(self._pricelists.values()))],
            ["applied_on", "in", list(OWN)],
            "|", ["product_id", "in", sorted(products)], ["product_tmpl_id", "in", sorted(templates)],
        ]  # fmt: skip
        rows = await self._client.rows(ITEMS, domain, FIELDS)
        return sorted(
            rows, key=lambda row: (row["applied_on"], -float(row["min_quantity"] or 0), -int(row["id"]))
        )


def _first(rules: Sequence[Row], pricelist: int, product: int, template: int | None, now: datetime) -> object:
    """What the first rule that fits says; None where none does."""
    for row in rules:
        if of(row["pricelist_id"]) != pricelist or not _fits(row, product, template, now):
            continue
        return Decimal(str(row["fixed_price"])) if row["compute_price"] == "fixed" else COMPUTED
    return None


def _fits(row: Row, product: int, template: int | None, now: datetime) -> bool:
    if row["applied_on"] == OWN[0]:
        meant = of(row["product_id"]) == product
    else:
        meant = template is not None and of(row["product_tmpl_id"]) == template
    begun = not row["date_start"] or moment(row["date_start"]) <= now
    over = bool(row["date_end"]) and moment(row["date_end"]) < now
    return meant and begun and not over and float(row["min_quantity"] or 0) <= 1
