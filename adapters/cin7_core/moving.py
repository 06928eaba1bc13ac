"""Goods of a sale: where they are to leave from, and that they left.

Cin7 Core's API changes no authorised order and no authorised fulfilment. That goods are to leave from elsewhere is
said by a draft fulfilment, one for each sale, whose pick lines name the other location; that they left by a fulfilment
of their own: picked, packed and shipped. Every verb states a target and looks first at what is there: an empty
fulfilment is used, one that was picked and not shipped is finished, so nothing is picked twice.
"""

from collections.abc import Mapping, Sequence

from adapters.cin7_core.bins import picked
from adapters.cin7_core.client import Cin7CoreClient, Row, stamp
from adapters.cin7_core.documents import Documents, Parts, living
from adapters.cin7_core.places import Places
from adapters.cin7_core.selling import Selling
from adapters.cin7_core.shelves import Shelves
from adapters.cin7_core.wire import AUTHORISED, DRAFT, Fulfilment, Sale, Shelf
from engine.model.clock import Clock
from engine.model.failure import Refused
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId

BOX = "Box 1"
Units = dict[Shelf, int]


class Moving:
    """Acts on fulfilments."""

    def __init__(
        self,
        client: Cin7CoreClient,
        places: Places,
        documents: Documents,
        selling: Selling,
        shelves: Shelves,
        clock: Clock,
    ) -> None:
        self._client, self._places, self._documents = client, places, documents
        self._selling, self._shelves, self._clock = selling, shelves, clock

    async def cancel(self, number: DocumentId) -> None:
        """Void every part; Refused once goods have left or are picked."""
        _, parts = await self._documents.by_id(number)
        if any(part.shipped or part.locked for part in parts):
            raise Refused(
                f"Goods of sale {number} have left Cin7 Core's location, or are picked to leave.",
                "Book a credit note with restock in Cin7 Core instead, then resolve or retry this record.",
                code="shipped_already",
            )
        for part in living(parts):
            await self._selling.void(part)

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let all unshipped units of these SKUs leave from another location."""
        _, parts = await self._documents.by_id(number)
        for place in moves.values():
            await self._places.location(place)
        for part in living(parts):
            wanted = _drafted(part)
            for sku, place in moves.items():
                waiting = part.loose(sku) + sum(
                    units for (name, _), units in _drafted(part).items() if name == sku
                )
                wanted = {shelf: units for shelf, units in wanted.items() if shelf[0] != sku}
                if waiting > 0 and place != part.location:
                    wanted[sku, place] = waiting
            await self._draft(part, wanted)

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each location."""
        ref, parts = await self._documents.by_id(number)
        missing: Units = {}
        for shelf, target in units.items():
            left = target - sum(part.shipped.get(shelf, 0) for part in parts)
            if left > 0:
                missing[shelf] = left
        if not missing:
            return
        for part in living(parts):
            await self._finish(part, missing)
        alive = living(parts)
        if len(alive) < len(parts) and (lacking := _lacking(alive, missing)):
            alive += await self._revived(ref, parts, lacking)
        for part, leaving in _supplied(alive, missing):
            await self._leave(part, leaving)

    async def _finish(self, part: Sale, missing: Units) -> None:
        """Pack and ship what is picked already, as far as it is among what left."""
        for each in part.fulfilments:
            if each.locked and all(missing.get(shelf, 0) >= count for shelf, count in each.units.items()):
                await self._send(each.task, each.lines, packed=each.packed == AUTHORISED)
                for shelf, count in each.units.items():
                    missing[shelf] -= count

    async def _revived(self, ref: OrderId, parts: Parts, missing: Units) -> Parts:
        """A voided sale ships nothing, but the goods are gone: sales of what left stand in for it."""
        made: list[Sale] = []
        for place in sorted({place for (_, place), count in missing.items() if count}):
            head: Row = {"Location": await self._places.location(place)}
            lines = _lines_of(parts, {sku: n for (sku, at), n in missing.items() if at == place and n})
            body = await self._client.get("sale", ID=parts[0].id)
            for name in _HEAD:
                if body.get(name) is not None:
                    head[name] = body[name]
            head |= {"SkipQuote": True, "SaleType": "Advanced", "TaxInclusive": False}
            shells = [one for one in await self._selling.shells(ref) if one.location == place]
            made.append(await self._selling.part(ref, head, lines, [], shells))
        return tuple(made)

    async def _leave(self, part: Sale, leaving: Units) -> None:
        drafts = _drafted(part)
        kept = _kept(part, drafts, leaving)
        carrier = next((each for each in part.fulfilments if each.empty), None)
        draft = _draft_of(part)
        if draft is not None and not kept:
            carrier = draft
        elif draft is not None and kept != drafts:
            await self._draft(part, kept)
        lines: list[Row] = []
        for (sku, place), count in sorted(leaving.items()):
            line = {"SKU": sku, **_product(part, sku)}
            rows = [row for row in await self._shelves.rows_of(sku) if row["Location"] == place]
            lines += [{**line, **each} for each in picked(rows, place, count)]
        task = carrier.task if carrier is not None else await self._begun(part)
        body = {"TaskID": task, "Status": AUTHORISED, "Lines": lines}
        if carrier is not None and carrier.picked == DRAFT:
            await self._client.put("sale/fulfilment/pick", body)
        else:
            await self._client.post("sale/fulfilment/pick", body)
        await self._send(task, lines, packed=False)

    async def _send(self, task: str, lines: Sequence[Row], *, packed: bool) -> None:
        """Pack what is picked, and let it go."""
        if not packed:
            boxed = [{**line, "Box": BOX} for line in lines]
            await self._client.post(
                "sale/fulfilment/pack", {"TaskID": task, "Status": AUTHORISED, "Lines": boxed}
            )
        gone = {"ShipmentDate": stamp(self._clock.now()), "Box": BOX, "IsShipped": True}
        await self._client.post(
            "sale/fulfilment/ship", {"TaskID": task, "Status": AUTHORISED, "Lines": [gone]}
        )

    async def _draft(self, part: Sale, wanted: Units) -> None:
        """Let the sale's draft say exactly this."""
        if wanted == _drafted(part):
            return
        draft = _draft_of(part) or next((each for each in part.fulfilments if each.empty), None)
        task = draft.task if draft is not None else await self._begun(part)
        lines = [
            {"SKU": sku, **_product(part, sku), "Quantity": count, "Location": place}
            for (sku, place), count in sorted(wanted.items())
        ]
        body = {"TaskID": task, "Status": DRAFT, "Lines": lines}
        if draft is not None and draft.picked == DRAFT:
            await self._client.put("sale/fulfilment/pick", body)
        else:
            await self._client.post("sale/fulfilment/pick", body)

    async def _begun(self, part: Sale) -> str:
        """The task of a new fulfilment."""
        told = await self._client.post("sale/fulfilment", {"SaleID": part.id})
        known = {each.task for each in part.fulfilments}
        fresh = [each["TaskID"] for each in told["Fulfilments"] if each["TaskID"] not in known]
        return str(fresh[-1])


