"""Money of orders after they were booked: later payments, credit memos, refunds, bills; one record of work per order.

Each entry is written down as meant before it is sent and as what came of it after, under Shopify's id of the
transaction or the refund; what is owed is found from the order and from what was told before. An entry that the back
office cannot take is a person's turn, with its figures; once the person has resolved the record it counts as entered.
What has left is billed last, where that is left to us: a bill takes up the payments that are there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from engine.flows.documents import CREATE, REMOTE
from engine.flows.remember import read_and_keep
from engine.flows.site import Site
from engine.model.entry import Entry, EntryKind
from engine.model.failure import Failure, Misset, NotApplied, Refused, Unmapped
from engine.model.ids import OrderId
from engine.model.money import exponent
from engine.model.order import Order
from engine.model.sale import Document, shipped
from engine.orders.entries import Told, entries_owed
from engine.store.rows import Effect, Work
from engine.store.tx import Tx
from engine.store.verbs.effect import about, intend, settle_effect
from engine.store.verbs.person import PERSON
from engine.store.verbs.work import enqueue

KIND, BILL = "money", "bill"
LANE = 2
"""That of refunds and fulfilments."""
WORDS: Mapping[EntryKind, str] = {
    EntryKind.PAYMENT: "a payment of",
    EntryKind.CREDIT: "a credit memo of",
    EntryKind.REFUND: "a refund of",
}


class Money:
    """Carries the money of one connection's orders to the back office."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def due(self, order: Order, document: Document) -> None:
        """Ask for work when the back office was not told of all the money of a booked order, or did not bill it."""
        anew = document.unbilled
        if self._may_move(order):
            effects = await self._effects(order)
            try:
                owed = {entry.key for entry in self._owed(order, document, self._as_told(effects))}
            except NotApplied:
                # why it cannot be entered is for its own record to say: the goods are not held for it
                await self._site.store.write(_due, self._site.name, order.id, anew, self._site.now())
                return
            asked = {
                each.key for each in effects if each.remote == PERSON and each.outcome in ("none", "unknown")
            }
            # a person who has older figures before them is shown all of them
            anew = anew or bool(owed - asked)
        if anew:
            await self._site.store.write(_due, self._site.name, order.id, True, self._site.now())

    async def attempt(self, work: Work) -> None:
        """Enter all that is owed, in its order, and bill what has left; raises Failure when that is not possible now."""
        site, key = self._site, OrderId(work.key)
        order = await read_and_keep(site, key)
        document = (await site.back_office.documents([key])).get(key)
        if order is None or document is None:
            # not booked yet, or gone: the order's own record sees to it, and asks for this one once there is a document
            return
        by_hand: Mapping[Entry, str] = {}
        said: Refused | Unmapped | None = None
        try:
            by_hand = await self._enter(work, order, document) if self._may_move(order) else {}
        except (Refused, Unmapped) as no:
            said = no
        if by_hand:
            said = _by_hand(order, document, by_hand, credited=site.back_office.capabilities.credits_returns)
        try:
            await self._bill(work, document)  # the goods are gone, whatever is said of their money
        except Refused as no:
            # resolving it resolves all of it, so a person is told all of it
            said = no if said is None else _both(said, no)
        if by_hand:
            await site.store.write(_asked, site.name, work, [*by_hand], site.now())
        if said is not None:
            raise said

    def _may_move(self, order: Order) -> bool:
        """Some of the order's money may be ours to tell."""
        wanted = self._site.back_office.capabilities.posts | self._site.by_hand
        return bool(wanted and (order.transactions or order.refunds))

    async def _enter(self, work: Work, order: Order, document: Document) -> Mapping[Entry, str]:
        """Enter all that is owed; what is left to a person, and why."""
        able, by_hand = self._site.back_office.capabilities.posts, dict[Entry, str]()
        for entry in self._owed(order, document, self._as_told(await self._effects(order))):
            no = "" if entry.kind not in able else await self._post(work, document, entry)
            if no is not None:
                by_hand[entry] = no
        return by_hand

    def _owed(self, order: Order, document: Document, told: Told) -> tuple[Entry, ...]:
        able = self._site.back_office.capabilities.posts
        owed = entries_owed(order, shipped(document), told, self._site.names)
        owed = tuple(entry for entry in owed if entry.kind in able or entry.kind in self._site.by_hand)
        if told.created or EntryKind.PAYMENT in able:
            return owed
        # nobody knows what it was created with, and it cannot be asked: what is paid by now counts as told then
        return tuple(entry for entry in owed if entry.kind is not EntryKind.PAYMENT)

    async def _effects(self, order: Order) -> Sequence[Effect]:
        keys = [order.id, *(each.id for each in order.transactions), *(each.id for each in order.refunds)]
        return await self._site.store.read(about, self._site.name, (REMOTE, PERSON), keys)

    def _as_told(self, effects: Sequence[Effect]) -> Told:
        """From what was sent and is known to be there; a payment in the words of a note is no entry."""
        able = self._site.back_office.capabilities
        words = EntryKind.PAYMENT in able.posts and not able.keeps_payments
        entered: dict[EntryKind, dict[str, tuple[Decimal, ...]]] = {kind: {} for kind in EntryKind}
        created, sold_by = False, None
        for effect in (each for each in effects if each.outcome == "applied"):
            body: dict[str, Any] = orjson.loads(effect.body)
            if effect.op == CREATE:
                created, sold_by = True, body.get("subsidiary")
                for paid in () if words else body["payments"]:
                    entered[EntryKind.PAYMENT][paid["key"]] = (Decimal(str(paid["amount"])),)
            elif effect.op in entered:
                mine = entered[EntryKind(effect.op)]
                mine[effect.ext_ref] = (*mine.get(effect.ext_ref, ()), Decimal(str(body["amount"])))
        return Told(entered, created, sold_by)

    async def _bill(self, work: Work, document: Document) -> None:
        """Bill what has left; a bill that was made although its answer did not come is compared with the order now."""
        site, order = self._site, str(document.ref)
        able = site.back_office.capabilities.bills
        if not document.unbilled and not (able and await self._in_doubt(order)):
            return
        body = orjson.dumps({"document": document.id, "left": shipped(document)}).decode()
        effect = await self._meant(work, BILL, order, order, body)
        try:
            await site.back_office.bill(document.id)
        except Failure as failure:
            # who has to wait may have billed already, and not compared it yet
            outcome = "rejected" if isinstance(failure, Refused | Unmapped | Misset) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        await site.store.write(settle_effect, effect, "applied", document.id, "", site.now())

    async def _in_doubt(self, order: str) -> bool:
        """A bill of it may have been made and was not compared with it."""
        effects = await self._site.store.read(about, self._site.name, (REMOTE,), [order])
        return any(each.op == BILL and each.outcome in ("none", "unknown") for each in effects)

    async def _post(self, work: Work, document: Document, entry: Entry) -> str | None:
        """Why the back office leaves this one to a person; None once it is entered."""
        site = self._site
        effect = await self._meant(work, entry.kind.value, entry.subject, entry.key, _body(entry))
        try:
            there = await site.back_office.post(document.id, entry)
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            if isinstance(failure, Refused) and failure.code == "enter_by_hand":
                return failure.cause
            raise
        if there.get(entry.key) != entry.amount:
            await site.store.write(
                settle_effect, effect, "rejected", None, "reads back otherwise", site.now()
            )
            await site.store.write(_asked, site.name, work, [entry], site.now())
            raise _reads_otherwise(document, entry, there.get(entry.key))
        await site.store.write(settle_effect, effect, "applied", document.id, "", site.now())
        return None

    async def _meant(self, work: Work, op: str, subject: str, key: str, body: str) -> int:
        """Write a call down before it is made."""
        site = self._site
        return await site.store.write(
            intend, connection=site.name, work_id=work.id, remote=REMOTE, op=op, ext_ref=subject, key=key,
            fingerprint=_print(body), body=body, now=site.now(),
        )  # fmt: skip


