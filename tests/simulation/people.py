"""What happens in the world whatever we do: buyers, tills, staff on both sides, goods that come and go."""

from collections.abc import Callable
from random import Random

from sqlalchemy.exc import IntegrityError

from adapters.shopify.sandbox import after_sale, checkout, paying
from adapters.shopify.sandbox.order_totals import outstanding
from adapters.shopify.sandbox.shop import NotPossible, SoldOut
from adapters.shopify.sandbox.things import FulfilmentOrder, FulfilmentOrderLine, Line, Order
from adapters.sql.sandbox.world import NotPossible as ErpRefuses
from tests.simulation.erp import WAREHOUSES, Erp, plain
from tests.simulation.shop import LaggingShop
from tests.simulation.stage import Stage
from tests.simulation.truth import Cell, HandEdit, Truth

LIKELY: dict[str, int] = {
    "web": 22, "till": 12, "erp_sale": 10, "erp_ship": 12, "fulfil": 9, "receipt": 9, "transfer": 8, "edit": 6,
    "shop_cancel": 5, "erp_cancel": 3, "refund": 6, "reroute": 5, "staff_move": 2, "cross": 6, "shrink": 6, "grow": 4,
    "pay": 4, "part": 6,
}  # fmt: skip


class People:
    """Everybody outside; each act is one step and says no where nothing of the kind is possible."""

    def __init__(
        self,
        stage: Stage,
        shop: LaggingShop,
        erp: Erp,
        truth: Truth,
        skus: list[str],
        agreed: Callable[[Cell], bool],
    ) -> None:
        self._stage, self._shop, self._erp, self._truth, self._skus = stage, shop, erp, truth, skus
        self._agreed = agreed
        self._chance = Random(f"people {stage.seed}")
        self._travelling: list[tuple[Cell, int]] = []
        self._acts: dict[str, Callable[[], bool]] = {name: getattr(self, f"_{name}") for name in LIKELY}
        if not stage.weather.edits:
            del self._acts["edit"]
        if not stage.weather.staff_moves:
            del self._acts["staff_move"]
        if not stage.weather.crossed:
            del self._acts["cross"]
        if not stage.weather.parted:
            del self._acts["part"]

    def act(self) -> None:
        """One of them does something."""
        names = list(self._acts)
        name = self._chance.choices(names, [LIKELY[each] for each in names])[0]
        try:
            self._acts[name]()
        except (SoldOut, NotPossible, ErpRefuses, IntegrityError):
            return

    def arrive(self) -> None:
        """What is under way reaches its shelf."""
        while self._travelling:
            (sku, place), units = self._travelling.pop()
            self._truth.standing[sku, place] += units
            self._stage.say(f"transfer of {units} {sku} arrives at {place}")
        self._erp.staff.transfer_in(everything=True)

    # -- draws ---------------------------------------------------------------------------------------------------
    def _cell(self) -> Cell:
        return self._chance.choice(self._skus), self._chance.randrange(len(WAREHOUSES))

    def _units(self) -> int:
        return self._chance.choice((1, 1, 1, 2, 3))

    def _pick(self, fits: Callable[[Order], bool]) -> Order | None:
        found = [order for order in self._shop.orders.values() if fits(order)]
        return self._chance.choice(found) if found else None

    def _status(self, order: Order) -> str:
        rows = self._erp.rows(
            "SELECT ext_ref, status FROM sales_order WHERE ext_ref = ? OR ext_ref LIKE ?",
            order.gid,
            f"{order.gid}~%",
        )
        return str(rows[0][1]) if rows else ""

    # -- the shop's side -----------------------------------------------------------------------------------------
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
        if carried:
            self._truth.carry_out(order, sku, place, carried)
        after_sale.fulfil(self._shop, [(ship, [(row, count)])])
        self._stage.say(f"staff fulfil {count} {sku} of {order.name} at {place}, {carried} carried out")
        return True

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
        self._stage.later(self._chance.uniform(0.5, 20.0), lambda: self._ship_unheard(order))
        return True

    def _ship_unheard(self, order: Order) -> None:
        """All of it or nothing, and only while the document is open; often a delivery for the same shelf follows."""
        rows = self._erp.rows(
            "SELECT o.id, a.sku, a.warehouse, a.quantity, s.on_hand FROM allotment AS a"
            " JOIN sales_order AS o ON o.id = a.document"
            " JOIN shelf AS s ON s.sku = a.sku AND s.warehouse = a.warehouse"
            " WHERE (o.ext_ref = ? OR o.ext_ref LIKE ?) AND o.status = 'open' AND a.shipped = 0 ORDER BY 1, 2, 3",
            order.gid,
            f"{order.gid}~%",
        )
        wanted = sum(line.quantity for line in order.lines)
        if sum(row[3] for row in rows) != wanted or len({row[0] for row in rows}) != 1:
            return
        if any(min(row[4], self._truth.standing[row[1], WAREHOUSES.index(row[2])]) < row[3] for row in rows):
            return

        def go() -> None:
            for document, sku, warehouse, units, _ in rows:
                self._erp.act(
                    "INSERT INTO shipment (document, sku, warehouse, units) VALUES (?, ?, ?, ?)",
                    document,
                    sku,
                    warehouse,
                    units,
                )
                self._truth.carry_out(order, sku, WAREHOUSES.index(warehouse), units)

        self._truth.note_falls(go)
        self._stage.say(f"erp ships all of {order.name}, which is cancelled")
        if self._chance.random() < 0.6:
            cell = rows[0][1], WAREHOUSES.index(rows[0][2])
            self._stage.later(self._chance.uniform(0.0, 15.0), lambda: self._arrives(cell, self._units()))

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

    # -- the ERP's side ------------------------------------------------------------------------------------------
    def _erp_sale(self) -> bool:
        (sku, place), units = self._cell(), self._units()
        self._truth.note_falls(lambda: self._erp.staff.sale(sku, WAREHOUSES[place], units))
        self._stage.say(f"erp sale {units} {sku} at {place}")
        return True

    def _receipt(self) -> bool:
        self._arrives(self._cell(), self._units() + 1)
        return True

    def _arrives(self, cell: Cell, units: int) -> None:
        """A delivery is put on its shelf."""
        sku, place = cell
        self._truth.standing[sku, place] += units
        self._erp.staff.enter(sku, WAREHOUSES[place], "receipt", units)
        self._stage.say(f"receipt {units} {sku} at {place}")

    def _transfer(self) -> bool:
        if self._travelling:
            self.arrive()
            return True
        (sku, place), units = self._cell(), self._units()
        if self._truth.standing[sku, place] < units:
            return False

        def go() -> None:
            self._erp.staff.transfer(sku, WAREHOUSES[place], WAREHOUSES[1 - place], units)
            self._truth.standing[sku, place] -= units

        self._truth.note_falls(go)
        self._travelling.append(((sku, 1 - place), units))
        self._stage.say(f"transfer {units} {sku} leaves {place}")
        return True

    def _erp_ship(self) -> bool:
        """The warehouse ships some or all units of one line that are still owed from it."""
        rows = self._erp.rows(
            "SELECT o.id, o.ext_ref, a.sku, a.warehouse, a.quantity - a.shipped FROM allotment AS a"
            " JOIN sales_order AS o ON o.id = a.document WHERE o.status = 'open' AND a.quantity > a.shipped ORDER BY 1, 3, 4"
        )
        if not rows:
            return False
        document, ref, sku, warehouse, most = self._chance.choice(rows)
        place = WAREHOUSES.index(warehouse)
        order = self._order(ref)
        if order is not None:
            held = self._truth.allotted().get((order.gid, sku))
            if self._truth.unheard_elsewhere(order, sku, place, held):
                return False  # whose units are whose nobody can tell then: a limit that docs/architecture.md states
            most = self._truth.owed_at(order, sku, held)[place]
        most = min(most, self._truth.standing[sku, place])
        if most < 1:
            return False
        units = most if self._chance.random() < 0.7 else self._chance.randint(1, most)

        def go() -> None:
            self._erp.act(
                "INSERT INTO shipment (document, sku, warehouse, units) VALUES (?, ?, ?, ?)",
                document,
                sku,
                warehouse,
                units,
            )
            if order is not None:
                self._truth.carry_out(order, sku, place, units)
            else:
                self._truth.standing[sku, place] -= units

        self._truth.note_falls(go)
        self._stage.say(f"erp ships {units} {sku} of {order.name if order else 'sale'} from {place}")
        return True

    def _erp_cancel(self) -> bool:
        order = self._pick(
            lambda o: (
                self._status(o) == "open" and not any(self._truth.gone(o, line.item.sku) for line in o.lines)
            )
        )
        if order is None:
            return False
        rows = self._erp.rows(
            "SELECT id FROM sales_order WHERE (ext_ref = ? OR ext_ref LIKE ?) AND status = 'open'",
            order.gid,
            f"{order.gid}~%",
        )
        self._erp.staff.cancel(str(rows[0][0]))
        self._stage.say(f"erp cancels {order.name}")
        return True

    def _reroute(self) -> bool:
        rows = self._erp.rows(
            "SELECT o.id, o.ext_ref, a.sku, a.warehouse, a.quantity - a.shipped FROM allotment AS a"
            " JOIN sales_order AS o ON o.id = a.document WHERE o.status = 'open' AND o.ext_ref IS NOT NULL"
            " AND a.quantity > a.shipped ORDER BY 1, 3, 4"
        )
        fit = [row for row in rows if (o := self._order(row[1])) and not self._truth.gone(o, row[2])]
        if not fit:
            return False
        document, ref, sku, warehouse, units = self._chance.choice(fit)
        other = WAREHOUSES[1 - WAREHOUSES.index(warehouse)]
        self._truth.note_falls(
            lambda: self._erp.act(
                "INSERT INTO reroute (document, sku, origin, warehouse, units) VALUES (?, ?, ?, ?, ?)",
                document,
                sku,
                warehouse,
                other,
                units,
            )
        )
        self._stage.say(f"erp re-routes {units} {sku} of {ref} to {other}")
        return True

    def _order(self, ref: str | None) -> Order | None:
        if ref is None:
            return None
        return self._shop.orders.get(int(plain(ref).rsplit("/", 1)[-1]))
