"""What a sale is entered with: its lines, buyer, currency and warehouse in Tryton's own ids."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from adapters.amounts import Row as SaleRow
from adapters.amounts import RowKind, sold_as
from adapters.remarks import remarks
from adapters.tryton.buyers import Buyer, Buyers
from adapters.tryton.places import Places
from adapters.tryton.rpc import Row, Rpc
from engine.model.failure import Failure, Unmapped
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import SalesDocument

PRICE_STEP = Decimal("0.0001")
"""Tryton keeps four decimals in a unit price."""
Rows = Mapping[OrderId, tuple[SaleRow, ...]]


class Drafts:
    """Makes draft sales of one web shop."""

    def __init__(self, rpc: Rpc, places: Places, shop: int) -> None:
        self._rpc = rpc
        self._places = places
        self._buyers = Buyers(rpc)
        self._shop = shop
        self._fields: frozenset[str] | None = None
        self._currencies: dict[str, int] = {}

    async def make(self, sales: Sequence[SalesDocument], made: Rows) -> dict[OrderId, Failure]:
        """Create these in one transaction, but for those that name what Tryton does not have."""
        products = await self._products({sold_as(row) for sale in sales for row in made[sale.ref]})
        failed: dict[OrderId, Failure] = {}
        wanted: list[tuple[SalesDocument, int]] = []
        for sale in sales:
            try:
                _known(products, made[sale.ref])
                await self._home(made[sale.ref])
                wanted.append((sale, await self._currency(sale.currency)))
            except Unmapped as unmapped:
                failed[sale.ref] = unmapped
        if wanted:
            buyers = await self._buyers.of([sale for sale, _ in wanted])
            values = [
                await self._values(sale, made[sale.ref], products, currency, buyers[sale.ref])
                for sale, currency in wanted
            ]
            await self._rpc.create("sale.sale", values)
        return failed

    async def _values(
        self,
        sale: SalesDocument,
        made: tuple[SaleRow, ...],
        products: Mapping[str, Row],
        currency: int,
        buyer: Buyer,
    ) -> Row:
        optional = await self._optional()
        lines = []
        for position, row in enumerate(made, start=1):
            values = {
                "type": "line",
                "sequence": position * 10,
                "product": products[sold_as(row)]["id"],
                "unit": products[sold_as(row)]["default_uom"],
                "quantity": float(row.quantity),
                "unit_price": row.unit_price,
                "description": row.text,
            }
            if "base_price" in optional:
                values["base_price"] = row.base_price
            lines.append(values)
        by_module = {"shipment_cost_method": None} if "shipment_cost_method" in optional else {}
        return {
            "web_shop": self._shop,
            "web_id": sale.ref,
            "reference": sale.name,
            "company": self._rpc.company,
            "currency": currency,
            "party": buyer.party,
            "invoice_address": buyer.address,
            "shipment_address": buyer.address,
            "sale_date": sale.placed_at.date(),
            "warehouse": await self._home(made),
            "comment": "\n".join(remarks(sale, address=False)),
            **by_module,
            "lines": [["create", lines]],
        }

    async def _products(self, codes: set[str]) -> dict[str, Row]:
        fields = ["code", "default_uom", "type"]
        domain = [["code", "in", sorted(codes)]]
        return {row["code"].strip(): row for row in await self._rpc.rows("product.product", domain, fields)}

    async def _currency(self, code: str) -> int:
        if code in self._currencies:
            return self._currencies[code]
        found = await self._rpc.rows("currency.currency", [["code", "=", code]], ["code"])
        if not found:
            raise Unmapped(
                f"Tryton has no currency {code}", "Create it in Tryton, then retry", code="tryton_currency"
            )
        self._currencies[code] = int(found[0]["id"])
        return self._currencies[code]

    async def _home(self, made: tuple[SaleRow, ...]) -> int | None:
        """The warehouse from which most units leave; Tryton sends backorders from there."""
        plan = allotted(made)
        atlas = await self._places.atlas()
        if plan:
            return atlas.named(max(plan, key=lambda name: (sum(plan[name].values()), name))).id
        return next((warehouse.id for warehouse in atlas.warehouses if warehouse.active), None)

    async def _optional(self) -> frozenset[str]:
        """Fields that only some modules bring. A shipping charge of the shop is a line, not Tryton's own cost."""
        if self._fields is None:
            found: set[str] = set()
            for model, name in (("sale.line", "base_price"), ("sale.sale", "shipment_cost_method")):
                found |= (await self._rpc.model(model, "fields_get", [name])).keys() & {name}
            self._fields = frozenset(found)
        return self._fields


def _known(products: Mapping[str, Row], made: tuple[SaleRow, ...]) -> None:
    missing = sorted({sold_as(row) for row in made} - products.keys())
    if missing:
        raise Unmapped(
            f"Tryton has no active product with the code {', '.join(missing)}",
            "Create the product in Tryton or correct its code, then retry",
            code="tryton_product",
        )


def allotted(made: Sequence[SaleRow]) -> dict[WarehouseId, Counter[Sku]]:
    """Stocked units by warehouse."""
    units: dict[WarehouseId, Counter[Sku]] = {}
    for row in made:
        if row.kind is RowKind.GOODS and row.sku is not None and row.warehouse is not None:
            units.setdefault(row.warehouse, Counter())[row.sku] += row.quantity
    return units
