"""Our engine at work on the world: every remote call and every commit is a step of its own, and may be the last."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.flows.listings import Listings
from engine.model.failure import Refused
from engine.model.ids import LocationId, OrderId, WarehouseId
from engine.model.order import Order
from engine.model.stock import OrderCell, ShelfStock, StockSnapshot
from engine.orders import steps
from engine.orders.movements import movements
from engine.orders.step import Fulfil, Move, TakeBack
from engine.stock import memory as remembering
from engine.stock import open_write, order_at_cell, target
from engine.stock.available import as_physical
from engine.stock.buffers import Buffer
from engine.stock.memory import Memory
from engine.stock.open_write import Remedy
from engine.stock.target import Listing, Shelf, Target
from tests.stock.world.places import (
    BEHIND,
    FRESH,
    LAG,
    LOCATION_OF,
    LOCATIONS,
    SKU,
    WAREHOUSE_OF,
    at,
)

if TYPE_CHECKING:
    from tests.stock.world.history import History

Steps = Generator[None, None, None]
BUMPING = (TakeBack, Move)
SHOP_STEPS = (Fulfil, Move)


@dataclass(frozen=True)
class Row:
    """One member of a write."""

    location: LocationId
    read: Memory
    agreed: Memory
    on_hand: int
    quantity: int
    snapshot_at: int
    target: Target | None = None

    @property
    def member(self) -> tuple[LocationId, int, int]:
        """Compared against, and written."""
        return self.location, self.on_hand, self.quantity


@dataclass(frozen=True)
class Effect:
    """A write put down before it is sent."""

    key: str
    rows: tuple[Row, ...]
    created: int


@dataclass
class Known:
    """What the store remembers of an order."""

    updated: datetime
    cells: tuple[OrderCell, ...]
    settled: bool


class Engine:
    """Store, stock rounds and order attempts."""

    def __init__(self, world: "History", memories: dict[LocationId, Memory]) -> None:
        self.world = world
        self.memory = memories
        self.known: dict[OrderId, Known] = {}
        self.effects: list[Effect] = []
        self.due: set[OrderId] = set()
        self.held: set[OrderId] = set()
        self.buffer = Buffer(world.options.buffer)
        self._keys = 0
        self.restart()

    def restart(self) -> None:
        """The process begins anew: only the store is left."""
        self.rounds: list[Steps] = []
        self.attempts: dict[OrderId, Steps] = {}
        self.listings = Listings()

    # ---- orders

    def listing(self) -> None:
        """One look at the shop's listing of changed orders."""
        world = self.world
        for sale in world.shop.sales:
            if sale.visible_from <= world.t:
                sale.listed = sale.updated
        missed = [
            sale
            for sale in world.shop.sales
            if sale.listed and (sale.id not in self.known or self.known[sale.id].updated < sale.listed)
        ]
        self.listings.shown([sale.id for sale in missed], at(world.t), world.t)
        self.due |= {sale.id for sale in missed} - self.held
        for order in self.listings.owed & self.held:
            self._remember(world.sale(order).view(), settled=False)
            self.listings.read(order, world.t)

    def _remember(self, order: Order, *, settled: bool) -> None:
        known = self.known.get(order.id)
        if known is None or known.updated <= order.updated_at:
            cells = tuple(
                OrderCell(order.id, SKU, k.location, m.committed, m.fulfilled, m.fulfilled_at, m.restocked)
                for k, m in movements(order).items()
            )
            before = known.cells if known else ()
            self.known[order.id] = Known(order.updated_at, cells, settled)
            for where in LOCATIONS:
                moved = [
                    [(cell.fulfilled, cell.restocked) for cell in some if cell.location == where]
                    for some in (before, cells)
                ]
                had = self.memory[where]
                if (moved[0] or [(0, 0)]) != (moved[1] or [(0, 0)]) and had.seen_at is not None:
                    # as `remember_order` does: what is unexplained there counts as seen now
                    seen = (had.seen_low, at(self.world.t)) if had.base is not None else (None, None)
                    self.memory[where] = replace(had, seen_low=seen[0], seen_at=seen[1], ver=had.ver + 1)

    def attempt(self, order_id: OrderId) -> Steps:
        """Make both books of one order agree, one owed step after the other."""
        world, erp = self.world, self.world.erp
        sale = world.sale(order_id)
        self.due.discard(order_id)
        order, begun = sale.view(), world.t
        yield
        self._remember(order, settled=False)
        self.listings.read(order_id, begun)
        for _ in range(20):
            yield
            paper = erp.ours.get(order_id)
            document = paper.view() if paper else None
            yield
            try:
                step = steps.next_step(order, document, WAREHOUSE_OF, LOCATION_OF)
            except Refused as refused:
                if refused.code != "sent_though_taken_out":
                    self.held.add(order_id)
                    return
                step = None  # a person was told, and knows of it: nothing is owed for it
            if step is None:
                if document is not None and steps.finished(order, document):
                    self._remember(order, settled=True)
                return
            if paper and paper.cancelled and not isinstance(step, SHOP_STEPS):
                self.held.add(
                    order_id
                )  # a back office books nothing on a cancelled document: a person is told
                return
            if isinstance(step, BUMPING) and world.options.bump:
                for cell in step.cells:
                    had = self.memory[cell.location]
                    self.memory[cell.location] = replace(had, ver=had.ver + 1)
                yield
            world.carry_out(sale, step, _wanted(order))
            if isinstance(step, SHOP_STEPS):
                yield
                order = sale.view()
                self._remember(order, settled=False)

    # ---- stock

    def round(self, locations: Sequence[LocationId]) -> Steps:
        """One round of the stock rule over these cells."""
        world, options = self.world, self.world.options
        doubtful: set[LocationId] = set()
        for effect in list(self.effects):
            yield from self._finish(effect, doubtful)
        cells = [location for location in locations if location not in doubtful]
        read: dict[LocationId, Memory] = {}
        if not options.late_memory:
            read = {location: self.memory[location] for location in cells}
        reading = world.reading()
        found: dict[str, Any] = {}
        for letter in options.order:
            yield
            yield from reading[letter](found)
        yield
        if options.late_memory:
            read = {location: self.memory[location] for location in cells}
        yield from self._act([self._decide(location, read[location], found) for location in cells])

    def _decide(self, location: LocationId, memory: Memory, found: dict[str, Any]) -> Row:
        shelves = [ShelfStock(*found["stock"][w]) for w in BEHIND[location]]
        if self.world.options.available:
            told = {
                (SKU, w): ShelfStock(s.on_hand - s.reserved, 0, {})
                for w, s in zip(BEHIND[location], shelves, strict=True)
            }
            seen = as_physical(
                StockSnapshot(at(found["taken"]), told),
                found["documents"],
                found.get("after", found["documents"]),
            )
            shelves = [seen.shelves[SKU, w] for w in BEHIND[location]]
        here = [cell for cell in found["orders"] if cell.location == location]
        orders = [
            order_at_cell.order_at_cell(
                cell,
                [other for other in found["orders"] if other.order_id == cell.order_id],
                found["documents"].get(cell.order_id),
                shelves,
                BEHIND[location],
                LOCATION_OF,
            )
            for cell in here
        ]
        decided = target.decide(
            memory,
            found["levels"][location],
            orders,
            Shelf(sum(s.on_hand for s in shelves), sum(s.reserved for s in shelves)),
            settled_movements=found["settled"].get(location, 0),
            buffer=self.buffer,
            now=at(self.world.t),
            listing=Listing(LAG, found["listed_at"]),
        )
        return Row(
            location, memory, decided.agreed(), decided.on_hand, decided.quantity, found["taken"], decided
        )

    def _settles(self, row: Row) -> bool:
        assert row.target is not None
        age = timedelta(seconds=self.world.t - row.snapshot_at)
        return row.target.settles(age, FRESH if self.world.options.fresh else timedelta(days=1))

    def _same(self, row: Row) -> bool:
        return not self.world.options.compare or self.memory[row.location].ver == row.read.ver

    def _act(self, rows: Sequence[Row]) -> Steps:
        writes = []
        for row in rows:
            if not self._settles(row) or (row.target and row.target.equal):
                self._note(row)
            else:
                writes.append(row)
        while writes:
            yield
            writes = [row for row in writes if self._settles(row) and self._same(row)]
            if not writes:
                return
            stale = yield from self._write(writes)
            writes = [row for row in writes if row.location not in stale] if stale else []

    def _write(self, rows: Sequence[Row]) -> Generator[None, None, list[LocationId] | None]:
        """Put down, send, record; None when no answer came."""
        self._keys += 1
        effect = Effect(f"k{self._keys}", tuple(rows), self.world.t)
        self.effects.append(effect)
        yield
        if not all(row.target is None or self._settles(row) for row in rows):
            self._record(effect, applied=False)  # a raise that has become too old meanwhile does not leave
            return None
        stale = self.world.send(effect)
        if stale is not None:
            yield
            self._record(effect, applied=not stale)
        return stale

    def _note(self, row: Row) -> None:
        """Keep what was seen without a write."""
        had, agreed = self.memory[row.location], row.agreed
        if had.ver != row.read.ver:
            return
        had = replace(had, seen_low=agreed.seen_low, seen_at=agreed.seen_at)
        if self._settles(row) and had.base is None and agreed.base is not None:
            had = replace(had, base=agreed.base, pos=agreed.pos)
        if self.world.options.base_on_read and had.base is not None and row.target:
            terms = row.target.terms
            had = replace(had, base=row.on_hand - terms.named - min(terms.remainder, 0))
        self.memory[row.location] = had

    def _record(self, effect: Effect, *, applied: bool) -> None:
        self.effects.remove(effect)
        for row in effect.rows if applied else ():
            present = self.memory[row.location]
            self.memory[row.location] = remembering.written(present, row.read, row.agreed)

    def _finish(self, effect: Effect, doubtful: set[LocationId]) -> Steps:
        """As the level writer does with a write whose answer was lost."""
        world = self.world
        yield
        held = {location: world.shop.on_hand[location] for location, _, _ in members(effect)}
        taken = min(row.snapshot_at for row in effect.rows)
        yield
        if effect not in self.effects:
            return
        match open_write.remedy(
            [(before, quantity, held[where]) for where, before, quantity in members(effect)],
            snapshot_age=timedelta(seconds=world.t - taken),
            age=timedelta(seconds=world.t - effect.created),
            freshness=FRESH,
        ):
            case Remedy.REPEAT:
                stale = world.send(effect)
                if stale is None:
                    doubtful |= {row.location for row in effect.rows}
                    return
                yield
                self._record(effect, applied=not stale)
            case Remedy.SPOIL:
                doubtful |= {row.location for row in effect.rows}
                where = max(held, key=lambda location: held[location])
                memory, was = self.memory[where], held[where]
                row = Row(where, memory, remembering.lowered(memory, 1), was, was - 1, taken)
                yield from self._write([row])
            case Remedy.WAIT:
                doubtful |= {row.location for row in effect.rows}
            case Remedy.NEVER | Remedy.LOOK:
                if world.shop.has_answered(effect.key) and max(held.values()) <= 0:
                    world.counts["given up at an empty cell"] += 1
                self._record(effect, applied=False)


def _wanted(order: Order) -> Mapping[WarehouseId, int]:
    """Units that left or are still to leave, by the warehouse that takes a location's orders; 0 once none are."""
    found = dict.fromkeys(WAREHOUSE_OF.values(), 0)
    for cell, moved in movements(order).items():
        found[WAREHOUSE_OF[cell.location]] += moved.committed + moved.fulfilled
    return found


def members(effect: Effect) -> Iterable[tuple[LocationId, int, int]]:
    """The compare-and-swaps of a write."""
    return [row.member for row in effect.rows]


__all__ = ["LOCATIONS", "Effect", "Engine", "Row", "members"]
