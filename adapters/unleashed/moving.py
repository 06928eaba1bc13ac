"""Goods of an order: where they are to leave from, and that they left.

An order has one warehouse. When all its goods are to leave from another, the order is written over with that one;
when some are, they go into an order of their own. Goods leave by a dispatched shipment under a GUID made of the order
and the target, so one that arrived although its answer did not is not made twice.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.parted import (
    Line,
    Part,
    Parts,
    given,
    gone,
    living,
    next_number,
    noted,
    pending,
    taken,
)
from adapters.unleashed.client import UnleashedClient, stamp
from adapters.unleashed.documents import Documents
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Selling
from adapters.unleashed.wire import DISPATCHED, guid_of
from engine.model.clock import Clock
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId

Shelf = tuple[Sku, WarehouseId]
Moves = dict[str, dict[WarehouseId, dict[Sku, int]]]
"""Units that leave a part for another warehouse, by the part's id."""


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
            _, parts = await self._documents.by_id(number)
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
            wanted: Moves = {}
            for part in living(parts):
                for sku, place in moves.items():
                    if part.place not in (None, place) and (units := part.waiting(sku)) > 0:
                        wanted.setdefault(part.id, {}).setdefault(place, {})[sku] = units
            await self._move(parts, wanted)

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each warehouse."""
        ref, _ = await self._documents.by_id(number)
        async with self._selling.turns[ref]:
            parts = await self.whole(number)
            missing = _missing(parts, units)
            if missing:
                if wanted := _moves(parts, missing):
                    await self._move(parts, wanted)
                    parts = (await self._documents.by_id(number))[1]
                if lacking := _lacking(parts, missing):
                    parts = await self._revived(number, parts, lacking)
                for part, leaving in _sending(parts, missing):
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
            if (
                len(places) == 1
                and not part.shipped
                and all(
                    units.get(line.sku, 0) == part.waiting(line.sku)
                    for line in part.lines
                    if line.sku is not None
                )
            ):
                await self._selling.write(part, part.lines, place=place)
                continue
            stay: tuple[Line, ...] = part.lines
            made: list[tuple[int, WarehouseId, tuple[Line, ...]]] = []
            rest = part
            for place, units in sorted(places.items()):
                stay, go = taken(rest, units)
                rest = replace(rest, lines=stay)
                made.append((number, place, go))
                number += 1
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

    async def _revived(self, number: DocumentId, parts: Parts, lacking: Mapping[Shelf, int]) -> Parts:
        """A deleted order ships nothing, but the goods are gone: orders of what left stand in for it."""
        if living(parts):
            sku, place = min(lacking)
            raise Refused(
                f"The order in Unleashed has not {lacking[sku, place]} more of {sku} to send from {place}.",
                "Compare the order's shipments in Unleashed with what left, then retry.",
                code="unleashed_not_that_many",
            )
        called_off = {sku: 0 for sku, _ in lacking}
        for place in sorted({place for _, place in lacking}):
            lines: list[Line] = []
            for (sku, at), count in sorted(lacking.items()):
                if at == place:
                    lines += _again(parts, sku, count, called_off)
            await self._selling.add(parts, next_number(parts), place, lines)
            parts = (await self._documents.by_id(number))[1]
        return parts

    async def _finish(self, number: DocumentId) -> None:
        """Complete the orders all of whose goods have left."""
        _, parts = await self._documents.by_id(number)
        for part in living(parts):
            if part.shipped and not part.locked and not any(line.waiting for line in part.lines):
                await self._client.post(f"SalesOrders/{part.id}/Complete")


def _missing(parts: Parts, units: Mapping[Shelf, int]) -> dict[Shelf, int]:
    sent = gone(parts)
    return {
        shelf: target - sent.get(shelf, 0) for shelf, target in units.items() if target > sent.get(shelf, 0)
    }


def _moves(parts: Parts, missing: Mapping[Shelf, int]) -> Moves:
    """Which parts give units to the warehouse they left from, where that has not enough of them to send."""
    wanted: Moves = {}
    spare = {(part.id, sku): part.waiting(sku) for part in living(parts) for sku, _ in missing}
    lacking: dict[Shelf, int] = {}
    for (sku, place), count in sorted(missing.items()):
        for part in living(parts):
            take = min(count, spare[part.id, sku]) if part.place == place else 0
            spare[part.id, sku] -= take
            count -= take
        lacking[sku, place] = count
    for (sku, place), count in lacking.items():
        for part in living(parts):
            take = min(count, spare[part.id, sku]) if part.place != place else 0
            if take > 0:
                spare[part.id, sku] -= take
                count -= take
                here = wanted.setdefault(part.id, {}).setdefault(place, {})
                here[sku] = here.get(sku, 0) + take
    return wanted


def _lacking(parts: Parts, missing: Mapping[Shelf, int]) -> dict[Shelf, int]:
    found: dict[Shelf, int] = {}
    for (sku, place), count in missing.items():
        have = sum(part.waiting(sku) for part in living(parts) if part.place == place)
        if count > have:
            found[sku, place] = count - have
    return found


def _sending(parts: Parts, missing: Mapping[Shelf, int]) -> list[tuple[Part, dict[Sku, int]]]:
    """What each part sends."""
    plans: list[tuple[Part, dict[Sku, int]]] = [(part, {}) for part in living(parts)]
    for (sku, place), count in sorted(missing.items()):
        for part, plan in plans:
            take = min(count, part.waiting(sku)) if part.place == place else 0
            if take > 0:
                plan[sku] = take
                count -= take
    return [(part, plan) for part, plan in plans if plan]


def _again(parts: Parts, sku: Sku, count: int, used: dict[Sku, int]) -> list[Line]:
    """Lines for so many units, at the prices of the lines that sold them; Refused when none did."""
    sold = [line for part in parts for line in part.lines if line.sku == sku]
    if sum(line.units for line in sold) < used[sku] + count:
        raise Refused(
            f"The order in Unleashed does not sell that many of {sku}.",
            "Compare the order in both systems, correct one of them and retry.",
            code="unleashed_not_sold",
        )
    lines: list[Line] = []
    skip = used[sku]
    used[sku] += count
    for line in sold:
        free = max(0, line.units - skip)
        skip = max(0, skip - line.units)
        take = min(count, free)
        if take:
            lines.append(Line("", line.item, sku, take, line.price, line.text))
            count -= take
    return lines


def _like(part: Part, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines that stay in an order, by the numbers they have there."""
    known = {(line.item, line.price): line.id for line in part.lines}
    return tuple(replace(line, id=known.get((line.item, line.price), "")) for line in lines)
