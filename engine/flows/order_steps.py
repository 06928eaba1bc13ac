"""One owed step of an order, carried out: what the shop or the back office is asked to do, and what a refusal means.

Which step is owed decides `engine.orders.steps`; booking and amending a document have a way of their own
(`engine.flows.documents`), because they create something.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

import orjson

from engine.flows.places import learn_places
from engine.flows.site import Site
from engine.model.failure import NotNow, Refused, TryLater
from engine.model.ids import DocumentId, LocationId, Sku, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document
from engine.model.stock import CellKey, OrderCell
from engine.orders.step import Amend, Book, Cancel, Fulfil, Move, Reroute, Ship, Step, TakeBack, Track
from engine.store.verbs.orders import promises_move
from engine.store.verbs.settled import both
from engine.store.verbs.stock import mark_dirty


class OrderSteps:
    """Makes the steps of one connection's orders."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def take(self, step: Step, order: Order, document: Document | None) -> None:
        """Make the step at the shop or in the back office. Raises Failure; Refused when nothing was changed."""
        if isinstance(step, Move):
            site = self._site
            await site.store.write(
                promises_move, site.name, order.id, order.name, step.cells, site.kits.keys(), site.now()
            )
        elif isinstance(step, TakeBack):
            await self.mark(order, step.cells)
        await self._call(step, order, document)

    async def mark(self, order: Order, cells: Sequence[CellKey]) -> None:
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
                await self._ship(order, document.id, units)
            case TakeBack(units=units):
                named = {f"{sku}@{warehouse}": count for (sku, warehouse), count in units.items()}
                await back_office.take_back(document.id, units, key=_key("return", order.id, named))
            case Book() | Amend():
                raise AssertionError("writing a document has a way of its own")

    async def _ship(
        self, order: Order, document: DocumentId, units: Mapping[tuple[Sku, WarehouseId], int]
    ) -> None:
        """Ship, also what a shelf lacks for a moment.

        What a buyer brought back may be sold again before its return is booked: the shelf is short until then.
        Where the goods of this very order have come back and left the shelf for something else before they were ever
        booked as gone, only a person can book both.
        """
        office = self._site.back_office
        try:
            await office.ship(document, units)
            return
        except Refused as refused:
            back = await self._back_at(units)
            await self._booked([cell for cell in back if cell.order_id != order.id], refused)
        try:
            await office.ship(document, units)  # a return may have been booked since we were refused
        except Refused as refused:
            own = [cell for cell in back if cell.order_id == order.id]
            if not own:
                raise
            raise Refused(
                f"{refused.cause} Units of {own[0].sku} in order {order.name} left and came back before either was booked,"
                " and that shelf does not have them any more.",
                "Book their shipment and their return in the back office by hand, then retry.",
                code="came_back_unbooked",
            ) from refused

    async def _back_at(self, units: Collection[tuple[Sku, WarehouseId]]) -> list[OrderCell]:
        """Cells of open orders whose goods came back to these shelves."""
        site = self._site
        open_, _ = await site.store.read(both, site.name, {sku for sku, _ in units})
        return [
            cell
            for cell in open_
            if cell.restocked and (cell.sku, site.warehouse_of.get(cell.location)) in units
        ]

    async def _booked(self, back: Collection[OrderCell], refused: Refused) -> None:
        """TryLater while a return of other orders is not booked."""
        documents = await self._site.back_office.documents({cell.order_id for cell in back}) if back else {}
        for cell in back:
            if self._returned(cell, documents.get(cell.order_id)) < cell.restocked:
                raise TryLater(
                    f"{refused.cause} Units of {cell.sku} that came back to the same shelf may not be booked there yet.",
                    "TrueUp tries again by itself until they are.",
                    code="return_comes_first",
                ) from refused

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
