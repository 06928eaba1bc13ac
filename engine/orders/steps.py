"""What the two books of one order still owe each other: the next step, as a pure function of both sides.

The worker re-reads both sides after every step, so a step that was made twice, or by somebody else, is simply no
longer owed. Steps come in the order the stock rule needs: book, cancel, amend, re-route before shipping, ship before
taking back, move the fulfilment order before fulfilling it.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.model.failure import Refused
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.model.order import FulfilmentOrder, Order
from engine.model.sale import Document, DocumentStatus
from engine.model.stock import CellKey
from engine.orders.amending import Sent, called_off, outdated, sent_all_the_same
from engine.orders.movements import HOLDING, Movement, movements


@dataclass(frozen=True, slots=True)
class Book:
    """Create the sales document."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel the document: the buyer's order is cancelled and nothing left."""


@dataclass(frozen=True, slots=True)
class Amend:
    """Bring the document up to date with what was taken out of the order or put in after it was booked."""

    cells: tuple[CellKey, ...]
    """Where its goods are promised, before and after."""


@dataclass(frozen=True, slots=True)
class Reroute:
    """Let unshipped units leave from where Shopify shipped them."""

    moves: Mapping[Sku, WarehouseId]


@dataclass(frozen=True, slots=True)
class Ship:
    """Book units as gone; totals per shelf."""

    units: Mapping[tuple[Sku, WarehouseId], int]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Book returned units; totals per shelf."""

    units: Mapping[tuple[Sku, WarehouseId], int]
    cells: tuple[CellKey, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Let units of a fulfilment order leave from where the back office ships them."""

    fulfilment_order: str
    location: LocationId
    lines: Mapping[str, int]
    """Order line → units; what is not named stays where it is."""
    cells: tuple[CellKey, ...]


@dataclass(frozen=True, slots=True)
class Fulfil:
    """Tell Shopify what the back office shipped."""

    fulfilment_order: str
    lines: Mapping[str, int]


Step = Book | Cancel | Amend | Reroute | Ship | TakeBack | Move | Fulfil


def next_step(
    order: Order,
    document: Document | None,
    warehouse_of: Mapping[LocationId, WarehouseId],
    location_of: Mapping[WarehouseId, LocationId],
    shut: Collection[LocationId] = (),
    sent: Sent | None = None,
) -> Step | None:
    """The next thing to do, or None when both books agree. Raises Refused when a person has to decide.

    `sent` is what shows that something was put into the order for nothing; an order never edited needs none. Nothing
    can leave from `shut` locations in Shopify: what the back office plans there follows Shopify's plan.
    """
    cells = movements(order)
    gone = any(movement.fulfilled for movement in cells.values())
    off = called_off(order) and not gone
    if document is None:
        return None if off else Book()
    untouched = not any(line.shipped for line in document.lines)
    if off and document.status is DocumentStatus.OPEN and untouched:
        return Cancel()
    if outdated(order, document, sent):
        return Amend(_cells(document, cells, location_of))
    shelves = _at_shelves(cells, warehouse_of)
    step = _owed_to_back_office(document, shelves) or _take_back(document, shelves, location_of)
    if step is not None or order.cancelled_at:
        return step
    step = _owed_to_shop(order, document, cells, location_of, shut, warehouse_of)
    if step is None:
        sent_all_the_same(order, document)
    return step


def finished(order: Order, document: Document) -> bool:
    """Nothing can be owed any more unless somebody acts: all gone and booked, or cancelled on both sides."""
    if any(movement.committed for movement in movements(order).values()):
        return False
    return document.status is not DocumentStatus.OPEN


def _at_shelves(
    cells: Mapping[CellKey, Movement], warehouse_of: Mapping[LocationId, WarehouseId]
) -> Mapping[tuple[Sku, WarehouseId], Movement]:
    shelves: dict[tuple[Sku, WarehouseId], Movement] = {}
    for key, movement in cells.items():
        if key.location not in warehouse_of:
            if movement.fulfilled or movement.restocked:
                raise Refused(
                    f"Goods of SKU {key.sku} moved at location {key.location}, which has no warehouse.",
                    "Add the location to [connections.locations] in the configuration, restart, and retry.",
                    code="location_unmapped",
                )
            continue
        shelf = shelves.setdefault((key.sku, warehouse_of[key.location]), Movement())
        shelf.committed += movement.committed
        shelf.fulfilled += movement.fulfilled
        shelf.restocked += movement.restocked
    return shelves


def _cells(
    document: Document, cells: Mapping[CellKey, Movement], location_of: Mapping[WarehouseId, LocationId]
) -> tuple[CellKey, ...]:
    planned = {
        CellKey(line.sku, location_of[line.warehouse])
        for line in document.lines
        if line.warehouse in location_of and line.quantity > line.shipped
    }
    return tuple(sorted(planned | {key for key, movement in cells.items() if movement.committed}))


def _owed_to_back_office(
    document: Document, shelves: Mapping[tuple[Sku, WarehouseId], Movement]
) -> Step | None:
    shipped: Counter[Sku] = Counter()
    planned: dict[tuple[Sku, WarehouseId], int] = {}
    shipped_at: dict[tuple[Sku, WarehouseId], int] = {}
    for line in document.lines:
        shelf = (line.sku, line.warehouse)
        shipped[line.sku] += line.shipped
        planned[shelf] = planned.get(shelf, 0) + line.quantity
        shipped_at[shelf] = shipped_at.get(shelf, 0) + line.shipped
    left: Counter[Sku] = Counter()
    for (sku, _), movement in shelves.items():
        left[sku] += movement.fulfilled
    moves: dict[Sku, WarehouseId] = {}
    units: dict[tuple[Sku, WarehouseId], int] = {}
    for (sku, warehouse), movement in sorted(shelves.items()):
        shelf = (sku, warehouse)
        missing = min(movement.fulfilled - shipped_at.get(shelf, 0), left[sku] - shipped[sku])
        if missing <= 0:
            continue
        shipped[sku] += missing
        total = shipped_at.get(shelf, 0) + missing
        if document.status is DocumentStatus.OPEN and planned.get(shelf, 0) < total:
            moves.setdefault(sku, warehouse)
        else:
            units[shelf] = total
    # what is planned where it left ships first: of an order that left from two places, re-routing takes all that is open
    if units:
        return Ship(units)
    return Reroute(moves) if moves else None


