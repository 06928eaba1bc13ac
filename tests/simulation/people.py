"""What happens in the world whatever we do: buyers, tills, staff on both sides, goods that come and go."""

from collections.abc import Callable
from random import Random

from sqlalchemy.exc import IntegrityError

from adapters.shopify.sandbox import after_sale, checkout, paying
from adapters.shopify.sandbox.order_totals import outstanding
from adapters.shopify.sandbox.shop import NotPossible, SoldOut
from adapters.shopify.sandbox.things import FulfilmentOrder, FulfilmentOrderLine, Line, Order
from adapters.sql.sandbox.world import NotPossible as ErpRefuses
from tests.simulation.erp import WAREHOUSES, Erp
from tests.simulation.shop import LaggingShop
from tests.simulation.somebody import Somebody
from tests.simulation.stage import Stage
from tests.simulation.truth import Cell, HandEdit, Truth
from tests.simulation.warehouse import Warehouse

LIKELY: dict[str, int] = {
    "web": 22, "till": 12, "erp_sale": 10, "erp_ship": 12, "fulfil": 9, "receipt": 9, "transfer": 8, "edit": 6,
    "shop_cancel": 5, "erp_cancel": 3, "refund": 6, "reroute": 5, "staff_move": 2, "cross": 6, "shrink": 6, "grow": 4,
    "pay": 4, "part": 6,
}  # fmt: skip


