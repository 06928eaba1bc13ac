"""Entering orders: looked up by their number first, then made under a reference of their own.

Omni keeps a reference to one order; what it answers to one that is taken is not confirmed, so an order is looked up
before it is sent, and again when Omni declines (tier T2). An answer of 200 says nothing by itself: each record has a
success of its own.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.amounts import CHARGES, RowKind, charges, rows, sold_as
from adapters.amounts import Row as SaleRow
from adapters.cin7_omni.client import OmniClient, Row
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.trouble import WHO, no_product
from adapters.cin7_omni.wire import CHARGE, GOODS, reference
from adapters.differing import differing
from adapters.external_ids import ExternalIds
from adapters.parted import Line, Part, Parts, document, lines_of, living, next_number, with_notes, worth
from adapters.parts import split
from adapters.remarks import remarks
from engine.model.failure import Failure, Refused, Unmapped
from engine.model.ids import OrderId, WarehouseId
from engine.model.sale import Document, SalesDocument

COMMENTS, NAME, ADDRESS, LINE = 4000, 250, 250, 250
"""Characters that TrueUp writes into these fields at most."""
REFERENCE = 30
"""Characters a reference may have."""
HEAD = (
    "customerOrderNo", "memberId", "memberEmail", "firstName", "email", "deliveryFirstName", "deliveryAddress1",
    "currencyCode", "taxStatus", "taxRate",
)  # fmt: skip
"""Fields that further parts of an order bear too."""
Wanted = tuple[int, WarehouseId, Sequence[Line]]
"""Number, branch and lines of a part."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How this connection sells."""

    customer: int | None = None
    """Id of one contact for all orders; None to let Omni find or make one by the buyer's email."""
    products: Mapping[RowKind, str] = field(default_factory=lambda: CHARGES)
    payment_method: str = ""
    """Name of the method payments are entered under; empty when a person enters what moves later."""


def terms(customer: int | None, products: Mapping[str, str], payment_method: str = "") -> Terms:
    """The terms of a connection; Misset for a kind of line nobody knows."""
    return Terms(customer, charges(products, "Cin7 Omni", "products"), payment_method)


