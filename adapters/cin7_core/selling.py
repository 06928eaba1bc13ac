"""Entering sales: first an empty shell that bears the order's reference, then its order, authorised in one call.

Cin7 Core has no key that would keep a reference unique (tier T1.5). A shell promises nothing, and the order of one
shell can be authorised only once. A shell that was left behind by a crash is found by the reference and used; of
several the oldest.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.amounts import CHARGES, RowKind, charges, rows
from adapters.amounts import Row as SaleRow
from adapters.cin7_core.client import Cin7CoreClient, Row, stamp
from adapters.cin7_core.documents import Parts, document, grouped
from adapters.cin7_core.places import Places
from adapters.cin7_core.sales import Sales
from adapters.cin7_core.trouble import WHO, no_product
from adapters.cin7_core.wire import AUTHORISED, Sale
from adapters.differing import differing
from adapters.external_ids import ExternalIds
from adapters.parts import split
from adapters.remarks import remarks
from engine.model.failure import Refused, Unmapped
from engine.model.ids import OrderId
from engine.model.sale import Document, SalesDocument

NOTE, REFERENCE, LINE1, COMMENT = 1024, 256, 256, 256
"""Characters these fields hold."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How this connection sells."""

    customer: str
    """Name of the one customer all orders are entered for."""
    tax_rule: str = "Tax Exempt"
    """Name of a tax rule of 0 %: what the shop charged as tax stands on lines of its own."""
    products: Mapping[RowKind, str] = field(default_factory=lambda: CHARGES)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Units of a currency for one of the account's own, for the other currencies the shop sells in."""
    account: str = ""
    """Code of the account that payments and refunds go through; empty when a person enters what moves later."""


def terms(
    customer: str, tax_rule: str, products: Mapping[str, str], rates: Mapping[str, Decimal], account: str = ""
) -> Terms:
    """The terms of a connection; Misset for a kind of line nobody knows."""
    return Terms(customer, tax_rule, charges(products, "Cin7 Core", "products"), rates, account)


