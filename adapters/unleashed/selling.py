"""Entering, writing over and deleting orders.

An order is made under a GUID of our own in its address, so sending it twice enters it once (T0). What Unleashed
answers to a GUID that is taken is not confirmed: it is asked for the order first, and again when it declines. A PUT
replaces the whole order, so one is written from what was read, with all its fields.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from adapters.amounts import CHARGES, RowKind, charges, rows, sold_as
from adapters.amounts import Row as SaleRow
from adapters.differing import differing
from adapters.external_ids import ExternalIds
from adapters.parted import (
    Line,
    Note,
    Part,
    Parts,
    document,
    lines_of,
    living,
    next_number,
    with_notes,
    worth,
)
from adapters.parts import split
from adapters.remarks import remarks
from adapters.unleashed.client import Row, UnleashedClient, stamp
from adapters.unleashed.orders import Orders
from adapters.unleashed.places import Places
from adapters.unleashed.trouble import WHO, Gone, no_product
from adapters.unleashed.wire import CHARGE, PLACED, guid
from engine.model.failure import Refused, Unmapped
from engine.model.ids import OrderId, WarehouseId
from engine.model.sale import Document, SalesDocument

COMMENTS, LINE_COMMENTS, REFERENCE, NAME, STREET = 2048, 1024, 50, 100, 500
"""Characters these fields hold."""
KEPT = (
    "OrderDate", "RequiredDate", "Customer", "CustomerRef", "Currency", "ExchangeRate", "Tax", "TaxRate", "SourceId",
    "DeliveryName", "DeliveryStreetAddress", "DiscountRate", "OrderStatus", "AllocateProduct",
)  # fmt: skip
"""Fields of an order's head that a PUT must repeat."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How this connection sells."""

    customer: str
    """Code of the one customer all orders are entered for."""
    tax_code: str = "NONE"
    """Code of a tax of 0 %: what the shop charged as tax stands on lines of its own."""
    products: Mapping[RowKind, str] = field(default_factory=lambda: CHARGES)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Exchange rate by currency, for the currencies the shop sells in beside the account's own."""
    credit_notes: bool = False
    """What refunds give back is entered as credit notes of its own; otherwise a person does."""


def terms(
    customer: str,
    tax_code: str,
    products: Mapping[str, str],
    rates: Mapping[str, Decimal],
    *,
    credit_notes: bool = False,
) -> Terms:
    """The terms of a connection; Misset for a kind of line nobody knows."""
    return Terms(customer, tax_code, charges(products, "Unleashed", "products"), rates, credit_notes)


