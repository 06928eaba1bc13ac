"""Orders: one row of work per order; each attempt makes both books agree, one owed step after the other.

A webhook is a doorbell: the order is re-read by id, its document is re-read by reference, and
`engine.orders.steps` says what is owed. A step that was made already is no longer owed, so an attempt may be
repeated at any point; what creates a document is written down before it is sent.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import orjson

from engine.delivery.tiers import BETWEEN_LOOKS, looks_needed
from engine.flows.agreed import Agreed
from engine.flows.documents import Documents
from engine.flows.money import Money
from engine.flows.places import learn_places
from engine.flows.remember import read_and_keep, remember
from engine.flows.shadow import SENT, books, judge_order, may_take
from engine.flows.site import Site
from engine.model.failure import NotApplied, NotNow, Refused, TryLater
from engine.model.ids import LocationId, OrderId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document
from engine.model.stock import CellKey, OrderCell
from engine.orders.amending import outdated
from engine.orders.sharing import is_ours, still_there
from engine.orders.step import Amend, Book, Cancel, Fulfil, Move, Reroute, Ship, Step, TakeBack, Track
from engine.orders.steps import finished, next_step
from engine.ports import Tier
from engine.store.queries.sisters import booked_beside
from engine.store.rows import Work
from engine.store.verbs.orders import promises_move
from engine.store.verbs.settled import CANCELLED, ELSEWHERE, SETTLED, both
from engine.store.verbs.stock import mark_dirty
from engine.store.verbs.work import is_echo
from engine.store.verbs.xref import find

MOST_STEPS = 20
"""An order that still owes something after so many steps is not converging; a person looks."""


class Orders:
    """Makes the books of one connection's orders agree."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._documents = Documents(site)
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
                await self._take(step, order, document)
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
        await self._mark(order, step.cells)
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

    async def _take(self, step: Step, order: Order, document: Document | None) -> None:
        if isinstance(step, Move):
            site = self._site
            await site.store.write(
                promises_move, site.name, order.id, order.name, step.cells, site.kits.keys(), site.now()
            )
        elif isinstance(step, TakeBack):
            await self._mark(order, step.cells)
        await self._call(step, order, document)

    async def _mark(self, order: Order, cells: Sequence[CellKey]) -> None:
        """Our own act on a cell voids every stock attempt that read before it."""
        site, reason = self._site, f"order {order.name}"
        await site.store.write(mark_dirty, site.name, cells, reason=reason, lane=1, now=site.now(), bump=True)

    async def _call(self, step: Step, order: Order, document: Document | None) -> None:
        """Steps with target semantics: made twice they are made once."""
        shop, back_office = self._site.shop, self._site.back_office
        match step:
            case Fulfil(fulfilment_order=group, lines=lines, parcels=parcels):
                key = _key("fulfil", group, lines)
                await shop.fulfil(order.id, group, lines, parcels, key=key)
                return
            case Track(fulfilment=gone, parcels=parcels):
                await shop.track(gone, parcels)
                return
            case Move(fulfilment_order=group, location=location, lines=lines):
                try:
                    await shop.move_fulfilment_order(
                        group, location, lines, key=_key(f"move to {location}", group, lines)
                    )
                except Refused as refused:
                    await self._perhaps_shut(location, refused)
                return
            case _:
                assert document is not None, "only booking comes before the document"
        match step:
            case Cancel():
                await back_office.cancel(document.id)
            case Reroute(moves=moves):
                await back_office.reroute(document.id, moves)
            case Ship(units=units):
                try:
                    await back_office.ship(document.id, units)
                except Refused as refused:
                    await self._perhaps_coming_back(order, units, refused)
            case TakeBack(units=units):
                named = {f"{sku}@{warehouse}": count for (sku, warehouse), count in units.items()}
                await back_office.take_back(document.id, units, key=_key("return", order.id, named))
            case Book() | Amend():
                raise AssertionError("writing a document has a way of its own")

    async def _perhaps_coming_back(
        self, order: Order, units: Mapping[tuple[Sku, WarehouseId], int], refused: Refused
    ) -> None:
        """What a buyer brought back may be sold again before its return is booked: the shelf is short until then.

        Where the goods of this very order have come back and left the shelf for something else before they were ever
        booked as gone, only a person can book both.
        """
        site = self._site
        open_, _ = await site.store.read(both, site.name, {sku for sku, _ in units})
        back = [
            cell
            for cell in open_
            if cell.restocked and (cell.sku, site.warehouse_of.get(cell.location)) in units
        ]
        others = {cell.order_id for cell in back} - {order.id}
        documents = await site.back_office.documents(others) if others else {}
        for cell in back:
            if (
                cell.order_id in others
                and self._returned(cell, documents.get(cell.order_id)) < cell.restocked
            ):
                raise TryLater(
                    f"{refused.cause} Units of {cell.sku} that came back to the same shelf may not be booked there yet.",
                    "TrueUp tries again by itself until they are.",
                    code="return_comes_first",
                ) from refused
        for cell in (one for one in back if one.order_id == order.id):
            raise Refused(
                f"{refused.cause} Units of {cell.sku} in order {order.name} left and came back before either was booked,"
                " and that shelf does not have them any more.",
                "Book their shipment and their return in the back office by hand, then retry.",
                code="came_back_unbooked",
            ) from refused
        raise refused

    def _returned(self, cell: OrderCell, document: Document | None) -> int:
        """Units that the back office has booked back behind the location of a cell."""
        return sum(
            line.returned
            for line in (document.lines if document else ())
            if line.sku == cell.sku and self._site.location_of.get(line.warehouse) == cell.location
        )

    async def _perhaps_shut(self, location: LocationId, refused: Refused) -> None:
        """A location that takes nothing may have been switched off since it was last listed; then think again."""
        await learn_places(self._site)
        if location not in self._site.shut:
            raise refused
        raise NotNow(
            f"Location {location} was switched off in Shopify.",
            "TrueUp lets the back office follow Shopify's plan.",
            after=0.0,
            code="location_shut",
        ) from refused


def _key(verb: str, subject: str, units: Mapping[str, int]) -> str:
    """The same step on the same record has the same idempotency key, whoever makes it."""
    body = orjson.dumps([verb, subject, sorted(units.items())])
    return sha256(body).hexdigest()[:32]
