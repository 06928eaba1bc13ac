"""Shipments: making them, splitting them and taking them through Tryton's steps until the goods have left."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from adapters.tryton.documents import SaleFile, sku_of
from adapters.tryton.places import Atlas, Warehouse
from adapters.tryton.rpc import Row, Rpc
from engine.model.failure import Refused
from engine.model.ids import Sku, WarehouseId

OUT = "stock.shipment.out"
RETURN = "stock.shipment.out.return"
EARLY = frozenset({"draft", "waiting", "assigned"})
"""States of a shipment that nobody has begun to pick."""
STEPS = ("wait", "assign_try", "assign_force", "pick", "pack", "do")
MOST_STEPS = 8


class Parcels:
    """Works on outgoing shipments of sales."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def make(
        self,
        file: SaleFile,
        plan: Mapping[WarehouseId, Mapping[Sku, int]],
        atlas: Atlas,
        *,
        beyond: bool = False,
    ) -> list[int]:
        """New shipments for these units, one per warehouse, in one transaction; ready to be assigned.

        Tryton itself ships a sale from one warehouse. Moves that name the sale's lines count for it all the same,
        so it plans nothing twice. `beyond` allows more units than the sale has left to ship.
        """
        customer = await self.customer_location(file)
        pool = Pool(file, beyond=beyond)
        made = []
        for name, units in plan.items():
            warehouse = atlas.named(name)
            moves = [
                _move(line, file, quantity, warehouse.output, customer)
                for sku, wanted in units.items()
                for line, quantity in pool.take(sku, wanted)
            ]
            made.append({**frame(file, warehouse), "outgoing_moves": [["create", moves]]})
        ids = await self._rpc.create(OUT, made)
        await self._rpc.press(OUT, "wait", ids)
        return ids

    async def shift(self, file: SaleFile, take: Mapping[int, int], warehouse: Warehouse) -> None:
        """Take units (move id → units) out of their shipments into a new one, leaving from `warehouse`.

        Tryton lets no move change its shipment, so new moves are made and old ones cut, in one transaction: the
        reservation is never missing and the sale never plans the units a second time.
        """
        moves = {move["id"]: move for move in file.open() if take.get(move["id"])}
        shipments = await self.states(sorted({shipment_of(move) for move in moves.values()}))
        if any(row["state"] not in EARLY for row in shipments):
            raise Refused(
                "The goods are already picked in the warehouse",
                "Finish or undo the picking in Tryton, then retry",
                code="tryton_picked",
            )
        customer = await self.customer_location(file)
        lines = {line["id"]: line for line in file.lines}
        created = [
            _move(lines[line_of(move)], file, take[number], warehouse.output, customer)
            for number, move in moves.items()
        ]
        (target,) = await self._rpc.create(OUT, [frame(file, warehouse)])
        for row in shipments:
            await self._to_draft(row)
        changes: list[object] = [[target], {"outgoing_moves": [["create", created]]}]
        for row in shipments:
            inside = {n: move for n, move in moves.items() if shipment_of(move) == row["id"]}
            changes += [[row["id"]], {"outgoing_moves": _cuts(inside, take)}]
        await self._rpc.press(OUT, "write", *changes)
        await self._tidy([target, *(row["id"] for row in shipments)])

    async def trim(self, file: SaleFile) -> None:
        """Take plans back that exceed what was ordered, after goods left from where they were not planned."""
        pool = Pool(file, beyond=False)
        excess = {number: -left for number, left in pool.left.items() if left < 0}
        cut: dict[int, dict[int, int]] = {}
        for move in reversed(file.open()):
            line = line_of(move)
            units = round(move["internal_quantity"])
            less = min(units, excess.get(line, 0))
            if less and shipment_of(move):
                excess[line] -= less
                cut.setdefault(shipment_of(move), {})[move["id"]] = less
        for row in await self.states(sorted(cut)) if cut else ():
            if row["state"] in EARLY:
                inside = {move["id"]: move for move in file.open() if shipment_of(move) == row["id"]}
                await self._to_draft(row)
                change = {"outgoing_moves": _cuts(inside, cut[row["id"]])}
                await self._rpc.press(OUT, "write", [row["id"]], change)
                await self._tidy([row["id"]])

    async def send(self, numbers: Sequence[int]) -> None:
        """Take shipments through all steps that remain. What Tryton misses is assigned by force: it has left."""
        tried: set[int] = set()
        for _ in range(MOST_STEPS):
            due: dict[str, list[int]] = defaultdict(list)
            for row in await self.states(numbers) if numbers else ():
                due[_step(row, forced=row["id"] in tried)].append(row["id"])
            tried.update(due["assign_try"])
            for step in STEPS:
                if due[step]:
                    await self._rpc.press(OUT, step, due[step])
            numbers = sorted(number for step in STEPS for number in due[step])

    async def states(self, numbers: Sequence[int]) -> list[Row]:
        """State and contents of shipments."""
        return await self._rpc.read(
            OUT,
            numbers,
            ["state", "warehouse", "warehouse_storage", "warehouse_output", "outgoing_moves", "reference"],
        )

    async def customer_location(self, file: SaleFile) -> int:
        """Where goods go when they leave for this buyer."""
        party = file.row["shipment_party"] or file.row["party"]
        (row,) = await self._rpc.read("party.party", [party], ["customer_location"])
        return int(row["customer_location"])

    async def _tidy(self, numbers: Sequence[int]) -> None:
        """Let drafts be assigned again; a shipment that lost all its moves goes."""
        rows = await self.states(numbers)
        empty = [row["id"] for row in rows if not row["outgoing_moves"]]
        full = [row["id"] for row in rows if row["outgoing_moves"]]
        if empty:
            await self._rpc.model(OUT, "delete", empty)
        if full:
            await self._rpc.press(OUT, "wait", full)

    async def _to_draft(self, shipment: Row) -> None:
        if shipment["state"] == "assigned":
            await self._rpc.press(OUT, "wait", [shipment["id"]])
        if shipment["state"] != "draft":
            await self._rpc.press(OUT, "draft", [shipment["id"]])


