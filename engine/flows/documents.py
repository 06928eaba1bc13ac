"""Writing the documents of orders: each is written down as meant before it is sent, and as what came of it after."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from engine.flows.site import Site
from engine.model.failure import Failure, NotApplied
from engine.model.ids import OrderId, Sku
from engine.model.order import Order
from engine.model.sale import Document, SalesDocument
from engine.orders.amending import Sent, may_amend
from engine.orders.content import untold
from engine.orders.mapping import sales_document
from engine.orders.rewording import reworded
from engine.orders.values import Unnamed, ValueUnmapped
from engine.store.rows import Effect, Work
from engine.store.tx import Tx
from engine.store.verbs.effect import intend, settle_effect, settle_open, written
from engine.store.verbs.ledger import ENGINE
from engine.store.verbs.orders import document_seen
from engine.store.verbs.watch import note_gap
from engine.store.verbs.wording import take_back_all, words_of
from engine.store.verbs.xref import link

REMOTE = "back_office"
CREATE, AMEND = "create", "amend"


class Documents:
    """Creates and amends the documents of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def book(self, work: Work, order: Order) -> Document:
        """Create the document; the adapter has read it back, so it is not read once more."""
        sale = await self._mapped(order, None)
        return await self._send(work, order, CREATE, sale, lambda: self._site.back_office.create(sale))

    async def amend(self, work: Work, order: Order, document: Document) -> Document:
        """Bring the document up to date with its order, and read it back; Refused when a person has to."""
        office = self._site.back_office
        may_amend(order, document, office.capabilities.amends, await self.sent(order.id))
        sale = await self._mapped(order, document)
        return await self._send(work, order, AMEND, sale, lambda: office.amend(document.id, sale))

    async def sent(self, order: OrderId) -> Sent:
        """What the back office was told of an order before."""
        return _told(await self._site.store.read(written, self._site.name, REMOTE, order, (CREATE, AMEND)))

    async def saw(self, order: OrderId, document: Document, *, amended: bool) -> None:
        """Keep what the back office says of an order; `amended`: nothing sent for it is awaited any more."""
        await self._site.store.write(_saw, self._site.name, order, document, amended, self._site.now())

    async def not_owed(self, order: OrderId) -> None:
        """A create without an answer was looked for and the order owes no document any more."""
        await self._site.store.write(_not_owed, self._site.name, order, self._site.now())

    async def _mapped(self, order: Order, document: Document | None) -> SalesDocument:
        site = self._site
        try:
            sale = sales_document(order, site.books_at, site.names, document)
        except ValueUnmapped as held:
            await site.store.write(_lacking, site.name, order.name, held.lacking, site.now())
            raise
        words = await site.store.read(words_of, site.name, order.id)
        if not words:
            return sale
        sale, overtaken = reworded(sale, words)
        if overtaken:
            await site.store.write(take_back_all, overtaken, ENGINE, site.now())
        return sale

    async def _send(
        self, work: Work, order: Order, op: str, sale: SalesDocument, call: Callable[[], Awaitable[Document]]
    ) -> Document:
        site, body = self._site, orjson.dumps(sale, default=str).decode()
        effect = await site.store.write(
            intend, connection=site.name, work_id=work.id, remote=REMOTE, op=op, ext_ref=str(order.id),
            key=str(order.id), fingerprint=sha256(body.encode()).hexdigest(), body=body, now=site.now(),
        )  # fmt: skip
        try:
            document = await call()
        except Failure as failure:
            outcome = "rejected" if isinstance(failure, NotApplied) else "unknown"
            await site.store.write(settle_effect, effect, outcome, None, failure.cause, site.now())
            raise
        lost = {field: f"{order.name}: {sample}" for field, sample in untold(order, site.untold).items()}
        await site.store.write(_booked, site.name, effect, order.id, document, lost, site.now())
        return document


def _told(effects: Sequence[Effect]) -> Sent:
    """Totals of all that was sent, and the goods of what was sent last and is known to be there."""
    totals, units = set[Decimal](), dict[Sku, int]()
    for effect in effects:
        sale: dict[str, Any] = orjson.loads(effect.body)
        totals.add(Decimal(str(sale["total"])))
        if effect.outcome == "applied":
            units = {}
            for line in sale["lines"]:
                if line["sku"] and line["warehouse"]:
                    units[Sku(line["sku"])] = units.get(Sku(line["sku"]), 0) + int(line["quantity"])
    return Sent(frozenset(totals), units)


def _lacking(tx: Tx, connection: str, order: str, values: Sequence[Unnamed], now: datetime) -> None:
    """Each value without a name is a mapping gap, with the first order that had it."""
    for each in values:
        note_gap(tx, connection, each.kind, each.name, order, now)


def _saw(tx: Tx, connection: str, order: OrderId, document: Document, amended: bool, now: datetime) -> None:
    """What the back office says of an order, and the link to it."""
    lines = [
        {"sku": line.sku, "warehouse": line.warehouse, "quantity": line.quantity, "shipped": line.shipped,
         "returned": line.returned}
        for line in document.lines
    ]  # fmt: skip
    text = orjson.dumps(lines).decode()
    document_seen(tx, connection, order, document.id, document.status, text, now)
    link(tx, connection, "order", order, document.id, now)
    settle_open(tx, connection, REMOTE, CREATE, str(order), document.id, now)
    if amended:
        settle_open(tx, connection, REMOTE, AMEND, str(order), document.id, now)


def _not_owed(tx: Tx, connection: str, order: OrderId, now: datetime) -> None:
    """Nothing is awaited; should it arrive yet, the back office's changes name the order, and it is cancelled."""
    settle_open(tx, connection, REMOTE, CREATE, str(order), None, now)


def _booked(
    tx: Tx,
    connection: str,
    effect: int,
    order: OrderId,
    document: Document,
    lost: Mapping[str, str],
    now: datetime,
) -> None:
    """Outcome, link, ledger and what the document does not tell, in one transaction."""
    for field, first in lost.items():
        note_gap(tx, connection, "field", field, first, now)
    settle_effect(tx, effect, "applied", document.id, "", now)
    _saw(tx, connection, order, document, False, now)