def _take_back(
    document: Document,
    shelves: Mapping[tuple[Sku, WarehouseId], Movement],
    location_of: Mapping[WarehouseId, LocationId],
) -> Step | None:
    returned: Counter[tuple[Sku, WarehouseId]] = Counter()
    for line in document.lines:
        returned[line.sku, line.warehouse] += line.returned
    owed = {shelf: m.restocked for shelf, m in sorted(shelves.items()) if m.restocked > returned[shelf]}
    if not owed:
        return None
    return TakeBack(owed, tuple(CellKey(sku, location_of[warehouse]) for sku, warehouse in owed))


def _owed_to_shop(
    order: Order,
    document: Document,
    cells: Mapping[CellKey, Movement],
    location_of: Mapping[WarehouseId, LocationId],
    shut: Collection[LocationId],
    warehouse_of: Mapping[LocationId, WarehouseId],
) -> Step | None:
    if document.status is DocumentStatus.CANCELLED:
        if any(movement.committed for movement in cells.values()):
            raise Refused(
                f"Order {order.name} was cancelled in the back office and is still open in Shopify.",
                "Cancel it in Shopify too (the buyer is refunded there), or re-open the document, and retry.",
                code="cancelled_in_back_office",
            )
        return None
    fulfilled: Counter[Sku] = Counter()
    for key, movement in cells.items():
        fulfilled[key.sku] += movement.fulfilled
    ahead: Counter[tuple[Sku, LocationId]] = Counter()
    for line in document.lines:
        spare = max(0, line.shipped - fulfilled[line.sku])
        fulfilled[line.sku] -= line.shipped - spare
        if spare and line.warehouse in location_of:
            ahead[line.sku, location_of[line.warehouse]] += spare
    if any(ahead.values()):
        return _tell(order, ahead)
    step = _reassign(order, document, location_of)
    return _follow(step, order, warehouse_of) if isinstance(step, Move) and step.location in shut else step


def _follow(move: Move, order: Order, warehouse_of: Mapping[LocationId, WarehouseId]) -> Reroute | None:
    """The other way round: the document goes to where Shopify lets the units leave; None where that has no warehouse."""
    [group] = [one for one in order.fulfilment_orders if one.id == move.fulfilment_order]
    warehouse = warehouse_of.get(group.location) if group.location else None
    return Reroute({cell.sku: warehouse for cell in move.cells}) if warehouse else None


def _tell(order: Order, ahead: Counter[tuple[Sku, LocationId]]) -> Step | None:
    skus = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    elsewhere: Move | None = None
    for group in order.fulfilment_orders:
        if group.status not in HOLDING or group.location is None:
            continue
        lines: dict[str, int] = {}
        for line, remaining in group.lines:
            sku = skus.get(line)
            take = min(remaining, ahead[sku, group.location]) if sku else 0
            if sku and take > 0:
                lines[line] = take
                ahead[sku, group.location] -= take
        if lines:
            return Fulfil(group.id, lines)
        elsewhere = elsewhere or _move(group, skus, ahead)
    return elsewhere


def _move(
    group: FulfilmentOrder, skus: Mapping[str, Sku], wanted: Counter[tuple[Sku, LocationId]]
) -> Move | None:
    """Units of a fulfilment order that are wanted at another location, as many as go to the first of those."""
    if group.location is None:
        return None
    for location in dict.fromkeys(at for (_, at), units in wanted.items() if units > 0):
        if location == group.location:
            continue
        left = Counter({sku: units for (sku, at), units in wanted.items() if at == location})
        lines: dict[str, int] = {}
        for line, remaining in group.lines:
            sku = skus.get(line)
            take = min(remaining, left[sku]) if sku else 0
            if sku and take > 0:
                lines[line] = take
                left[sku] -= take
        if lines:
            inside = sorted({skus[line] for line in lines})
            cells = tuple(CellKey(sku, at) for sku in inside for at in (group.location, location))
            return Move(group.id, location, lines, cells)
    return None


def _reassign(order: Order, document: Document, location_of: Mapping[WarehouseId, LocationId]) -> Step | None:
    """Shopify promises units at the location from which the back office lets them leave.

    Only units that are too many where they are go to where too few are: what has no location of ours, and what
    Shopify does not hold any more, stays out of account.
    """
    skus = {line.id: line.sku for line in order.lines if line.sku and line.requires_shipping}
    groups = [group for group in order.fulfilment_orders if group.status in HOLDING and group.location]
    planned: Counter[tuple[Sku, LocationId]] = Counter()
    for part in document.lines:
        if part.quantity > part.shipped and part.warehouse in location_of:
            planned[part.sku, location_of[part.warehouse]] += part.quantity - part.shipped
    promised: Counter[tuple[Sku, LocationId]] = Counter()
    for group in groups:
        for line, remaining in group.lines:
            if group.location and line in skus:
                promised[skus[line], group.location] += remaining
    missing, spare = planned - promised, promised - planned
    for group in groups:
        wanted = {
            (sku, at): min(units, spare[sku, group.location])
            for (sku, at), units in missing.items()
            if group.location
        }
        if step := _move(group, skus, Counter(wanted)):
            return step
    return None
