"""Goods of an order: where they are to leave from, and that they left.

An order has one warehouse. When all its goods are to leave from another, the order is written over with that one;
when some are, they go into an order of their own. Goods leave by a dispatched shipment under a GUID made of the order
and the target, so one that arrived although its answer did not is not made twice.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.leaving import (
    Moves,
    all_of,
    apart,
    lacking_in,
    missing_of,
    moves_for,
    rerouted,
    sending_from,
    stand_ins,
)
from adapters.parted import Line, Part, Parts, Shelf, given, living, next_number, noted, pending
from adapters.unleashed.client import UnleashedClient, stamp
from adapters.unleashed.documents import Documents
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Selling
from adapters.unleashed.wire import DISPATCHED, guid_of
from engine.model.clock import Clock
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId


class Moving:
    """Acts on the parts of a document."""

    def __init__(
        self,
        client: UnleashedClient,
        places: Places,
        documents: Documents,
        selling: Selling,
        clock: Clock,
        *,
        complete: bool,
    ) -> None:
        self._client, self._places, self._documents = client, places, documents
        self._selling, self._clock, self._complete = selling, clock, complete

    async def cancel(self, number: DocumentId) -> None:
        """Delete every part; Refused once goods have left."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            if any(part.shipped for part in parts):
                raise Refused(
                    f"Goods of order {number} have left Unleashed's warehouse.",
                    "Book a credit note that returns them to stock in Unleashed instead, then resolve or retry this record.",
                    code="shipped_already",
                )
            for part in living(parts):
                await self._selling.delete(part)

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let all unshipped units of these SKUs leave from another warehouse."""
        ref, _ = await self._documents.by_id(number)
        for place in moves.values():
            await self._places.warehouse(place)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            await self._move(parts, rerouted(parts, moves))

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each warehouse."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            missing = missing_of(parts, units)
            if missing:
                if wanted := moves_for(parts, missing):
                    await self._move(parts, wanted)
                    parts = (await self._documents.by_id(number))[1]
                if lacking := lacking_in(parts, missing):
                    for place, lines in stand_ins(parts, lacking, "Unleashed").items():
                        await self._selling.add(parts, next_number(parts), place, lines)
                        parts = (await self._documents.by_id(number))[1]
                for part, leaving in sending_from(parts, missing):
                    await self._send(part, leaving)
            if self._complete:
                await self._finish(number)

    async def whole(self, number: DocumentId) -> Parts:
        """The parts of a document once those that notes speak of are made."""
        _, parts = await self._documents.by_id(number)
        notes = pending(parts)
        for part, (place, lines) in sorted(noted(notes).items()):
            await self._selling.add(parts, part, place, lines)
        return (await self._documents.by_id(number))[1] if notes else parts

    async def _move(self, parts: Parts, wanted: Moves) -> None:
        number = next_number(parts)
        for part in parts:
            if part.id not in wanted:
                continue
            places = wanted[part.id]
            place, units = next(iter(places.items()))
            if len(places) == 1 and not part.shipped and all_of(part, units):
                await self._selling.write(part, part.lines, place=place)
                continue
            stay, groups = apart(part, places)
            made = [(number + at, place, go) for at, (place, go) in enumerate(groups)]
            number += len(made)
            notes = [note for n, at, go in made for note in given(n, at, go)]
            if not stay:
                # an order needs a line, so the last of them stays with this one at its new warehouse
                n, place, go = made.pop()
                notes = [note for note in notes if note.number != n]
                await self._selling.write(part, _like(part, go), place=place, notes=notes)
            else:
                await self._selling.write(part, stay, notes=notes)
            for n, place, go in made:
                await self._selling.add(parts, n, place, go)

    async def _send(self, part: Part, leaving: Mapping[Sku, int]) -> None:
        """One dispatched shipment of a part."""
        left = dict(leaving)
        lines = []
        target: list[tuple[str, int]] = []
        for line in part.lines:
            take = min(left.get(line.sku, 0), line.waiting) if line.sku is not None else 0
            if take > 0 and line.sku is not None:
                left[line.sku] -= take
                lines.append(
                    {
                        "SalesOrderLineNumber": int(line.id),
                        "Product": {"ProductCode": line.item},
                        "ShipmentQty": take,
                    }
                )
            target.append((line.id, line.shipped + take))
        mine = guid_of(part.id, f"shipment {target}")
        body = {
            "Guid": mine,
            "OrderNumber": self._documents.number_of(part.id),
            "ShipmentStatus": DISPATCHED,
            "DispatchDate": stamp(self._clock.now()),
            "SalesShipmentLines": lines,
        }
        await self._client.post("SalesShipments", body)

    async def _finish(self, number: DocumentId) -> None:
        """Complete the orders all of whose goods have left."""
        _, parts = await self._documents.by_id(number)
        for part in living(parts):
            if part.shipped and not part.locked and not any(line.waiting for line in part.lines):
                await self._client.post(f"SalesOrders/{part.id}/Complete")


def _like(part: Part, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines that stay in an order, by the numbers they have there."""
    known = {(line.item, line.price): line.id for line in part.lines}
    return tuple(replace(line, id=known.get((line.item, line.price), "")) for line in lines)