class Pool:
    """Hands out what the lines of a sale have not allotted to moves yet."""

    def __init__(self, file: SaleFile, *, beyond: bool) -> None:
        self._beyond = beyond
        self.left = {line["id"]: round(line["quantity"]) for line in file.lines}
        self._lines = {line["id"]: line for line in file.lines}
        for move in file.live():
            self.left[line_of(move)] -= round(move["internal_quantity"])

    def take(self, sku: Sku, wanted: int) -> Iterator[tuple[Row, int]]:
        """Lines of this SKU with the units each gives."""
        lines = [line for line in self._lines.values() if sku_of(line) == sku]
        for line in lines:
            given = min(wanted, max(self.left[line["id"]], 0))
            if given:
                self.left[line["id"]] -= given
                wanted -= given
                yield line, given
        if wanted and (not self._beyond or not lines):
            raise Refused(
                f"The sale in Tryton has not so many units of {sku} to ship",
                "Compare the order with the sale in Tryton and correct the sale",
                code="tryton_units",
            )
        if wanted:
            yield lines[0], wanted


def frame(file: SaleFile, warehouse: Warehouse) -> Row:
    """A shipment of this sale without moves."""
    return {
        "company": file.row["company"],
        "customer": file.row["shipment_party"] or file.row["party"],
        "delivery_address": file.row["shipment_address"],
        "warehouse": warehouse.id,
        "warehouse_storage": warehouse.picking,
        "warehouse_output": warehouse.output,
        "reference": file.row["web_id"],
    }


def _move(line: Row, file: SaleFile, quantity: int, start: int, customer: int) -> Row:
    return {
        "product": line["product"],
        "unit": line["unit"],
        "quantity": float(quantity),
        "from_location": start,
        "to_location": customer,
        "company": file.row["company"],
        "origin": f"sale.line,{line['id']}",
        "unit_price": line["unit_price"],
        "currency": file.row["currency"],
    }


def _step(shipment: Row, *, forced: bool) -> str:
    """What takes a shipment on from where it is; empty when it has left or was cancelled."""
    match shipment["state"]:
        case "draft":
            return "wait"
        case "waiting":
            return "assign_force" if forced else "assign_try"
        case "assigned":
            return "pack" if shipment["warehouse_storage"] == shipment["warehouse_output"] else "pick"
        case "picked":
            return "pack"
        case "packed" | "shipped":
            return "do"
        case _:
            return ""


def shipment_of(move: Row) -> int:
    """Id of the shipment a move belongs to; 0 for none."""
    model, _, number = (move["shipment"] or "").partition(",")
    return int(number) if model == OUT else 0


def line_of(move: Row) -> int:
    """Id of the sale line a move serves."""
    return int(move["origin"].partition(",")[2])


def _cuts(moves: Mapping[int, Row], less: Mapping[int, int]) -> list[list[object]]:
    """The changes that take so many units out of these moves."""
    left = {n: round(move["internal_quantity"]) - less.get(n, 0) for n, move in moves.items() if less.get(n)}
    gone = [number for number, units in left.items() if units <= 0]
    cuts: list[list[object]] = [
        ["write", [number], {"quantity": float(units)}] for number, units in left.items() if units > 0
    ]
    return [*cuts, ["delete", gone]] if gone else cuts