class Selling:
    """Writes orders."""

    def __init__(
        self, client: UnleashedClient, places: Places, orders: Orders, ids: ExternalIds, terms: Terms
    ) -> None:
        self._client, self._places, self._orders = client, places, orders
        self._ids, self._terms = ids, terms
        self.turns: dict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Who writes an order of the shop does so alone."""

    async def enter(self, sale: SalesDocument) -> Document:
        """The document of this sale, made or completed unless it is there."""
        async with self.turns[sale.ref]:
            made = living(part for part in await self._orders.found(sale.ref) if part.number)
            if not made or worth(made) != sale.total:
                made = await self._parts(sale, made)
        return document(made, {})

    async def write(
        self,
        part: Part,
        lines: Sequence[Line],
        *,
        place: WarehouseId | None = None,
        notes: Sequence[Note] = (),
    ) -> None:
        """Let an order have these lines, and where it is given this warehouse and these notes more."""
        row = self._orders.row(part.id)
        head = {name: row[name] for name in KEPT if row.get(name) is not None}
        where = part.place if place is None else place
        if where is not None:
            head["Warehouse"] = {"WarehouseCode": where}
        head["Comments"] = with_notes(part.text, notes, COMMENTS)
        await self._client.put(f"SalesOrders/{part.id}", {"Guid": part.id, **head, **body_of(lines)})
        await self._orders.read(part.id)

    async def add(self, parts: Parts, number: int, place: WarehouseId | None, lines: Sequence[Line]) -> Part:
        """Another order of the same document, with the head of its first."""
        row = self._orders.row(parts[0].id)
        head = {name: row[name] for name in KEPT if row.get(name) is not None}
        head["OrderStatus"] = PLACED
        return await self._post(parts[0].ref, number, place, head, lines)

    async def delete(self, part: Part) -> None:
        """Call an order off."""
        await self._client.delete(f"SalesOrders/{part.id}")
        await self._orders.read(part.id)

    async def sold(self, sale: SalesDocument) -> list[tuple[str, SaleRow]]:
        """The rows of a sale by the code of what they are sold as; Unmapped for a stranger."""
        made = rows(sale)
        known = await self._places.products({self._code(row) for row in made})
        for row in made:
            product = known.get(self._code(row))
            if product is None or product.stocked != (row.kind is RowKind.GOODS):
                raise no_product(self._code(row), row.text)
            if row.warehouse is not None:
                await self._places.warehouse(row.warehouse)
        return [(self._code(row), row) for row in made]

    async def _parts(self, sale: SalesDocument, made: Parts) -> Parts:
        """Every part, those that are there as they are wanted included; others of an entry cut short are deleted."""
        head, wanted = self._head(sale), split(sale)
        written = [
            (place or await self._places.default(), part.total, lines_of(await self.sold(part)))
            for place, part in wanted
        ]
        done: list[Part] = []
        missing: list[tuple[WarehouseId, Decimal, list[Line]]] = []
        rest = list(made)
        for place, total, lines in written:
            same = next((one for one in rest if one.place == place and one.total == total), None)
            if same is None:
                missing.append((place, total, lines))
            else:
                rest.remove(same)
                done.append(same)
        for stray in rest:
            await self.delete(stray)
        number = next_number(made)
        for place, total, lines in missing:
            try:
                entered = await self._post(sale.ref, number, place, head, lines)
            except Refused:
                await self._take_back(done)
                raise
            if entered.total != total or entered.currency != sale.currency:
                await self.delete(entered)
                raise self._differs(sale, total, entered)
            done.append(entered)
            number = entered.number + 1
        return tuple(sorted(done, key=lambda one: one.number))

    async def _take_back(self, done: Sequence[Part]) -> None:
        """A document of which a part was declined is none, unless goods of it have left."""
        if not any(part.shipped for part in done):
            for part in done:
                await self.delete(part)

    async def _post(
        self, ref: OrderId, number: int, place: WarehouseId | None, head: Row, lines: Sequence[Line]
    ) -> Part:
        """An order under the next number that is free; one that is there already and lives is taken as it is."""
        where = place or await self._places.default()
        body = {**head, "Warehouse": {"WarehouseCode": await self._places.warehouse(where)}, **body_of(lines)}
        while True:
            mine = guid(self._ids.of(ref), number)
            try:
                await self._client.post(f"SalesOrders/{mine}", {"Guid": mine, **body})
            except Gone:
                raise
            except Refused:
                there = await self._orders.made(ref, number)
                if there is None:
                    raise
                if there.cancelled:
                    number += 1
                    continue
            made = await self._orders.made(ref, number)
            if made is not None:
                return made
            raise Refused(
                f"Unleashed took order {self._ids.of(ref)} and does not show it.",
                "Look into the order's history in Unleashed who deleted it, then retry.",
                code="unleashed_not_shown",
            )

    def _differs(self, sale: SalesDocument, total: Decimal, entered: Part) -> Refused | Unmapped:
        return differing(
            sale,
            total,
            (entered.total, entered.currency),
            WHO,
            currency=(
                f"Let customer {self._terms.customer} of Unleashed use {sale.currency}, or use a connection of its "
                "own for that currency, and retry."
            ),
            amount=(
                f"Check that tax code {self._terms.tax_code} takes 0 % and that no discount of Unleashed applies to "
                "this customer, then retry."
            ),
        )

    def _head(self, sale: SalesDocument) -> Row:
        head: Row = {
            "OrderStatus": PLACED,
            "OrderDate": stamp(sale.placed_at),
            "RequiredDate": stamp(sale.placed_at),
            "Customer": {"CustomerCode": self._terms.customer},
            "CustomerRef": sale.name[:REFERENCE],
            "SourceId": self._ids.of(sale.ref),
            "Currency": {"CurrencyCode": sale.currency},
            "Tax": {"TaxCode": self._terms.tax_code},
            "TaxRate": 0,
            "DiscountRate": 0,
            "AllocateProduct": True,
            "DeliveryName": sale.customer[:NAME],
            "DeliveryStreetAddress": ", ".join(row for row in sale.address if row)[:STREET],
            "Comments": "\n".join([*remarks(sale, address=True), *([sale.email] if sale.email else [])])[
                :COMMENTS
            ],
        }
        if sale.currency in self._terms.rates:
            head["ExchangeRate"] = self._terms.rates[sale.currency]
        return head

    def _code(self, row: SaleRow) -> str:
        return sold_as(row, self._terms.products)


def body_of(lines: Sequence[Line]) -> Row:
    """The lines and totals of an order; a line that is there keeps its number, others are numbered behind."""
    last = max((int(line.id) for line in lines if line.id), default=0)
    numbered: list[Line] = []
    for line in lines:
        last += 0 if line.id else 1
        numbered.append(line if line.id else replace(line, id=str(last)))
    total = sum((line.units * line.price for line in numbered), Decimal(0))
    return {
        "SalesOrderLines": [
            {
                "LineNumber": int(line.id),
                **({} if line.sku is not None else {"LineType": CHARGE}),
                "Product": {"ProductCode": line.item},
                "OrderQuantity": line.units,
                "UnitPrice": line.price,
                "DiscountRate": 0,
                "LineTotal": line.units * line.price,
                "TaxRate": 0,
                "LineTax": 0,
                "Comments": line.text[:LINE_COMMENTS],
            }
            for line in numbered
        ],
        "SubTotal": total,
        "TaxTotal": 0,
        "Total": total,
    }
