"""Payments, credit notes and refunds of sales: each a draft first, then posted by its id (tier T1.5).

A draft left behind by a crash is found by its text and posted; of several one is, and the others are thrown away, for
none of them counts for anything. So however often an entry is sent, it is posted once.
"""

from collections.abc import Mapping
from decimal import Decimal

from adapters.posting import fits
from adapters.tryton.credit_notes import CreditNotes
from adapters.tryton.entered import Account, Book, Entered, amounts
from adapters.tryton.payments import Payments
from adapters.tryton.rights import lacking
from adapters.tryton.rpc import Rpc
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId


class Posting:
    """Posts entries of sales of one web shop."""

    def __init__(self, rpc: Rpc, shop: int, method: str) -> None:
        self._rpc, self._shop = rpc, shop
        self._payments, self._notes = Payments(rpc, method), CreditNotes(rpc)

    async def post(self, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        """Post an entry unless it is there; amounts of all of its kind, by key."""
        book: Book = self._notes if entry.kind is EntryKind.CREDIT else self._payments
        try:
            return await self._posted(book, document, entry)
        except Refused as no:
            if no.code != "enter_by_hand" and (missing := await lacking(self._rpc, money=True)):
                raise Refused(*missing[0][1:], code="tryton_rights") from no
            raise

    async def _posted(self, book: Book, document: DocumentId, entry: Entry) -> Mapping[str, Decimal]:
        account = await self._account(document, entry)
        there = await book.there(account.ref, entry.kind)
        if entry.key in amounts(there):
            return amounts(there)
        fits(entry, amounts(there), account.worth, "Tryton")
        number = await self._ready(book, account, entry, there)
        try:
            await self._rpc.press(book.model, "post", [number])
        except Refused:
            # posted in between by a call that was thought lost: Tryton objects to posting it again
            there = await book.there(account.ref, entry.kind)
            if entry.key not in amounts(there):
                raise
            return amounts(there)
        return amounts(await book.there(account.ref, entry.kind))

    async def _ready(self, book: Book, account: Account, entry: Entry, there: list[Entered]) -> int:
        """The draft to be posted, which says what the entry says; other drafts of posted or of equal key go."""
        drafts = [each for each in there if not each.posted]
        keep = next((each for each in drafts if (each.key, each.amount) == (entry.key, entry.amount)), None)
        done = {*amounts(there), entry.key}
        if stale := [each.id for each in drafts if each.key in done and each is not keep]:
            await self._rpc.model(book.model, "delete", stale)
        if keep is not None:
            return keep.id
        number = await book.draft(account, entry)
        made = next(
            (each.amount for each in await book.there(account.ref, entry.kind) if each.id == number), None
        )
        if made != entry.amount:
            await self._rpc.model(book.model, "delete", [number])
            raise Refused(
                f"Tryton makes {made} of {entry.kind.value.replace('_', ' ')} {entry.amount} {entry.currency} of order "
                f"{entry.name}",
                f"Let {entry.currency} have as many digits in Tryton as it has minor units, then retry",
                code="total_differs",
            )
        return number

    async def _account(self, document: DocumentId, entry: Entry) -> Account:
        fields = ["web_id", "total_amount", "party", "invoice_address", "currency.code", "company.currency"]
        number = int(document) if document.isdecimal() else 0
        domain = [["web_shop", "=", self._shop], ["id", "=", number]]
        found = await self._rpc.rows("sale.sale", domain, fields)
        if not found:
            raise Refused(
                f"Tryton has no sale {document} of this shop",
                "Look for the order in Tryton",
                code="tryton_no_sale",
            )
        [row] = found
        if row["currency."]["code"] != entry.currency:
            raise Refused(
                f"Sale {document} of Tryton is in {row['currency.']['code']}, the money of order {entry.name} in "
                f"{entry.currency}",
                "Correct the currency of the sale in Tryton, then retry",
                code="tryton_other_currency",
            )
        return Account(
            sale=row["id"],
            ref=OrderId(row["web_id"]),
            worth=row["total_amount"],
            party=row["party"],
            address=row["invoice_address"],
            currency=row["currency."]["id"],
            home=row["company."]["currency"],
        )