class Selling:
    """Makes and voids sales."""

    def __init__(
        self, client: Cin7CoreClient, places: Places, sales: Sales, ids: ExternalIds, terms: Terms
    ) -> None:
        self._client, self._places, self._sales = client, places, sales
        self._ids, self._terms = ids, terms
        self.turns: dict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)
        """One act at a time per order."""

    async def enter(self, sale: SalesDocument) -> Document:
        """The document of this sale, made or finished unless it is there; one at a time per order."""
        async with self.turns[sale.ref]:
            known = await self._sales.found(sale.ref)
            there = grouped(known)
            whole = next((one for one in there if sum(part.total for part in one) == sale.total), None)
            if whole is None:
                rest = [part for parts in there for part in parts]
                whole = await self._parts(sale, rest, [one for one in known if one.shell])
        self.turns.pop(sale.ref, None)
        return document(whole, sale.ref)

    async def part(
        self,
        ref: OrderId,
        head: Row,
        lines: Sequence[Row],
        charges: Sequence[Row],
        shells: list[Sale],
    ) -> Sale:
        """One authorised sale with this head, in a shell that is there for its location or in a new one."""
        place = head.get("Location")
        used = next((one for one in shells if one.location == place), None)
        if used is not None:
            shells.remove(used)
            number = used.id
        else:
            number = str((await self._client.post("sale", {**head, "ExternalID": self._ids.of(ref)}))["ID"])
        total = sum((Decimal(line["Total"]) for line in (*lines, *charges)), Decimal(0))
        order = {
            "SaleID": number,
            "Memo": "",
            "Status": AUTHORISED,
            "AutoPickPackShipMode": "NOPICK",
            "Lines": list(lines),
            "AdditionalCharges": list(charges),
            "TotalBeforeTax": total,
            "Tax": Decimal(0),
            "Total": total,
        }
        await self._client.post("sale/order", order)
        made = await self._sales.read(number)
        if made is None or made.shell or made.voided:
            raise Refused(
                f"Cin7 Core took sale {number} and does not show it as authorised.",
                "Look into the sale's log in Cin7 Core who undoes or voids it, then retry.",
                code="cin7_core_not_shown",
            )
        return made

    async def shells(self, ref: OrderId) -> list[Sale]:
        """Sales of an order that were begun and not finished."""
        return [one for one in await self._sales.found(ref) if one.shell]

    async def void(self, sale: Sale) -> None:
        """Call a sale off."""
        await self._client.void("sale", ID=sale.id)

    async def _parts(self, sale: SalesDocument, made: list[Sale], shells: list[Sale]) -> Parts:
        """Every part, those that are there as they are wanted included; others of an entry cut short are voided."""
        head, parts = await self._head(sale), split(sale)
        written = {place: await self._written(part) for place, part in parts}
        done: list[Sale] = []
        for place, part in parts:
            same = (one for one in made if one.location == place and one.total == part.total)
            if (there := next(same, None)) is not None:
                made.remove(there)
                done.append(there)
        for stray in made:
            await self.void(stray)
        for place, part in parts:
            if any(one.location == place for one in done):
                continue
            where = {} if place is None else {"Location": await self._places.location(place)}
            try:
                entered = await self.part(sale.ref, head | where, *written[place], shells)
            except Refused:
                await self._take_back(done)
                raise
            if entered.total != part.total or entered.currency != sale.currency:
                await self.void(entered)
                raise self._differs(sale, part.total, entered)
            done.append(entered)
        return tuple(sorted(done, key=lambda one: one.number))

    async def _take_back(self, done: Sequence[Sale]) -> None:
        """A document of which a part was declined is none, unless goods of it have left."""
        if not any(part.shipped for part in done):
            for part in done:
                await self.void(part)
                await self._sales.read(part.id)

    def _differs(self, sale: SalesDocument, total: Decimal, entered: Sale) -> Refused | Unmapped:
        return differing(
            sale,
            total,
            (entered.total, entered.currency),
            WHO,
            currency=(
                f"Let customer {self._terms.customer} of Cin7 Core use {sale.currency}, or use a connection of its "
                "own for that currency, and retry."
            ),
            amount=(
                f"Check that tax rule {self._terms.tax_rule} takes 0 % and that no deal or discount of Cin7 Core "
                "applies to this customer, then retry."
            ),
        )

    async def _head(self, sale: SalesDocument) -> Row:
        lines = [row for row in sale.address if row]
        base = await self._places.base_currency()
        rate = Decimal(1) if sale.currency == base else self._terms.rates.get(sale.currency)
        if rate is None:
            raise Unmapped(
                f"Cin7 Core keeps its books in {base}, order {sale.name} was charged in {sale.currency}.",
                f"Name a rate for {sale.currency} in the rates table of this connection, and retry.",
                code="currency_unmapped",
            )
        return {
            "Customer": self._terms.customer,
            "Contact": sale.customer[:256],
            "Email": sale.email[:256],
            "SkipQuote": True,
            "SaleType": "Advanced",
            "TaxRule": self._terms.tax_rule,
            "TaxInclusive": False,
            "CurrencyRate": rate,
            "CustomerReference": sale.name[:REFERENCE],
            "SaleOrderDate": stamp(sale.placed_at),
            "Note": "\n".join(remarks(sale, address=True))[:NOTE],
            "ShippingAddress": {
                "Line1": ", ".join(lines)[:LINE1],
                "Contact": sale.customer[:256],
                "ShipToOther": True,
            },
        }

    async def _written(self, part: SalesDocument) -> tuple[list[Row], list[Row]]:
        """(lines, additional charges) of a part; Unmapped when Cin7 Core does not sell something in it."""
        made = rows(part)
        goods = [row for row in made if row.kind is RowKind.GOODS]
        skus = await self._places.products({str(row.sku) for row in goods})
        names = await self._places.named({self._name(row) for row in made if row not in goods})
        lines: list[Row] = []
        charges: list[Row] = []
        for row in made:
            facts = {
                "Quantity": row.quantity,
                "Price": row.unit_price,
                "Discount": 0,
                "Tax": 0,
                "TaxRule": self._terms.tax_rule,
                "Total": row.amount,
                "Comment": row.text[:COMMENT],
            }
            if row.kind is RowKind.GOODS:
                product = skus.get(str(row.sku))
                if product is None or not product.stocked:
                    raise no_product(str(row.sku), row.text)
                lines.append({"ProductID": product.id, "SKU": product.sku, "Name": product.name, **facts})
            else:
                if self._name(row) not in names:
                    raise no_product(self._name(row), row.text)
                charges.append({"Description": self._name(row), **facts})
        return lines, charges

    def _name(self, row: SaleRow) -> str:
        return row.item or self._terms.products[row.kind]