def _body(entry: Entry) -> str:
    return orjson.dumps(entry, default=str).decode()


def _print(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def _due(tx: Tx, connection: str, order: OrderId, force: bool, now: datetime) -> None:
    enqueue(
        tx, connection=connection, kind=KIND, key=order, lane=LANE, due_at=now, now=now, reason="money moved",
        force=force,
    )  # fmt: skip


def _asked(tx: Tx, connection: str, work: Work, entries: Sequence[Entry], now: datetime) -> None:
    """What a person is asked to enter; it counts as entered once they resolve the record."""
    for entry in entries:
        body = _body(entry)
        intend(
            tx, connection=connection, work_id=work.id, remote=PERSON, op=entry.kind.value, ext_ref=entry.subject,
            key=entry.key, fingerprint=_print(body), body=body, now=now,
        )  # fmt: skip


def _by_hand(order: Order, document: Document, entries: Mapping[Entry, str], *, credited: bool) -> Refused:
    said = ", ".join(
        f"{WORDS[each.kind]} {_figure(each.amount, each)}{f' by {each.gateway}' if each.gateway else ''}"
        for each in entries
    )
    back = credited and any(line.returned for line in document.lines)
    memo = back and any(each.kind is EntryKind.CREDIT for each in entries)
    counted = " (the credit notes of goods booked as returned count towards it)" if memo else ""
    reasons = "; ".join(dict.fromkeys(no.rstrip(".") for no in entries.values() if no))
    why = f" ({reasons})" if reasons else ""
    return Refused(
        f"Order {order.name} has {said} since it was booked, and this back office does not take it over its interface"
        f"{why}.",
        f"Enter it for document {document.id} there by hand{counted}, then resolve this record.",
        code="enter_by_hand",
    )


def _both(money: Refused | Unmapped, bill: Refused) -> Refused:
    """Why neither the money nor the bill could be entered."""
    return Refused(f"{money.cause} {bill.cause}", f"{money.remedy} {bill.remedy}", code=money.code)


def _figure(amount: Decimal, entry: Entry) -> str:
    """An amount with all its decimals, as a person enters it."""
    return f"{amount:.{exponent(entry.currency)}f} {entry.currency}"


def _reads_otherwise(document: Document, entry: Entry, there: Decimal | None) -> Refused:
    return Refused(
        f"The back office shows {'nothing' if there is None else _figure(there, entry)} for "
        f"{WORDS[entry.kind]} {_figure(entry.amount, entry)} of order {entry.name}.",
        f"Correct {entry.key} at document {document.id} there by hand, then resolve this record.",
        code="entry_differs",
    )
