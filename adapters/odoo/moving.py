"""Goods of an order: where they are to leave from, that they left, that they came back.

Every verb states a target and looks first at what is booked, so saying it twice does it once. A promise is raised at
its new place before it is lowered at the old one: dying between the two errs low, and the next attempt completes it.
"""

from collections.abc import Mapping

from adapters.odoo.client import OdooClient, of
from adapters.odoo.documents import Documents
from adapters.odoo.places import Atlas, Places, Warehouse
from adapters.odoo.wire import Held, ShelfUnits
from engine.model.failure import Refused
from engine.model.ids import DocumentId, Sku, WarehouseId

Shelf = tuple[Sku, WarehouseId]


class Moving:
    """Acts on deliveries and returns."""

    def __init__(self, client: OdooClient, places: Places, documents: Documents) -> None:
        self._client = client
        self._places = places
        self._documents = documents

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let all unshipped units of these SKUs leave from another warehouse."""
        atlas = await self._places.atlas()
        held = await self._documents.by_id(number)
        for sku, warehouse in moves.items():
            waiting = sum(units.waiting for (name, _), units in held.shelves.items() if name == sku)
            await self._place(held, sku, {atlas.warehouse(warehouse).code: waiting}, atlas)

    async def ship(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each warehouse."""
        atlas = await self._places.atlas()
        held = await self._documents.by_id(number)
        missing = {
            shelf: target - held.shelves.get(shelf, ShelfUnits()).shipped
            for shelf, target in units.items()
            if target > held.shelves.get(shelf, ShelfUnits()).shipped
        }
        if not missing:
            return
        for sku in {sku for sku, _ in missing}:
            here = {place: count for (name, place), count in missing.items() if name == sku}
            await self._place(held, sku, self._wanted(held, sku, here), atlas)
        held = await self._documents.by_id(number)
        pickings: dict[int, list[tuple[int, int]]] = {}
        for shelf, count in missing.items():
            left = count
            for move in held.shelves.get(shelf, ShelfUnits()).moves:
                take = min(left, int(move["product_uom_qty"]))
                if take > 0:
                    pickings.setdefault(of(move["picking_id"]) or 0, []).append((move["id"], take))
                    left -= take
            if left:
                raise Refused(
                    f"Odoo has no delivery for {left} more of {shelf[0]} from {shelf[1]}.",
                    "Compare the deliveries of this order in Odoo with what left, then retry.",
                    code="odoo_no_delivery",
                )
        for picking, picked in sorted(pickings.items()):
            for chosen, count in picked:
                await self._client.write("stock.move", [chosen], {"quantity": count, "picked": True})
            await self._validate(picking)

    async def take_back(self, number: DocumentId, units: Mapping[Shelf, int]) -> None:
        """Book returned units into stock, up to these totals per warehouse."""
        atlas = await self._places.atlas()
        held = await self._documents.by_id(number)
        for (sku, warehouse), target in units.items():
            count = target - held.shelves.get((sku, warehouse), ShelfUnits()).returned
            if count <= 0:
                continue
            out = [units for (name, _), units in held.shelves.items() if name == sku]
            if sum(each.shipped - each.returned for each in out) < count:
                raise Refused(
                    f"More of {sku} would come back than order {number} sent out.",
                    "Compare the deliveries and returns of this order in Odoo with the shop, then retry.",
                    code="odoo_return_too_large",
                )
            place = atlas.warehouse(warehouse)
            sent = next(move for each in out for move in each.gone)
            picking = await self._picking(
                held, sku, count, place.incoming, atlas.customers, place.stock,
                origin_returned_move_id=sent["id"], to_refund=True,
            )  # fmt: skip
            moves = await self._client.rows("stock.move", [["picking_id", "=", picking]], ["product_id"])
            await self._client.write("stock.move", [moves[0]["id"]], {"quantity": count, "picked": True})
            await self._validate(picking)

    async def may_cancel(self, number: DocumentId) -> int | None:
        """The order's id when it may be called off, None when it is already; Refused once goods left."""
        held = await self._documents.by_id(number)
        if any(units.shipped for units in held.shelves.values()):
            raise Refused(
                f"Goods of order {number} have left Odoo's warehouse already.",
                "Book a return in Odoo instead, then resolve or retry this record.",
                code="shipped_already",
            )
        return None if held.cancelled else int(held.row["id"])

    def _wanted(self, held: Held, sku: Sku, leaving: Mapping[WarehouseId, int]) -> Mapping[WarehouseId, int]:
        """Waiting units per warehouse so that these can leave, taken from where none is to leave first."""
        waiting = {place: units.waiting for (name, place), units in held.shelves.items() if name == sku}
        lacking = 0
        for place, count in leaving.items():
            lacking += max(0, count - waiting.get(place, 0))
            waiting[place] = max(waiting.get(place, 0), count)
        for place in sorted(waiting, key=lambda one: one in leaving):
            spare = min(lacking, waiting[place] - leaving.get(place, 0))
            waiting[place] -= spare
            lacking -= spare
        return waiting

    async def place(self, held: Held, sku: Sku, wanted: Mapping[WarehouseId, int]) -> None:
        """Let exactly so many units of a SKU wait at each warehouse."""
        await self._place(held, sku, wanted, await self._places.atlas())

    async def _place(self, held: Held, sku: Sku, wanted: Mapping[WarehouseId, int], atlas: Atlas) -> None:
        """Let exactly so many units wait at each warehouse: raise first, then lower."""
        current = {place: units for (name, place), units in held.shelves.items() if name == sku}
        for warehouse, count in sorted(wanted.items()):
            units = current.get(warehouse, ShelfUnits())
            more = count - units.waiting
            if more <= 0:
                continue
            if units.moves:
                first = units.moves[0]
                await self._client.write(
                    "stock.move", [first["id"]], {"product_uom_qty": first["product_uom_qty"] + more}
                )
            else:
                place: Warehouse = atlas.warehouse(warehouse)
                await self._picking(held, sku, more, place.outgoing, place.stock, atlas.customers)
        for warehouse, units in sorted(current.items()):
            less = units.waiting - wanted.get(warehouse, 0)
            for move in units.moves:
                take = min(less, int(move["product_uom_qty"]))
                if take > 0:
                    left = int(move["product_uom_qty"]) - take
                    await self._client.write("stock.move", [move["id"]], {"product_uom_qty": left})
                    less -= take

    async def _picking(
        self, held: Held, sku: Sku, units: int, operation: int, origin: int, target: int, **more: object
    ) -> int:
        """A delivery or return of its own, confirmed; its id."""
        line = held.lines.get(sku)
        products = await self._places.product_ids([sku])
        if line is None or sku not in products:
            raise Refused(
                f"Order {held.row['id']} of Odoo does not sell {sku}.",
                "Compare the order in both systems, correct one of them and retry.",
                code="odoo_not_sold",
            )
        move = {
            "product_id": products[sku],
            "product_uom_qty": units,
            "location_id": origin,
            "location_dest_id": target,
            "sale_line_id": line,
            **more,
        }
        if "name" in await self._client.fields("stock.move"):
            move["name"] = str(sku)
        picking = await self._client.create(
            "stock.picking",
            {
                "picking_type_id": operation,
                "location_id": origin,
                "location_dest_id": target,
                "origin": str(held.row["id"]),
                "move_ids": [[0, 0, move]],
            },
        )
        await self._client.call("stock.picking", "action_confirm", [picking])
        return picking

    async def _validate(self, picking: int) -> None:
        """Book what was picked as moved; the rest waits on. The context keeps Odoo from asking in a window."""
        answer = await self._client.call(
            "stock.picking", "button_validate", [picking], context={"skip_backorder": True}
        )
        if isinstance(answer, dict):
            raise Refused(
                "Odoo asks a question in a window before it books this delivery.",
                f"Validate delivery {picking} in Odoo, answer what it asks, then retry.",
                code="odoo_asks",
                log=str(answer.get("res_model", "")),
            )