_HEAD = (
    "Customer", "Contact", "Email", "TaxRule", "CurrencyRate", "CustomerReference", "SaleOrderDate", "Note",
    "ShippingAddress",
)  # fmt: skip


def _draft_of(part: Sale) -> Fulfilment | None:
    """The draft that says where goods are to leave from; one that names the sale's own location is somebody's picking."""
    drafts = (each for each in part.fulfilments if each.draft)
    return next((one for one in drafts if all(at != part.location for _, at in one.units)), None)


def _drafted(part: Sale) -> Units:
    draft = _draft_of(part)
    return {} if draft is None else dict(draft.units)


def _free(part: Sale, sku: Sku) -> int:
    """Units of a part that may still be sent from anywhere."""
    return part.loose(sku) + sum(units for (name, _), units in _drafted(part).items() if name == sku)


def _lacking(parts: Parts, missing: Units) -> Units:
    """What these parts have not to send."""
    free = {sku: sum(_free(part, sku) for part in parts) for sku, _ in missing}
    lacking: Units = {}
    for (sku, place), count in sorted(missing.items()):
        taken = min(count, free[sku])
        free[sku] -= taken
        if count > taken:
            lacking[sku, place] = count - taken
    return lacking


def _supplied(parts: Parts, missing: Units) -> list[tuple[Sale, Units]]:
    """Which part sends what: first the one that promises it from there. Refused when they have not that many."""
    plans: list[tuple[Sale, Units]] = [(part, {}) for part in parts]
    for (sku, place), count in sorted(missing.items()):
        left = count
        for nearest in (True, False):
            for part, plan in plans:
                here = part.waiting.get((sku, place), 0) if nearest else _free(part, sku)
                spare = _free(part, sku) - sum(units for (name, _), units in plan.items() if name == sku)
                take = min(left, spare, here - plan.get((sku, place), 0) if nearest else spare)
                if take > 0:
                    plan[sku, place] = plan.get((sku, place), 0) + take
                    left -= take
        if left:
            raise Refused(
                f"The sale in Cin7 Core has not {left} more of {sku} to send from {place}.",
                "Compare the sale's fulfilments in Cin7 Core with what left, then retry.",
                code="cin7_core_not_that_many",
            )
    return [(part, plan) for part, plan in plans if plan]


def _kept(part: Sale, drafts: Units, leaving: Units) -> Units:
    """What the draft still says once these have left: what leaves is taken from there first, then from elsewhere."""
    kept = {shelf: max(0, units - leaving.get(shelf, 0)) for shelf, units in drafts.items()}
    for sku in {sku for sku, _ in leaving}:
        left = _free(part, sku) - sum(units for (name, _), units in leaving.items() if name == sku)
        for shelf in sorted(kept):
            if shelf[0] == sku:
                kept[shelf] = min(kept[shelf], max(0, left))
                left -= kept[shelf]
    return {shelf: units for shelf, units in kept.items() if units}


def _product(part: Sale, sku: Sku) -> Row:
    line = next(line for line in part.lines if line["SKU"] == sku)
    return {"ProductID": line["ProductID"], "Name": line["Name"]}


def _lines_of(parts: Parts, units: Mapping[Sku, int]) -> list[Row]:
    """Order lines for so many units, at the prices of the first lines that sold them."""
    lines: list[Row] = []
    for sku, count in sorted(units.items()):
        sold = next((line for part in parts for line in part.lines if line["SKU"] == sku), None)
        if sold is None:
            raise Refused(
                f"The sale in Cin7 Core does not sell {sku}.",
                "Compare the order in both systems, correct one of them and retry.",
                code="cin7_core_not_sold",
            )
        lines.append({**sold, "Quantity": count, "Total": sold["Price"] * count})
    return lines
