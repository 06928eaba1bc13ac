"""Goods of an order: where they are to leave from, that they left, that they came back.

Every verb states a target and looks first at what is booked. Fulfilments, returns and receipts carry an external id
made of the order and the target, so one that arrived although its answer did not is not made twice.
"""

from collections.abc import Mapping

from adapters.netsuite.client import Json, NetSuiteClient
from adapters.netsuite.documents import Documents, Held, OrderLine, Shelf
from adapters.netsuite.names import Names
from adapters.netsuite.taxing import carried
from adapters.netsuite.transforming import key_of, transformed
from engine.model.failure import Refused, Unmapped
from engine.model.ids import DocumentId, Sku, WarehouseId

SHIPPED = {"id": "C"}


class Moving:
    """Acts on lines, fulfilments and returns."""

    def __init__(self, client: NetSuiteClient, names: Names, documents: Documents) -> None:
        self._client, self._names, self._documents = client, names, documents

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let all unshipped units of these SKUs leave from another location."""
        held = await self._documents.by_id(number)
        changes: list[Json] = []
        for sku, place in moves.items():
            await self._known(place)
            for line in held.open_lines(sku):
                if line.location != place:
                    changes += self._moved(line, place, line.units - line.shipped)
        await self._patch(held, changes)

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each location."""
        held = await self._documents.by_id(number)
        missing = {
            shelf: target - held.sent.get(shelf, 0)
            for shelf, target in units.items()
            if target > held.sent.get(shelf, 0)
        }
        if not missing:
            return
        await self._patch(held, self._ready(held, missing))
        held = await self._documents.by_id(number)
        chosen: dict[int, tuple[int, WarehouseId]] = {}
        for (sku, place), count in missing.items():
            left = count
            for line in held.open_lines(sku):
                take = min(left, line.units - line.shipped) if line.location == place else 0
                if take > 0:
                    chosen[line.number] = (take, place)
                    left -= take
            if left:
                raise Refused(
                    f"Order {number} of NetSuite has not {left} more of {sku} to send from location {place}.",
                    "Compare the order in both systems, correct one of them and retry.",
                    code="netsuite_not_that_many",
                )
        await self._fulfil(held, units, chosen)

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book returned units into stock, up to these totals per location."""
        held = await self._documents.by_id(number)
        for (sku, place), target in sorted(units.items()):
            count = target - held.back.get((sku, place), 0)
            if count <= 0:
                continue
            await self._known(place)
            line = next((one for one in held.lines if held.skus[one.item] == sku), None)
            if line is None:
                raise Refused(
                    f"Order {number} of NetSuite does not sell {sku}.",
                    "Compare the order in both systems, correct one of them and retry.",
                    code="netsuite_not_sold",
                )
            key = key_of(held, "ret", {(sku, place): target})
            asked = [{"orderLine": line.number, "quantity": count, "location": {"id": place}}]
            rest = self._not_these(held, {line.number}, "orderLine")
            path = f"salesOrder/{held.id}/!transform/returnAuthorization"
            returned = await transformed(self._client, path, _lines([*asked, *rest]), key)
            received = [{"orderLine": 1, "quantity": count, "location": {"id": place}, "itemReceive": True}]
            path = f"returnAuthorization/{returned}/!transform/itemReceipt"
            await transformed(self._client, path, _lines(received), f"{key}-r")

    def _ready(self, held: Held, missing: Mapping[Shelf, int]) -> list[Json]:
        """Line changes so that these units stand open at their locations: reopened, or moved from elsewhere."""
        changes: list[Json] = []
        for sku in {sku for sku, _ in missing}:
            lines = held.open_lines(sku)
            changes += [{"line": line.number, "isClosed": False} for line in lines if line.closed]
            spare = {line.number: line.units - line.shipped for line in lines}
            lacking: dict[WarehouseId, int] = {}
            for place, count in ((p, c) for (name, p), c in missing.items() if name == sku):
                for line in lines:
                    take = min(count, spare[line.number]) if line.location == place else 0
                    spare[line.number] -= take
                    count -= take
                if count:
                    lacking[place] = count
            for place, count in lacking.items():
                for line in lines:
                    take = min(count, spare[line.number])
                    if take > 0 and line.location != place:
                        changes += self._moved(line, place, take)
                        spare[line.number] -= take
                        count -= take
        return changes

    def _moved(self, line: OrderLine, place: WarehouseId, units: int) -> list[Json]:
        """A line or a part of it at another location; what left stays where it left, and no cent changes."""
        if units == line.units:
            return [{"line": line.number, "location": {"id": place}, "isClosed": False}]
        return [
            {"line": line.number, "quantity": line.units - units, "isClosed": False},
            {
                "splitFrom": line.number,
                "item": {"id": line.item},
                "quantity": units,
                "location": {"id": place},
            },
        ]

    async def _patch(self, held: Held, changes: list[Json]) -> None:
        """Change lines in one call; a part split off bears the price of the line it came from.

        Its taxes stay on that line: tax details are stated again as they are, so that no change of a line moves a cent.
        """
        if not changes:
            return
        merged: dict[int, Json] = {}
        fresh: list[Json] = []
        record = await self._client.read(f"salesOrder/{held.id}")
        rates = {int(line["line"]): line["rate"] for line in record["item"]["items"]}
        for change in changes:
            if "splitFrom" in change:
                rate = rates[change.pop("splitFrom")]
                amount = float(str(rate)) * change["quantity"]
                fresh.append({**change, "price": {"id": "-1"}, "rate": rate, "amount": round(amount, 3)})
            else:
                merged.setdefault(change["line"], {}).update(change)
                if "quantity" in change:
                    rate = rates[change["line"]]
                    merged[change["line"]]["amount"] = round(float(str(rate)) * change["quantity"], 3)
        taxes = carried(record)
        body = {"item": {"items": [*merged.values(), *fresh]}, **taxes}
        again = "?replace=taxDetails" if taxes else ""
        await self._client.write("PATCH", f"salesOrder/{held.id}{again}", body)

    async def _fulfil(
        self, held: Held, units: Mapping[Shelf, int], chosen: Mapping[int, tuple[int, WarehouseId]]
    ) -> None:
        """One fulfilment; a line that is not named would go in full, so every other line is said not to."""
        going = [
            {"orderLine": number, "quantity": count, "location": {"id": place}, "itemReceive": True}
            for number, (count, place) in sorted(chosen.items())
        ]
        lines = _lines([*going, *self._not_these(held, set(chosen), "orderLine")])
        path = f"salesOrder/{held.id}/!transform/itemFulfillment"
        body = {"shipStatus": SHIPPED, **lines}
        await transformed(self._client, path, body, key_of(held, "ful", units))

    def _not_these(self, held: Held, chosen: set[int], name: str) -> list[Json]:
        open_lines = [line for line in held.lines if line.number not in chosen and not line.closed]
        return [{name: line.number, "itemReceive": False} for line in open_lines if line.units > line.shipped]

    async def _known(self, place: WarehouseId) -> None:
        if not await self._names.is_open(place):
            raise Unmapped(
                f"NetSuite has no location with internal id {place}.",
                "Correct [connections.locations] in the configuration or open the location, and retry.",
                code="warehouse_unknown",
            )


def _lines(items: list[Json]) -> Json:
    return {"item": {"items": items}}
