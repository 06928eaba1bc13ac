"""People and chance: what happens in the two systems without us."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.ids import LocationId, WarehouseId
from engine.stock.memory import fall_decided, rise_decided
from tests.stock.world.back_office import Line, Paper
from tests.stock.world.places import BEHIND, LAG_STEPS, LOCATION_OF, LOCATIONS, A, B, at
from tests.stock.world.shop import Sale

if TYPE_CHECKING:
    from tests.stock.world.history import History

EVENTS = {
    "web": 22, "till": 12, "erp_sale": 10, "erp_ships": 12, "staff_fulfil": 9, "receipt": 9, "transfer": 9, "edit": 4,
    "release": 6, "erp_cancel": 3, "refund": 7, "reroute": 4, "shop_cancels": 2,
}  # fmt: skip
"""What can happen, and how often."""


@dataclass
class Edit:
    """A figure typed into the shop, until its author has answered for it."""

    where: LocationId
    units: int
    real: bool
    """The goods moved too."""
    booked: bool = False
    noted: bool = False

    @property
    def asked(self) -> int:
        """What the engine still has to ask about."""
        return 0 if self.noted else self.units


class People:
    """Buyers, staff and warehouse workers."""

    def __init__(self, world: "History") -> None:
        self.world = world
        self.transit: list[tuple[WarehouseId, int]] = []
        self.edits: list[Edit] = []
        """Hand edits nobody has decided on."""
        self.edited: set[LocationId] = set()

    def heard(self, sale: Sale) -> None:
        """An order changed: its webhook comes at once or never, the listing shows it at once or late."""
        world, r = self.world, self.world.random
        if sale.visible_from <= world.t:
            sale.visible_from = world.t + (r.randint(0, LAG_STEPS) if world.lagging else 0)
        if r.random() < 0.5:
            world.engine.due.add(sale.id)

    @contextmanager
    def watched(self, *sales: Sale) -> Iterator[None]:
        """Note by how much the back office's act on these orders, or its own, lowers what is sellable."""
        world = self.world
        before = {where: world.truth.sellable(where, sales) for where in LOCATIONS}
        yield
        for where in LOCATIONS:
            fell = before[where] - world.truth.sellable(where, sales)
            if fell > 0:
                world.falls.append((world.t, where, fell))

    def _some(self) -> tuple[LocationId, WarehouseId, int]:
        r = self.world.random
        where = r.choice(LOCATIONS)
        return where, r.choice(BEHIND[where]), r.choice((1, 1, 2, 3))

    def _sale(self, wanted: "list[Sale]") -> Sale | None:
        return self.world.random.choice(wanted) if wanted else None

    # ---- the shop

    def web(self) -> None:
        """A buyer orders on the web; the shop may let it leave from two places."""
        world = self.world
        where, _, units = self._some()
        other = B if where == A else A
        split = units > 1 and world.shop.available(other) > 0 and world.random.random() < 0.3
        if world.shop.available(where) >= units - split:
            sale = world.shop.place(units, where, at(world.t), other if split else None)
            self.heard(sale)
            world.say(f"web {sale.id} {units} at {where}{', one from elsewhere' if split else ''}")

    def till(self) -> None:
        """A buyer takes goods from the shelf."""
        world = self.world
        where, _, units = self._some()
        if world.truth.goods[where] >= units:
            sale = world.shop.place(units, where, at(world.t))
            world.truth.staff_fulfil(sale, where, units, at(world.t))
            self.heard(sale)
            world.say(f"till {sale.id} {units} at {where}")

    def staff_fulfil(self) -> None:
        """Staff press fulfil, for all that is open or a part of it."""
        world = self.world
        papers = world.erp.ours
        open_ = [
            s for s in world.shop.sales if any(s.open.values()) and not self._gone_from_erp(papers.get(s.id))
        ]
        if sale := self._sale(open_):
            where = next(location for location in LOCATIONS if sale.open[location])
            units = world.random.randint(1, sale.open[where])
            if world.truth.staff_fulfil(sale, where, units, at(world.t)):
                self.heard(sale)
                world.say(f"staff fulfil {sale.id} {units} at {where}")

    def _gone_from_erp(self, paper: Paper | None) -> bool:
        return paper is not None and paper.cancelled

    def release(self) -> None:
        """An order is cancelled, or edited down."""
        world = self.world
        if sale := self._sale([s for s in world.shop.sales if any(s.open.values())]):
            units = sum(sale.open.values())
            where, lost = world.truth.release(sale, world.random.choice((units, 1)), at(world.t))
            if where and lost:
                world.falls.append((world.t, where, lost))
            self.heard(sale)
            world.say(f"cancelled or edited {sale.id}")

    def refund(self) -> None:
        """Units that left come back, here or elsewhere."""
        world, r = self.world, self.world.random
        back = [s for s in world.shop.sales if s.fulfilled() > sum(units for _, units in s.back)]
        if sale := self._sale(back):
            units = r.randint(1, sale.fulfilled() - sum(units for _, units in sale.back))
            here = sale.left[-1][0]
            where = r.choice((here, here, *LOCATIONS))
            world.truth.goods[where] += units
            world.shop.restock(sale, where, units, at(world.t))
            self.heard(sale)
            world.say(f"refund {sale.id} {units} to {where}")

    def edit(self) -> None:
        """Somebody types another figure into the shop; a fall may be a mistake, a rise is never without goods."""
        world, r = self.world, self.world.random
        where, _, units = self._some()
        if where in self.edited or world.engine.memory[where].base is None:
            return
        change = units if r.random() < 0.4 else -units
        real = change > 0 or r.random() < 0.6
        if real and world.truth.goods[where] + change < 0:
            return
        world.shop.on_hand[where] += change
        world.truth.goods[where] += change if real else 0
        self.edits.append(Edit(where, change, real))
        self.edited.add(where)
        world.say(f"hand edit {change} at {where} {'real' if real else 'unreal'}")

    def shop_cancels(self) -> None:
        """A person cancels in the shop what the back office cancelled."""
        world = self.world
        for sale in world.shop.sales:
            paper = world.erp.ours.get(sale.id)
            if paper and paper.cancelled and sum(sale.open.values()):
                world.truth.release(sale, sum(sale.open.values()), at(world.t))
                world.engine.held.discard(sale.id)
                self.heard(sale)
                world.say(f"cancelled there too {sale.id}")

    # ---- the back office

    def book(self, sale: Sale, wanted: Mapping[WarehouseId, int]) -> None:
        """Our booking arrives, with what was read of the order; the back office may route it elsewhere."""
        world, r = self.world, self.world.random
        if sale.id in world.erp.ours:
            return
        paper = Paper(sale.id)
        for warehouse, units in wanted.items():
            if units:
                paper.line(warehouse).quantity = units
        if not sale.left and r.random() < 0.3:
            world.erp.reroute(paper, r.choice(list(LOCATION_OF)))
        world.erp.ours[sale.id] = paper

    def erp_sale(self) -> None:
        """The back office sells to a customer of its own."""
        world = self.world
        _where, warehouse, units = self._some()
        if world.erp.free(warehouse) >= units:
            with self.watched():
                world.erp.own.append(Paper(None, {warehouse: Line(units)}))
            world.say(f"erp sale {units} at {warehouse}")

    def erp_ships(self) -> None:
        """A warehouse ships all or a part of what it has promised."""
        world, r = self.world, self.world.random
        open_ = [
            (p, w) for p in world.erp.papers() if not p.cancelled for w, line in p.lines.items() if line.open
        ]
        if open_:
            paper, warehouse = r.choice(open_)
            sale = world.sale(paper.ref) if paper.ref else None
            with self.watched(*((sale,) if sale else ())):
                units = r.randint(1, paper.lines[warehouse].open)
                done = world.truth.erp_ships(paper, sale, warehouse, units, at(world.t))
            if done and sale:
                world.engine.due.add(sale.id)
            world.say(f"erp ships {units if done else 0} of {paper.ref} from {warehouse}")

    def receipt(self) -> None:
        """Goods come in."""
        where, warehouse, units = self._some()
        self.world.truth.goods[where] += units
        self.world.erp.on_hand[warehouse] += units
        self.world.say(f"receipt {units} at {warehouse}")

    def transfer(self) -> None:
        """Goods leave one warehouse for another, or arrive; under way they are nowhere."""
        world, r = self.world, self.world.random
        if self.transit and r.random() < 0.5:
            self._land(self.transit.pop())
            return
        where, warehouse, units = self._some()
        if world.erp.free(warehouse) >= units and world.truth.goods[where] >= units:
            with self.watched():
                world.erp.on_hand[warehouse] -= units
                world.truth.goods[where] -= units
            self.transit.append((r.choice([w for w in LOCATION_OF if w != warehouse]), units))
            world.say(f"transfer {units} from {warehouse}")

    def _land(self, load: tuple[WarehouseId, int]) -> None:
        warehouse, units = load
        self.world.erp.on_hand[warehouse] += units
        self.world.truth.goods[LOCATION_OF[warehouse]] += units
        self.world.say(f"transfer of {units} arrives at {warehouse}")

    def erp_cancel(self) -> None:
        """The back office cancels a document of which nothing has left, or all has come back before it was booked."""
        world = self.world
        idle = [
            p for p in world.erp.ours.values()
            if p.ref and p.open() and not p.shipped() and self._all_back(world.sale(p.ref))
        ]  # fmt: skip
        if idle:
            paper = world.random.choice(idle)
            paper.cancelled = True
            assert paper.ref is not None
            world.engine.due.add(paper.ref)
            world.say(f"erp cancels {paper.ref}")

    def _all_back(self, sale: Sale) -> bool:
        """What has left is back where it left from, so that the back office's shelves are right without it."""
        back = Counter[LocationId]()
        for where, units in sale.back:
            back[where] += units
        return all(sale.fulfilled(where) == back[where] for where in LOCATIONS)

    def reroute(self) -> None:
        """The back office lets an order leave from elsewhere."""
        world, r = self.world, self.world.random
        open_ = [
            p
            for p in world.erp.ours.values()
            if p.open() and p.ref and not world.truth.untold_erp(world.sale(p.ref))
        ]
        if open_:
            paper = r.choice(open_)
            warehouse = r.choice(list(LOCATION_OF))
            assert paper.ref is not None
            with self.watched(world.sale(paper.ref)):
                units = r.randint(1, paper.open())
                world.erp.reroute(paper, warehouse, units)
            world.engine.due.add(paper.ref)
            world.say(f"erp re-routes {units} of {paper.ref} to {warehouse}")

    # ---- persons who are asked

    def decide(self) -> None:
        """Whoever made an edit answers for it when asked, one act at a time.

        A real fall is booked in the back office before our note, a real rise after it.
        """
        for edit in list(self.edits):
            memory = self.world.engine.memory[edit.where]
            falls = edit.units < 0
            after = fall_decided(memory, -edit.units) if falls else rise_decided(memory, edit.units)
            if edit.real and not edit.booked and (self._books_first(falls=falls) or edit.noted):
                if after or edit.noted:
                    edit.booked = True
                    self.world.erp.on_hand[BEHIND[edit.where][0]] += edit.units
                    self.world.say(f"a person books {edit.units} at {edit.where}")
            elif after and not edit.noted:
                edit.noted = True
                self.world.engine.memory[edit.where] = after
                self.world.say(f"a person's note {edit.units} at {edit.where}")
            if edit.noted and (edit.booked or not edit.real):
                self.edits.remove(edit)

    def _books_first(self, *, falls: bool) -> bool:
        return falls and self.world.options.first == "safe"

    def clear_up(self) -> None:
        """At the end people do what only people can do."""
        self.shop_cancels()

    def land(self) -> None:
        """Everything under way arrives."""
        while self.transit:
            self._land(self.transit.pop())

    def count_the_shelves(self) -> None:
        """The last edits are answered for."""
        for _ in range(3):
            self.decide()
