"""Payments, credit notes and refunds of sales: each a draft first, then posted by its id (tier T1.5).

A draft left behind by a crash is found by its text and posted; of several one is, and the others are thrown away, for
none of them counts for anything. So however often an entry is sent, it is posted once. Entries that come while others
are under way are made and posted together, each with its own outcome.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial

from adapters.posting import fits
from adapters.together import Together
from adapters.tryton.credit_notes import CreditNotes
from adapters.tryton.entered import Account, Book, Entered, amounts
from adapters.tryton.looks import Looks
from adapters.tryton.payments import Payments
from adapters.tryton.rights import lacking
from adapters.tryton.rpc import Rpc
from adapters.tryton.trouble import may_be_one
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Failure, NotApplied, Refused, TryLater
from engine.model.ids import DocumentId, OrderId

MOST = 16
"""Entries posted together."""
Ask = tuple[DocumentId, Entry]
Amounts = Mapping[str, Decimal]
Answers = dict[Ask, Amounts | Failure]
There = Mapping[OrderId, list[Entered]]


class Posting:
    """Posts entries of sales of one web shop."""

    def __init__(self, rpc: Rpc, shop: int, method: str) -> None:
        self._rpc, self._shop = rpc, shop
        payments = Payments(rpc, method)
        self.books: Mapping[EntryKind, Book] = {
            EntryKind.PAYMENT: payments,
            EntryKind.CREDIT: CreditNotes(rpc),
            EntryKind.REFUND: payments,
        }
        self._together = {kind: Together(partial(self._serve, kind), most=MOST) for kind in EntryKind}

    async def post(self, document: DocumentId, entry: Entry) -> Amounts:
        """Post an entry unless it is there; amounts of all of its kind, by key."""
        return await self._together[entry.kind].ask((document, entry))

    async def _serve(self, kind: EntryKind, asked: Sequence[Ask]) -> list[Amounts | Failure]:
        """One entry of each sale at a time."""
        answers: Answers = {}
        waiting = list(dict.fromkeys(asked))
        while waiting:
            first = {document: (document, entry) for document, entry in reversed(waiting)}
            answers |= await self._each(kind, list(first.values()))
            waiting = [ask for ask in waiting if ask not in answers]
        if any(isinstance(no, Refused) and no.code == "tryton_user_error" for no in answers.values()):
            answers = await self._explained(answers)
        return [answers[ask] for ask in asked]

    async def _each(self, kind: EntryKind, asked: Sequence[Ask]) -> Answers:
        """Post many; when Tryton refuses them, each alone, so that only the one it means fails."""
        try:
            return await self._posted(kind, asked)
        except Failure as failure:
            if not may_be_one(failure):
                raise
            if len(asked) == 1:
                return {asked[0]: failure}
        answers: Answers = {}
        for ask in asked:
            answers |= await self._each(kind, [ask])
        return answers

    async def _posted(self, kind: EntryKind, asked: Sequence[Ask]) -> Answers:
        book, answers = self.books[kind], Answers()
        accounts = await self._accounts(asked, answers)
        there = await self._there(book, kind, accounts.values())
        due: dict[Ask, Account] = {}
        for ask, account in accounts.items():
            known = amounts(there[account.ref])
            try:
                if ask[1].key in known:
                    answers[ask] = known
                else:
                    fits(ask[1], known, account.worth, "Tryton")
                    due[ask] = account
            except Refused as no:
                answers[ask] = no
        ready = await self._ready(book, due, there, answers) if due else {}
        if ready:
            await self._press(book, ready, due)
            there = await self._there(book, kind, due.values())
        return answers | {ask: amounts(there[due[ask].ref]) for ask in ready}

    async def _press(self, book: Book, ready: Mapping[Ask, int], due: Mapping[Ask, Account]) -> None:
        try:
            await self._rpc.press(book.model, "post", list(ready.values()))
        except Refused:
            # posted in between by a call that was thought lost: Tryton objects to posting it again
            [ask, *others] = ready
            there = await self._there(book, ask[1].kind, due.values())
            if others or ask[1].key not in amounts(there[due[ask].ref]):
                raise

    async def _ready(
        self, book: Book, due: Mapping[Ask, Account], there: There, answers: Answers
    ) -> dict[Ask, int]:
        """Drafts to be posted, which say what the entries say; other drafts of posted or of equal key go."""
        looks, ready, stale = Looks(self._rpc), dict[Ask, int](), list[int]()
        made: dict[Ask, Mapping[str, object]] = {}
        for ask, account in due.items():
            entry, known = ask[1], there[account.ref]
            drafts = [each for each in known if not each.posted]
            keep = next(
                (each for each in drafts if (each.key, each.amount) == (entry.key, entry.amount)), None
            )
            done = {*amounts(known), entry.key}
            stale += [each.id for each in drafts if each.key in done and each is not keep]
            try:
                if keep is None:
                    made[ask] = await book.values(looks, account, entry)
                else:
                    ready[ask] = keep.id
            except TryLater:
                raise
            except NotApplied as no:
                answers[ask] = no
        if stale:
            await self._rpc.model(book.model, "delete", stale)
        if made:
            numbers = await self._rpc.create(book.model, list(made.values()))
            ready |= await self._proven(book, dict(zip(made, numbers, strict=True)), due, answers)
        return ready

    async def _proven(
        self, book: Book, made: Mapping[Ask, int], due: Mapping[Ask, Account], answers: Answers
    ) -> dict[Ask, int]:
        """New drafts in which Tryton makes what the entries say; the others are taken away again."""
        kind = next(iter(made))[1].kind
        there = await self._there(book, kind, [due[ask] for ask in made])
        worth = {each.id: each.amount for known in there.values() for each in known}
        wrong = {ask: number for ask, number in made.items() if worth.get(number) != ask[1].amount}
        if wrong:
            await self._rpc.model(book.model, "delete", list(wrong.values()))
        for ask, number in wrong.items():
            answers[ask] = _differs(ask[1], worth.get(number))
        return {ask: number for ask, number in made.items() if ask not in wrong}

    async def _there(self, book: Book, kind: EntryKind, accounts: Collection[Account]) -> There:
        return await book.there([each.ref for each in accounts], kind) if accounts else {}

    async def _accounts(self, asked: Sequence[Ask], answers: Answers) -> dict[Ask, Account]:
        fields = ["web_id", "total_amount", "party", "invoice_address", "currency.code", "company.currency"]
        numbers = sorted({int(document) for document, _ in asked if document.isdecimal()})
        domain = [["web_shop", "=", self._shop], ["id", "in", numbers]]
        rows = {str(row["id"]): row for row in await self._rpc.rows("sale.sale", domain, fields)}
        found: dict[Ask, Account] = {}
        for document, entry in asked:
            row = rows.get(document)
            if row is None:
                answers[document, entry] = _no_sale(document)
            elif row["currency."]["code"] != entry.currency:
                answers[document, entry] = _other_currency(document, entry, row["currency."]["code"])
            else:
                found[document, entry] = Account(
                    sale=row["id"],
                    ref=OrderId(row["web_id"]),
                    worth=row["total_amount"],
                    party=row["party"],
                    address=row["invoice_address"],
                    currency=row["currency."]["id"],
                    home=row["company."]["currency"],
                )
        return found

    async def _explained(self, answers: Answers) -> Answers:
        """What Tryton refused for want of rights says which."""
        missing = await lacking(self._rpc, money=True)
        if not missing:
            return answers
        no = Refused(*missing[0][1:], code="tryton_rights")
        return {
            ask: no if isinstance(said, Refused) and said.code == "tryton_user_error" else said
            for ask, said in answers.items()
        }


def _differs(entry: Entry, made: Decimal | None) -> Refused:
    return Refused(
        f"Tryton makes {made} of {entry.kind.value.replace('_', ' ')} {entry.amount} {entry.currency} of order "
        f"{entry.name}",
        f"Let {entry.currency} have as many digits in Tryton as it has minor units, then retry",
        code="total_differs",
    )


def _no_sale(document: DocumentId) -> Refused:
    return Refused(
        f"Tryton has no sale {document} of this shop", "Look for the order in Tryton", code="tryton_no_sale"
    )


def _other_currency(document: DocumentId, entry: Entry, code: str) -> Refused:
    return Refused(
        f"Sale {document} of Tryton is in {code}, the money of order {entry.name} in {entry.currency}",
        "Correct the currency of the sale in Tryton, then retry",
        code="tryton_other_currency",
    )
