"""Goods on their way: shipped, sent from elsewhere, come back. All are targets, so repeating one changes nothing."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from adapters.together import Together
from adapters.tryton.documents import Documents, SaleFile, return_marker, sku_of, units
from adapters.tryton.parcels import RETURN, Parcels, shipment_of
from adapters.tryton.places import Atlas, Places
from adapters.tryton.rpc import Row, Rpc
from engine.model.failure import Failure, Refused
from engine.model.ids import DocumentId, Sku, WarehouseId

log = logging.getLogger("trueup.tryton")
Shelf = tuple[Sku, WarehouseId]
Ask = tuple[DocumentId, Mapping[Shelf, int]]
MOST = 16
"""Sales shipped together."""


class Moving:
    """Books movements of goods of our sales."""

    def __init__(self, rpc: Rpc, places: Places, documents: Documents) -> None:
        self._rpc = rpc
        self._places = places
        self._documents = documents
        self._parcels = Parcels(rpc)
        self._together = Together(self._ship, most=MOST)

    async def reroute(self, number: DocumentId, moves: Mapping[Sku, WarehouseId]) -> None:
        """Let unshipped units leave from another warehouse."""
        atlas = await self._places.atlas()
        for target in sorted(set(moves.values())):
            file = await self._file(number)
            wanted = {
                move["id"]: round(move["internal_quantity"])
                for move in file.open()
                if moves.get(sku_of(move)) == target and atlas.inside.get(move["from_location"]) != target
            }
            if wanted:
                await self._parcels.shift(file, wanted, atlas.named(target))

    async def ship(self, number: DocumentId, targets: Mapping[Shelf, int]) -> None:
        """Book that so many units in total have left from each warehouse; together with others that wait."""
        await self._together.ask((number, targets))

    async def _ship(self, asked: Sequence[Ask]) -> list[Failure | None]:
        """Whole shipments in bulk; what is still missing then, sale by sale."""
        atlas = await self._places.atlas()
        files = await self._documents.by_ids([number for number, _ in asked])
        whole = [
            shipment
            for number, targets in asked
            if number in files
            for shipment in _whole(files[number], targets, atlas)
        ]
        if whole and len(asked) > 1:
            try:
                await self._parcels.send(whole)
            except Refused as refused:
                log.info("shipping %s together: %s", whole, refused.cause)  # its own sale is told below
            files = await self._documents.by_ids([number for number, _ in asked])
        done: list[Failure | None] = []
        for number, targets in asked:
            try:
                await self._ship_one(number, files.get(number), targets, atlas)
                done.append(None)
            except Failure as failure:
                done.append(failure)
        return done

    async def _ship_one(
        self, number: DocumentId, file: SaleFile | None, targets: Mapping[Shelf, int], atlas: Atlas
    ) -> None:
        for _, name in sorted(targets):
            atlas.named(name)
        missing = _missing(_ours(number, file), targets, atlas)
        for name in sorted({name for _, name in missing}):
            await self._ship_from(number, name, targets, atlas)
        await self._parcels.trim(await self._file(number) if missing else _ours(number, file))

    async def take_back(self, number: DocumentId, targets: Mapping[Shelf, int]) -> None:
        """Book returned units into stock, up to the totals given."""
        atlas = await self._places.atlas()
        file = await self._file(number)
        for row in file.returns:
            if row["state"] in ("draft", "received"):
                await self._receive(row["id"], row["state"])
        file = await self._file(number)
        back = units(
            [m for row in file.returns for m in row["moves"] if m["state"] == "done"],
            atlas,
            side="to_location",
        )
        wanted: dict[WarehouseId, list[tuple[Row, int]]] = defaultdict(list)
        for (sku, name), total in targets.items():
            units_left = total - back.get((sku, name), 0)
            if units_left > 0:
                line = next((line for line in file.lines if sku_of(line) == sku), None)
                if line is None:
                    raise Refused(
                        f"The sale in Tryton has no line for {sku}",
                        "Book the returned goods in Tryton by hand",
                        code="tryton_units",
                    )
                wanted[name].append((line, units_left))
        for name, lines in wanted.items():
            await self._receive(await self._return(file, name, lines, atlas), "draft")

    async def _ship_from(
        self, number: DocumentId, name: WarehouseId, targets: Mapping[Shelf, int], atlas: Atlas
    ) -> None:
        """Ship what is missing at one warehouse: what is planned there first, then without a plan."""
        file = await self._file(number)
        need = {sku: left for (sku, at), left in _missing(file, targets, atlas).items() if at == name}
        here = [move for move in file.open() if atlas.inside.get(move["from_location"]) == name]
        by_shipment: dict[int, list[Row]] = defaultdict(list)
        for move in here:
            by_shipment[shipment_of(move)].append(move)
        for row in await self._parcels.states(sorted(by_shipment.keys() - {0})):
            moves = by_shipment[row["id"]]
            keep: dict[int, int] = {}
            for move in moves:
                keep[move["id"]] = min(round(move["internal_quantity"]), need.get(sku_of(move), 0))
                need[sku_of(move)] = need.get(sku_of(move), 0) - keep[move["id"]]
            if not any(keep.values()):
                continue
            rest = {move["id"]: round(move["internal_quantity"]) - keep[move["id"]] for move in moves}
            if any(rest.values()):
                await self._parcels.shift(file, rest, atlas.named(name))
            await self._parcels.send([row["id"]])
        extra = {sku: left for sku, left in need.items() if left > 0}
        if extra:
            file = await self._file(number)
            await self._parcels.send(await self._parcels.make(file, {name: extra}, atlas, beyond=True))

    async def _return(
        self, file: SaleFile, name: WarehouseId, lines: list[tuple[Row, int]], atlas: Atlas
    ) -> int:
        warehouse = atlas.named(name)
        customer = await self._parcels.customer_location(file)
        moves = [
            {
                "product": line["product"],
                "unit": line["unit"],
                "quantity": float(quantity),
                "from_location": customer,
                "to_location": warehouse.input,
                "company": file.row["company"],
                "currency": file.row["currency"],
                "unit_price": line["unit_price"],
            }
            for line, quantity in lines
        ]
        values = {
            "company": file.row["company"],
            "customer": file.row["shipment_party"] or file.row["party"],
            "contact_address": file.row["shipment_address"],
            "warehouse": warehouse.id,
            "warehouse_storage": warehouse.storage,
            "warehouse_input": warehouse.input,
            "reference": return_marker(file.ref),
            "incoming_moves": [["create", moves]],
        }
        (made,) = await self._rpc.create(RETURN, [values])
        return made

    async def _receive(self, number: int, state: str) -> None:
        for step in ("receive", "do") if state == "draft" else ("do",):
            await self._rpc.press(RETURN, step, [number])

    async def _file(self, number: DocumentId) -> SaleFile:
        return _ours(number, await self._documents.by_id(number))


def _ours(number: DocumentId, file: SaleFile | None) -> SaleFile:
    if file is None:
        raise Refused(
            f"Tryton has no sale {number} of this shop",
            "Look for the order in Tryton",
            code="tryton_no_sale",
        )
    return file


def _whole(file: SaleFile, targets: Mapping[Shelf, int], atlas: Atlas) -> list[int]:
    """Shipments all of whose goods are among what is missing: to be sent as they are."""
    need = _missing(file, targets, atlas)
    planned: dict[int, list[Row]] = defaultdict(list)
    for move in file.open():
        planned[shipment_of(move)].append(move)
    found = []
    for shipment in sorted(planned.keys() - {0}):
        goods = units(planned[shipment], atlas)
        if goods and all(need.get(shelf, 0) >= count for shelf, count in goods.items()):
            found.append(shipment)
            need = {shelf: count - goods.get(shelf, 0) for shelf, count in need.items()}
    return found


def _missing(file: SaleFile, targets: Mapping[Shelf, int], atlas: Atlas) -> dict[Shelf, int]:
    """Units still to be booked as shipped."""
    done = units([move for move in file.moves if move["state"] == "done"], atlas)
    return {key: total - done.get(key, 0) for key, total in targets.items() if total > done.get(key, 0)}