class Selling:
    """Makes orders and voids them."""

    def __init__(
        self, client: OmniClient, places: Places, orders: Orders, ids: ExternalIds, terms: Terms
    ) -> None:
        self._client, self._places, self._orders = client, places, orders
        self._ids, self._terms = ids, terms
        self.turns: dict[OrderId, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Who writes an order of the shop does so alone."""

    async def enter(self, sale: SalesDocument) -> Document:
        """The document of this sale, made or completed unless it is there."""
        async with self.turns[sale.ref]:
            await self._orders.found(sale.ref)
            known = self._orders.known(sale.ref)
            if not living(known) or worth(known) != sale.total:
                await self._parts(sale, known)
            return document(self._orders.known(sale.ref), {})

    async def make(self, parts: Parts, wanted: Sequence[Wanted]) -> None:
        """Further parts of a document, with the head of its first, in one call."""
        row = self._orders.row(parts[0].id)
        head = {name: row[name] for name in HEAD if row.get(name) not in (None, "")}
        head["internalComments"] = with_notes("\n".join(_plain(parts[0].text)), (), COMMENTS)
        await self._post(parts[0].ref, head, wanted)

    async def void(self, parts: Sequence[Part], comments: Mapping[str, str] | None = None) -> None:
        """Call orders off, in one call; with what is to stand on them afterwards."""
        records: list[Row] = [{"id": int(part.id), "isVoid": True} for part in parts]
        for record in records:
            if comments and str(record["id"]) in comments:
                record["internalComments"] = comments[str(record["id"])]
        await self.change(records)

    async def change(self, records: Sequence[Row]) -> None:
        """Send changes of orders and read them back; the first failure is raised once all have been read."""
        results = await self._client.put("SalesOrders", records)
        for record in records:
            await self._orders.read(str(record["id"]))
        for result in results:
            if isinstance(result, Failure):
                raise result

    async def _parts(self, sale: SalesDocument, known: Parts) -> None:
        """Every part, those that are there as they are wanted included; others of an entry cut short are voided."""
        head, lines = self._head(sale), await self._written(sale)
        rest = list(living(known))
        wanted: list[tuple[WarehouseId, Decimal, list[Line]]] = []
        for place, total, some in lines:
            same = next((one for one in rest if one.place == place and one.total == total), None)
            if same is None:
                wanted.append((place, total, some))
            else:
                rest.remove(same)
        if rest:
            await self.void(rest)
        first = next_number(known)
        numbered = [(first + at, place, some) for at, (place, _, some) in enumerate(wanted)]
        made = await self._post(sale.ref, head, numbered, together=True)
        for (_, total, _), part in zip(wanted, made, strict=True):
            if part.total != total or part.currency != sale.currency:
                await self.void(made)
                raise self._differs(sale, total, part)

    async def _post(
        self, ref: OrderId, head: Row, wanted: Sequence[Wanted], *, together: bool = False
    ) -> list[Part]:
        """Parts, made or found to be there; each by its own success. `together`: all of them or none."""
        external = self._ids.of(ref)
        records = [
            {
                **head,
                "reference": _short(reference(external, number)),
                "branchId": await self._places.branch(place),
                "isApproved": True,
                "stage": "New",
                "lineItems": [_body(line) for line in lines],
            }
            for number, place, lines in wanted
        ]
        if not records:
            return []
        results = await self._client.post("SalesOrders", records)
        trouble: Failure | None = None
        made: list[Part] = []
        for result in results:
            part = None if isinstance(result, Failure) else await self._orders.read(str(result["id"]))
            if part is not None:
                made.append(part)
            elif isinstance(result, Failure):
                trouble = trouble or result
        if trouble is None and len(made) == len(records):
            return made
        there = {part.number: part for part in await self._orders.found(ref) if not part.cancelled}
        if all(number in there for number, _, _ in wanted):
            return [there[number] for number, _, _ in wanted]
        if together and made and isinstance(trouble, Refused):
            await self.void(made)  # a document of which a part was declined is none
        raise trouble or Refused(
            f"Cin7 Omni took order {external} and does not show it.",
            "Look into the order's history in Cin7 Omni who deleted it, then retry.",
            code="omni_not_shown",
        )

    def _differs(self, sale: SalesDocument, total: Decimal, entered: Part) -> Refused | Unmapped:
        return differing(
            sale,
            total,
            (entered.total, entered.currency),
            WHO,
            currency=f"Add {sale.currency} to the currencies of Cin7 Omni, and retry.",
            amount="Check that no discount or tax of Cin7 Omni applies to this customer, then retry.",
        )

    def _head(self, sale: SalesDocument) -> Row:
        placed = f"Placed {sale.placed_at:%Y-%m-%d %H:%M} UTC"
        head: Row = {
            "customerOrderNo": self._ids.of(sale.ref),
            "firstName": sale.customer[:NAME],
            "email": sale.email[:NAME],
            "deliveryFirstName": sale.customer[:NAME],
            "deliveryAddress1": ", ".join(row for row in sale.address if row)[:ADDRESS],
            "currencyCode": sale.currency,
            "taxStatus": "Exempt",
            "taxRate": 0,
            "internalComments": "\n".join([*remarks(sale, address=True), placed])[:COMMENTS],
        }
        if self._terms.customer is not None:
            head["memberId"] = self._terms.customer
        else:
            head["memberEmail"] = (sale.email.strip() or f"{self._ids.prefix}buyer@invalid.invalid")[:NAME]
        return head

    async def _written(self, sale: SalesDocument) -> list[tuple[WarehouseId, Decimal, list[Line]]]:
        """(branch, total, lines) of each part; Unmapped for what Omni does not sell, before anything is sent."""
        found: list[tuple[WarehouseId, Decimal, list[Line]]] = []
        for place, part in split(sale):
            made = rows(part)
            known = await self._places.options({self._code(row) for row in made})
            for row in made:
                if self._code(row) not in known:
                    raise no_product(self._code(row), row.text)
            where = place or await self._places.default()
            await self._places.branch(where)
            found.append((where, part.total, lines_of((self._code(row), row) for row in made)))
        return found

    def _code(self, row: SaleRow) -> str:
        return sold_as(row, self._terms.products)


def _body(line: Line) -> Row:
    return {
        "code": line.item,
        "qty": line.units,
        "unitPrice": line.price,
        "discount": 0,
        "lineComments": line.text[:LINE],
        "integrationRef": GOODS if line.sku is not None else CHARGE,
    }


def _plain(text: str) -> list[str]:
    """The lines of a text that are no notes."""
    return [line for line in text.splitlines() if not line.startswith("~")]


def _short(said: str) -> str:
    if len(said) > REFERENCE:
        raise Refused(
            f"The reference {said} is longer than the {REFERENCE} characters Cin7 Omni keeps.",
            "Shorten prefix of this connection before its first order, and retry.",
            code="reference_too_long",
        )
    return said
