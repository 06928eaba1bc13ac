"""Orders: one row of work per order; each attempt makes both books agree, one owed step after the other.

A webhook is a doorbell: the order is re-read by id, its document is re-read by reference, and
`engine.orders.steps` says what is owed. A step that was made already is no longer owed, so an attempt may be
repeated at any point; what creates a document is written down before it is sent.
"""

from engine.delivery.tiers import BETWEEN_LOOKS, looks_needed
from engine.flows.agreed import Agreed
from engine.flows.documents import Documents
from engine.flows.money import Money
from engine.flows.order_steps import OrderSteps
from engine.flows.remember import read_and_keep, remember
from engine.flows.shadow import SENT, books, judge_order, may_take
from engine.flows.site import Site
from engine.model.failure import NotApplied, NotNow, Refused, TryLater
from engine.model.ids import OrderId
from engine.model.order import Order
from engine.model.sale import Document
from engine.orders.amending import outdated
from engine.orders.sharing import is_ours, still_there
from engine.orders.step import Amend, Book, Fulfil, Move, Step, Track
from engine.orders.steps import finished, next_step
from engine.ports import Tier
from engine.store.queries.sisters import booked_beside
from engine.store.rows import Work
from engine.store.verbs.settled import CANCELLED, ELSEWHERE, SETTLED
from engine.store.verbs.work import is_echo
from engine.store.verbs.xref import find

MOST_STEPS = 20
"""An order that still owes something after so many steps is not converging; a person looks."""


class Orders:
    """Makes the books of one connection's orders agree."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._documents = Documents(site)
        self._steps = OrderSteps(site)
        self._money = Money(site)
        self._looks: dict[OrderId, int] = {}
        self._agreed = Agreed()

    async def attempt(self, work: Work) -> None:
        """Do everything this order owes; raises Failure when that is not possible now."""
        site, key = self._site, OrderId(work.key)
        if site.orders_since is None:
            raise NotNow(
                "From when on orders are ours is not known before the first look at the shop.",
                "TrueUp comes back once it has looked.",
                after=1.0,
            )
        if await self._echoed(work, key):
            return
        order = await self._read(key)
        step: Step | None = None
        booked: Document | None = None
        for _ in range(MOST_STEPS):
            document = booked or await self._document(key, order)
            booked = None
            if document is None and order.created_at < site.orders_since:
                # placed before us: the back office has it under a name of its own; only what moved is counted
                await remember(site, order, SETTLED)
                return
            if site.neighbours and not is_ours(order, document, site.locations, site.neighbours):
                await remember(site, order, ELSEWHERE)
                return
            before = step
            if not books(site, order):
                # another connector booked it, or will: what is ours to send goes on, the rest is compared only
                wanted = self._wanted(order, document)
                if not isinstance(wanted, SENT) or not may_take(site, order, wanted):
                    await judge_order(site, order, document, wanted)
                    return
            sent = await self._documents.sent(key) if document and order.origin.edited else None
            step = next_step(order, document, site.warehouse_of, site.location_of, site.shut, sent)
            if step is not None and not may_take(site, order, step):
                await judge_order(site, order, document, step)
                return
            if step is None:
                if document is None:
                    await self._documents.not_owed(key)
                else:
                    await self._money.due(order, document)
                    self._agreed.keep(key, document)
                if document is None or finished(order, document):
                    await remember(site, order, SETTLED if document else CANCELLED)
                return
            if isinstance(step, Book) and work.probing:
                self._looked(key, order)
            if isinstance(step, Book) and work.probing and site.back_office.capabilities.tier is Tier.T3:
                raise Refused(
                    f"Order {order.name} may have been created in the back office; it cannot be looked up there.",
                    "Look for it by hand: resolve this record if it is there, retry if it is not.",
                    code="outcome_unknown",
                )
            if isinstance(step, Book):
                await self._nowhere_else(order)
                booked = await self._documents.book(work, order)
                self._looks.pop(key, None)
                continue
            try:
                if isinstance(step, Amend) and document is not None:
                    booked = await self._amend(work, order, document, step, again=isinstance(before, Amend))
                    continue
                await self._steps.take(step, order, document)
            except Refused as refused:
                order = await self._changed(key, order, document, refused)
                continue
            if isinstance(step, Fulfil | Move | Track):
                order = await self._read(key)
        raise Refused(
            f"Order {order.name} still differs after {MOST_STEPS} steps.",
            "Compare the order in both systems, correct one of them and retry.",
            code="does_not_converge",
        )

    async def _echoed(self, work: Work, key: OrderId) -> bool:
        """Only the back office asked, and its document is the one both sides agreed on: what we did came back to us."""
        agreed = self._agreed.take(key)
        if agreed is None or not is_echo(work.reason):
            return False
        document = (await self._site.back_office.documents([key])).get(key)
        if document != agreed:
            return False
        self._agreed.keep(key, agreed)
        return True

    def _wanted(self, order: Order, document: Document | None) -> Step | NotApplied | None:
        """What would be done next if the order were ours; why nothing would, where a person has to decide."""
        site = self._site
        try:
            return next_step(order, document, site.warehouse_of, site.location_of, site.shut)
        except Refused as refused:
            return refused

    async def _nowhere_else(self, order: Order) -> None:
        """No other back office of the shop has it: two of them would ship it twice."""
        names = [one.name for one in self._site.neighbours]
        held = await self._site.store.read(booked_beside, names, order.id) if names else None
        if held is not None:
            raise still_there(order, *held)

    def _looked(self, key: OrderId, order: Order) -> None:
        """A doubtful order was not found: where only looking tells, it is looked for again before it is sent again.

        Looks are counted in memory: an engine that starts anew looks as often as one that never saw the order.
        """
        looks = self._looks.get(key, 0) + 1
        if looks < looks_needed(self._site.back_office.capabilities.tier):
            self._looks[key] = looks
            raise NotNow(
                f"Order {order.name} may have been created and is not found yet.",
                "TrueUp looks once more before it sends the order again.",
                after=BETWEEN_LOOKS.total_seconds(),
                code="not_found_yet",
            )

    async def _read(self, key: OrderId) -> Order:
        """The order as it is, and kept as it is."""
        order = await read_and_keep(self._site, key)
        if order is None:
            raise Refused(
                f"Shopify has no order {key}.",
                "If it was deleted there, resolve this record.",
                code="order_gone",
            )
        return order

    async def _changed(
        self, key: OrderId, order: Order, document: Document | None, refused: Refused
    ) -> Order:
        """The order, when it or its document changed since the step was thought of; else the refusal stands."""
        now = await self._read(key)
        if now != order or (document is not None and await self._document(key, now) != document):
            return now
        raise refused

    async def _amend(
        self, work: Work, order: Order, document: Document, step: Amend, *, again: bool
    ) -> Document:
        if again:
            raise Refused(
                f"The back office took the change of order {order.name} and does not show it.",
                f"Compare document {document.id} there with the order in Shopify, correct it and retry.",
                code="amendment_not_shown",
            )
        await self._steps.mark(order, step.cells)
        return await self._documents.amend(work, order, document)

    async def _document(self, key: OrderId, order: Order) -> Document | None:
        site = self._site
        document = (await site.back_office.documents([key])).get(key)
        if document is not None:
            await self._documents.saw(key, document, amended=not outdated(order, document))
        elif await site.store.read(find, site.name, "order", [key]):
            # a search may run behind: what we know to exist is not created again because it is not found
            raise TryLater(
                f"The back office does not find the document of order {key}, which it has.",
                "TrueUp looks again by itself; if the document was deleted there, enter it again.",
                code="document_not_found",
            )
        return document