class People(Somebody):
    """Everybody outside, those of the shop here; each act is one step and says no where nothing of the kind is possible."""

    def __init__(
        self,
        stage: Stage,
        shop: LaggingShop,
        erp: Erp,
        truth: Truth,
        skus: list[str],
        agreed: Callable[[Cell], bool],
    ) -> None:
        super().__init__(stage, shop, erp, truth, skus, Random(f"people {stage.seed}"))
        self._agreed = agreed
        self._warehouse = Warehouse(stage, shop, erp, truth, skus, self._chance)
        weather = stage.weather
        wanted = {
            "edit": weather.edits, "staff_move": weather.staff_moves, "cross": weather.crossed, "part": weather.parted,
        }  # fmt: skip
        self._acts: dict[str, Callable[[], bool]] = {
            name: getattr(self, f"_{name}", None) or getattr(self._warehouse, name)
            for name in LIKELY
            if wanted.get(name, True)
        }

    def arrive(self) -> None:
        """What is under way reaches its shelf."""
        self._warehouse.arrive()

    def act(self) -> None:
        """One of them does something."""
        names = list(self._acts)
        name = self._chance.choices(names, [LIKELY[each] for each in names])[0]
        try:
            self._acts[name]()
        except (SoldOut, NotPossible, ErpRefuses, IntegrityError):
            return

    def _web(self) -> bool:
        skus = self._chance.sample(self._skus, 2 if self._chance.random() < 0.2 else 1)
        asked = {
            "lines": [{"sku": sku, "quantity": self._units()} for sku in skus],
            "location": self._chance.randrange(len(WAREHOUSES)),
            "shipping": "4.90" if self._chance.random() < 0.3 else None,
        }
        order = checkout.check_out(self._shop, asked)
        self._stage.say(f"web order {order.name} {asked['lines']} at {asked['location']}")
        return True

    def _till(self) -> bool:
        (sku, place), units = self._cell(), self._units()
        if self._truth.standing[sku, place] < units:
            return False
        order = checkout.ring_up(self._shop, {"lines": [{"sku": sku, "quantity": units}], "location": place})
        self._truth.carry_out(order, sku, place, units)
        self._stage.say(f"till {order.name} {units} {sku} at {place}")
        return True

    def _fulfil(self) -> bool:
        """Staff report units of one line as gone: goods they carry out, or paperwork for what the ERP shipped."""
        order = self._pick(
            lambda o: any(ship.open for ship in o.fulfilment_orders) and self._status(o) != "cancelled"
        )
        if order is None:
            return False
        ship = self._chance.choice([ship for ship in order.fulfilment_orders if ship.open])
        row = self._chance.choice([row for row in ship.lines if row.remaining])
        return self._leaves(order, ship, row, self._chance.randint(1, row.remaining))

    def _leaves(self, order: Order, ship: FulfilmentOrder, row: FulfilmentOrderLine, count: int) -> bool:
        sku, place = row.line.item.sku, ship.location.number - 1
        carried = max(0, count - max(0, self._truth.gone(order, sku) - self._reported(order, sku)))
        if self._truth.standing[sku, place] < carried or carried > self._truth.owing(order, sku):
            return False
        held = self._truth.allotted().get((order.gid, sku))
        if carried < count and self._truth.unheard(order, sku, held):
            return False  # which of the units that left this paper is for nobody can tell then
        if carried < count and self._paper_due_elsewhere(order, sku, place):
            return False  # the units that left from there have a line of their own there
        if carried:
            self._truth.carry_out(order, sku, place, carried)
        after_sale.fulfil(self._shop, [(ship, [(row, count)])])
        self._stage.say(f"staff fulfil {count} {sku} of {order.name} at {place}, {carried} carried out")
        return True

    def _paper_due_elsewhere(self, order: Order, sku: str, place: int) -> bool:
        """Units have left from another place, where Shopify still waits for units of the same article."""
        gone = self._truth.left[order.number, sku]
        return any(
            gone[ship.location.number - 1] and row.remaining and row.line.item.sku == sku
            for ship in order.fulfilment_orders
            if ship.open and ship.location.number - 1 != place
            for row in ship.lines
        )

    def _shop_cancel(self) -> bool:
        order = self._pick(lambda o: o.cancelled_at is None and not o.fulfilments)
        if order is None:
            return False
        held = self._truth.allotted()
        for line in order.lines:
            there = held.get((order.gid, line.item.sku))
            shipped = sum(done for _, done in there.units.values()) if there else 0
            if there is not None and 0 < shipped < line.quantity:
                return False  # half gone: nobody cancels that without asking the warehouse
        if len({bool(self._truth.gone(order, line.item.sku)) for line in order.lines}) > 1:
            return False
        for ship in order.fulfilment_orders:
            for row in ship.lines if ship.open else ():
                sku = row.line.item.sku
                units = min(row.remaining, self._truth.gone(order, sku))
                self._truth.note_gone_already((sku, ship.location.number - 1), units)
        after_sale.cancel(self._shop, order, restock=True, pay_back=True, reason="CUSTOMER")
        self._stage.say(f"buyer cancels {order.name}")
        return True

    def _cross(self) -> bool:
        """A buyer cancels, and the warehouse ships before it hears of that."""
        order = self._pick(
            lambda o: (
                o.cancelled_at is None
                and not o.fulfilments
                and self._status(o) == "open"
                and not any(self._truth.gone(o, line.item.sku) for line in o.lines)
            )
        )
        if order is None:
            return False
        after_sale.cancel(self._shop, order, restock=True, pay_back=True, reason="CUSTOMER")
        self._stage.say(f"buyer cancels {order.name}, the warehouse has not heard")
        self._stage.later(self._chance.uniform(0.5, 20.0), lambda: self._warehouse.ship_unheard(order))
        return True

    def _refund(self) -> bool:
        order = self._pick(lambda o: any(line.fulfilled_here for line in o.lines))
        if order is None:
            return False
        line = self._chance.choice([line for line in order.lines if line.fulfilled_here])
        from_ = line.location.number - 1
        place = self._chance.choice((from_, from_, 1 - from_))
        units = self._chance.randint(1, line.fulfilled_here)
        return self._comes_back(order, line, units, place, restock=self._chance.random() < 0.8)

    def _comes_back(self, order: Order, line: Line, count: int, place: int, *, restock: bool) -> bool:
        sku = line.item.sku
        after_sale.refund(
            self._shop,
            {"order": order.gid, "line": line.gid, "quantity": count, "restock": restock, "location": place}
            | {"returned": True},
        )
        if restock:
            self._truth.standing[sku, place] += count
        self._stage.say(
            f"refund {count} {sku} of {order.name}, {'restocked at ' + str(place) if restock else 'scrapped'}"
        )
        return True

    def _part(self) -> bool:
        """A line leaves in parts, and the first is back before the next leaves."""
        sku, place = self._cell()
        asked = {"lines": [{"sku": sku, "quantity": self._chance.choice((2, 3))}], "location": place}
        order = checkout.check_out(self._shop, asked)
        self._stage.say(f"web order {order.name} {asked['lines']} at {place}, to leave in parts")
        self._stage.later(self._chance.uniform(5.0, 20.0), lambda: self._first_part(order, 10))
        return True

    def _first_part(self, order: Order, tries: int) -> None:
        """As soon as the back office has it."""
        ship = order.fulfilment_orders[0]
        row = ship.lines[0]
        if self._next_part(order, ship, row):
            self._stage.later(self._chance.uniform(5.0, 20.0), lambda: self._back_and_next(order, ship, row))
        elif tries:
            self._stage.later(10.0, lambda: self._first_part(order, tries - 1))

    def _back_and_next(self, order: Order, ship: FulfilmentOrder, row: FulfilmentOrderLine) -> None:
        if row.line.fulfilled_here:
            self._comes_back(order, row.line, 1, ship.location.number - 1, restock=True)
        self._stage.later(self._chance.uniform(5.0, 20.0), lambda: self._next_part(order, ship, row))

    def _next_part(self, order: Order, ship: FulfilmentOrder, row: FulfilmentOrderLine) -> bool:
        held = self._status(order) == "open" and ship.open and row.remaining > 0
        return held and self._leaves(order, ship, row, 1)

    def _shrink(self) -> bool:
        """Units that have not left are taken out of an order: by an edit, or by a refund."""
        order = self._pick(lambda o: o.cancelled_at is None and self._owed_lines(o))
        if order is None or self._status(order) == "cancelled":
            return False
        line = self._chance.choice(self._owed_lines(order))
        if self._truth.gone(order, line.item.sku) > self._reported(order, line.item.sku):
            return (
                False  # a unit of another line may have left: which of them is taken out nobody can tell then
            )
        most = min(line.waiting, self._truth.owing(order, line.item.sku))
        units = most if self._chance.random() < 0.5 else self._chance.randint(1, most)
        if self._chance.random() < 0.5:
            left = line.quantity - line.removed - units
            after_sale.edit(self._shop, {"order": order.gid, "line": line.gid, "quantity": left})
        else:
            after_sale.refund(self._shop, {"order": order.gid, "line": line.gid, "quantity": units})
        self._stage.say(f"{units} {line.item.sku} are taken out of {order.name}")
        return True

    def _reported(self, order: Order, sku: str) -> int:
        """Units the shop has heard have left."""
        return sum(line.fulfilled for line in order.lines if line.item.sku == sku)

    def _owed_lines(self, order: Order) -> list[Line]:
        """Lines with units that really have not left."""
        return [line for line in order.lines if line.waiting and self._truth.owing(order, line.item.sku) > 0]

    def _grow(self) -> bool:
        """A line more is put into an order that is not done."""
        order = self._pick(lambda o: o.cancelled_at is None and any(line.waiting for line in o.lines))
        if order is None or self._status(order) == "cancelled":
            return False
        sku, units = self._chance.choice(self._skus), self._units()
        after_sale.edit(self._shop, {"order": order.gid, "add": {"sku": sku, "quantity": units}})
        self._stage.say(f"{units} {sku} more are put into {order.name}")
        return True

    def _pay(self) -> bool:
        """A buyer pays what staff have put into an order."""
        order = self._pick(lambda o: o.cancelled_at is None and outstanding(o).shop > 0)
        if order is None:
            return False
        done = paying.pay_later(self._shop, {"order": order.gid})
        self._stage.say(f"{done.amount.shop} are paid for {order.name}")
        return True

    def _edit(self) -> bool:
        """A level corrected by hand: found goods are there; missing ones may be a mistake.

        Not before the engine has agreed on the cell for the first time: what moved without being told before that
        cannot be told from a level that was wrong from the beginning.
        """
        (sku, place), units = self._cell(), self._chance.choice((1, 1, 2))
        if not self._agreed((sku, place)):
            return False
        delta = units if self._chance.random() < 0.4 else -units
        real = delta > 0 or self._chance.random() < 0.6
        level = self._shop.by_sku[sku].levels[place + 1]
        if (real and self._truth.standing[sku, place] + delta < 0) or level.quantity("on_hand") + delta < 0:
            return False
        if real:
            self._truth.standing[sku, place] += delta
        self._shop.shift(self._shop.by_sku[sku], level.location, available=delta)
        self._truth.edits.append(HandEdit((sku, place), delta, real))
        self._stage.say(f"hand edit {delta:+d} {sku} at {place} {'real' if real else 'unreal'}")
        return True

    def _staff_move(self) -> bool:
        order = self._pick(lambda o: any(ship.open for ship in o.fulfilment_orders))
        if order is None:
            return False
        ship = self._chance.choice([ship for ship in order.fulfilment_orders if ship.open])
        place = self._shop.locations[2 - ship.location.number + 1]
        after_sale.move(self._shop, ship, place)
        self._stage.say(f"staff move {order.name} to {place.number - 1}")
        return True
