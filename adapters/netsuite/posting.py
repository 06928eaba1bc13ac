"""Money of orders in NetSuite: deposits, payments, credit memos and customer refunds, each an upsert by external id (T0).

The external id is the order's with the kind and Shopify's number behind it, so what was entered for an order is found
by it and nothing is entered twice. Lines of a credit memo are charge items: a stocked item on one would put goods on
the shelf a second time, for returns are booked as such. A customer refund has to say what it pays back: the credit
memo of the same refund first, then other credit memos of the order, then its deposits, each as far as it is open.
What is paid before an order is billed is a deposit of it, which NetSuite uses for the invoices it makes after; what is
paid later is a payment of those that are open, and a deposit with the same external id for what is still to be billed
(NetSuite record browser 2026.1: customerDeposit, customerPayment, creditMemo, customerRefund). Where taxes are tax
details, a credit memo has its own, under the codes of the order: `adapters.netsuite.taxing`.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.amounts import RowKind
from adapters.external_ids import ExternalIds
from adapters.netsuite.billing import Billing
from adapters.netsuite.client import Json, NetSuiteClient, Row, text, texts
from adapters.netsuite.documents import BILLED
from adapters.netsuite.names import Names
from adapters.netsuite.selling import CUSTOM_PRICE, MEMO, Terms
from adapters.netsuite.taxing import Borne, Levy, Taxing, references, shares
from adapters.posting import CreditRow, by_hand, credit_rows, fits, key_of, short
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId
from engine.model.money import exponent

DEPOSIT, PAYMENT, CREDIT_MEMO, REFUND = "CustDep", "CustPymt", "CustCred", "CustRfnd"
"""Types in SuiteQL."""
RECORDS: Mapping[str, str] = {
    DEPOSIT: "customerDeposit",
    PAYMENT: "customerPayment",
    CREDIT_MEMO: "creditMemo",
    REFUND: "customerRefund",
}
KINDS: Mapping[EntryKind, tuple[str, tuple[str, ...]]] = {
    EntryKind.PAYMENT: ("dep", (DEPOSIT, PAYMENT)),
    EntryKind.CREDIT: ("crd", (CREDIT_MEMO,)),
    EntryKind.REFUND: ("ref", (REFUND,)),
}
"""What stands in the external id, and the types it can be."""
UNBILLED = ("A", "B")
"""States of an order of which nothing left: waiting to be approved, and to be fulfilled."""
NOT_UNDEPOSITED = {"id": "F"}
"""The money goes to the account that is named; not confirmed with a live account."""


class Posting:
    """Enters them."""

    def __init__(
        self,
        client: NetSuiteClient,
        names: Names,
        billing: Billing,
        ids: ExternalIds,
        terms: Terms,
        taxing: Taxing,
    ) -> None:
        self._client, self._names, self._billing, self._ids = client, names, billing, ids
        self._terms, self._taxing = terms, taxing

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Enter it unless it is there; amounts of all of its kind, by key."""
        order, there = await self._look(document, entry)
        before = there.get(entry.key, Decimal(0))
        if before and (entry.kind is not EntryKind.PAYMENT or not 0 < before < entry.amount):
            return there
        fits(entry, there, Decimal(order["foreigntotal"]), "NetSuite")
        head = await self._head(order, entry)
        for type_, body in await self._bodies(document, order, entry, before):
            path = f"{RECORDS[type_]}/eid:{self._external(entry, entry.kind)}{short(entry)}"
            await self._write(path, {**head, **body}, entry)
        return (await self._look(document, entry))[1]

    async def _bodies(
        self, document: DocumentId, order: Row, entry: Entry, before: Decimal
    ) -> list[tuple[str, Json]]:
        """What kinds of records it becomes, and what each says beside its head; `before`: what of it is there."""
        match entry.kind:
            case EntryKind.CREDIT:
                taxed = self._taxed(order, entry) if self._terms.details else self._untaxed(entry)
                return [(CREDIT_MEMO, await taxed)]
            case EntryKind.REFUND:
                return [(REFUND, {**await self._paid_back(document, entry), **self._money(entry)})]
            case EntryKind.PAYMENT:
                return await self._payments(order, entry, before)

    async def _payments(self, order: Row, entry: Entry, before: Decimal) -> list[tuple[str, Json]]:
        """A deposit for what is still to be billed, made first, and a payment of what is billed and not paid.

        So a deposit alone is found when an answer was lost between them, and the rest of it is a payment.
        """
        money, left = self._money(entry), entry.amount - before
        if order["status"] in UNBILLED:
            deposit, applied = Decimal(0) if before else left, list[Json]()
            paid = Decimal(0)
        else:
            applied = await self._applied(order, left)
            owed = sum((Decimal(str(line["amount"])) for line in applied), Decimal(0))
            paid = left if before or order["status"] == BILLED else owed
            deposit = left - paid
        made = list[tuple[str, Json]]()
        if deposit:
            made.append((DEPOSIT, {"payment": float(deposit), **money, "salesOrder": {"id": order["id"]}}))
        if paid:
            lines = {"apply": {"items": applied}} if applied else {}
            made.append((PAYMENT, {"payment": float(paid), **money, **lines}))
        return made

    async def _applied(self, order: Row, left: Decimal) -> list[Json]:
        """What a payment pays of the invoices of its order; what is too much stays on the customer's account."""
        lines = list[Json]()
        async for number, open_ in self._billing.open_amounts(order["id"]):
            if take := min(left, open_):
                lines.append({"doc": {"id": number}, "apply": True, "amount": float(take)})
                left -= take
        return lines

    async def _look(self, document: DocumentId, entry: Entry) -> tuple[Row, dict[str, Decimal]]:
        """The order, and what was entered for it by key; Refused when it is none of ours.

        Amounts are positive in what we enter, whatever sign a query gives them.
        """
        order, mine = await self._rows(document, entry, entry.kind, KINDS[entry.kind][1])
        there: dict[str, Decimal] = {}
        for key, row in mine:
            there[key] = there.get(key, Decimal(0)) + abs(Decimal(row["foreigntotal"]))
        return order, there

    async def _rows(
        self, document: DocumentId, entry: Entry, kind: EntryKind, types: Collection[str]
    ) -> tuple[Row, list[tuple[str, Row]]]:
        """The order, and the records of these types with the key of each."""
        begins = self._external(entry, kind)
        rows = await self._client.query(
            "SELECT id, type, status, externalid, entity, foreigntotal FROM transaction "  # noqa: S608  REST takes no parameters; every value is a literal of `text`
            f"WHERE (type = 'SalesOrd' AND externalid = {text(self._ids.of(entry.order))}) "
            f"OR (type IN {texts(types)} AND externalid LIKE {text(begins + '%')}) ORDER BY id"
        )
        order = next((row for row in rows if row["type"] == "SalesOrd" and row["id"] == document), None)
        if order is None:
            raise Refused(
                f"NetSuite has no sales order {document} of ours.",
                "If it was deleted there, resolve this record.",
                code="document_unknown",
            )
        mine = [row for row in rows if row["type"] in types and row["externalid"].startswith(begins)]
        return order, [(key_of(kind, row["externalid"].removeprefix(begins)), row) for row in mine]

    def _external(self, entry: Entry, kind: EntryKind) -> str:
        return f"{self._ids.of(entry.order)}-{KINDS[kind][0]}-"

    async def _head(self, order: Row, entry: Entry) -> Json:
        who = "entity" if entry.kind is EntryKind.CREDIT else "customer"
        body: Json = {
            who: {"id": order["entity"]},
            "tranDate": entry.at.date().isoformat(),
            "memo": " ".join(f"{entry.name} {entry.gateway} {entry.key} {entry.note}".split())[:MEMO],
            "currency": {"id": await self._names.currency(entry.currency)},
        }
        if subsidiary := entry.subsidiary or self._terms.subsidiary:
            body["subsidiary"] = {"id": subsidiary}
        return body

    def _money(self, entry: Entry) -> Json:
        """Through which account the money goes."""
        account = {"account": {"id": entry.account or self._terms.account}}
        return {**account, "undepFunds": NOT_UNDEPOSITED} if entry.kind is EntryKind.PAYMENT else account

    async def _untaxed(self, entry: Entry) -> Json:
        return {"item": {"items": await self._lines(credit_rows(entry))}}

    async def _taxed(self, order: Row, entry: Entry) -> Json:
        """Taxes as tax details, under the codes under which the order bears those of the same item."""
        record = await self._client.read(f"salesOrder/{order['id']}")
        rows = credit_rows(entry)
        given = {row.line: row for row in rows if row.kind is not RowKind.TAX}
        taxes = {row.line: row for row in rows if row.kind is RowKind.TAX}
        # a tax that is given back by itself stands on a line that is worth nothing
        given |= {
            line: replace(row, kind=RowKind.OTHER, amount=Decimal(0))
            for line, row in taxes.items()
            if line not in given
        }
        chosen = [given[line] for line in sorted(given)]
        lines, free = await self._lines(chosen), references()
        borne: list[Borne] = []
        for row, line in zip(chosen, lines, strict=True):
            if row.line in taxes:
                reference = line["taxDetailsReference"] = next(free)
                borne += (
                    (reference, levy) for levy in await self._levies(entry, row, taxes[row.line], record)
                )
        return {"item": {"items": lines}, **await self._taxing.part(borne)}

    async def _levies(self, entry: Entry, row: CreditRow, tax: CreditRow, record: Json) -> list[Levy]:
        name = str(row.sku) if row.sku else self._terms.items.get(row.kind, "")
        item = (await self._names.items([name])).get(name, "")
        step = Decimal(1).scaleb(-exponent(entry.currency))
        return [
            Levy(str(row.line), code, tax.text, row.amount, amount)
            for code, amount in shares(record, item, tax.amount, step, self._terms.tax_code)
        ]

    async def _lines(self, rows: Sequence[CreditRow]) -> list[Json]:
        made = []
        names = {row: self._terms.items.get(row.kind, self._terms.items[RowKind.OTHER]) for row in rows}
        items = await self._names.items(set(names.values()))
        for row, name in names.items():
            if name not in items:
                raise Unmapped(
                    f"NetSuite has no item {name} ({row.text}).",
                    "Create it there, or correct the items table of this connection, and retry.",
                    code="product_unknown",
                )
            amount = float(row.amount)
            line = {"item": {"id": items[name]}, "quantity": 1, "rate": amount, "amount": amount}
            made.append({**line, "price": CUSTOM_PRICE, "description": row.text[:999]})
        return made

    async def _paid_back(self, document: DocumentId, entry: Entry) -> Json:
        """What a refund pays back, as far as each is open; left to a person when that is too little."""
        left, chosen = entry.amount, {EntryKind.CREDIT: list[Json](), EntryKind.PAYMENT: list[Json]()}
        async for kind, number, open_ in self._open(document, entry):
            if take := min(left, open_):
                chosen[kind].append({"doc": {"id": number}, "apply": True, "amount": float(take)})
                left -= take
            if not left:
                break
        if left:
            raise by_hand(
                entry, "NetSuite", f"credit memos and deposits of this order leave {left} of it uncovered"
            )
        found = {"apply": chosen[EntryKind.CREDIT], "deposit": chosen[EntryKind.PAYMENT]}
        return {name: {"items": lines} for name, lines in found.items() if lines}

    async def _open(
        self, document: DocumentId, entry: Entry
    ) -> AsyncIterator[tuple[EntryKind, str, Decimal]]:
        """(kind, internal id, what is open of it), the credit memo of the same refund first."""
        for kind, type_ in ((EntryKind.CREDIT, CREDIT_MEMO), (EntryKind.PAYMENT, DEPOSIT)):
            there = dict((await self._rows(document, entry, kind, [type_]))[1])
            for key in _first(there, entry.refund):
                held = await self._client.read(f"{RECORDS[type_]}/{there[key]['id']}")
                if kind is EntryKind.CREDIT:
                    open_ = Decimal(str(held["amountRemaining"]))
                else:
                    paid, back = held["payment"], held.get("refundedAmountTotalBox", 0)
                    open_ = Decimal(str(paid)) - Decimal(str(back or 0))
                yield kind, str(held["id"]), open_

    async def _write(self, path: str, body: Json, entry: Entry) -> None:
        try:
            await self._client.write("PUT", path, body)
        except Refused as no:
            if entry.kind is not EntryKind.REFUND:
                raise
            # a deposit that was applied to an invoice is not open any more, and only NetSuite knows it
            raise by_hand(entry, "NetSuite", no.cause.rstrip(".")) from no


def _first(keys: Iterable[str], refund: str) -> list[str]:
    """Those of the same refund before the others."""
    return sorted(keys, key=lambda key: key.partition("#")[0] != refund)
