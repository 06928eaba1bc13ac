"""The back office's people: its own sales, receipts and transfers, and what they ship, cancel and re-route of ours."""

from random import Random

from adapters.shopify.sandbox.things import Order
from tests.simulation.erp import WAREHOUSES, Erp
from tests.simulation.shop import LaggingShop
from tests.simulation.somebody import Somebody
from tests.simulation.stage import Stage
from tests.simulation.truth import Cell, Truth


class Warehouse(Somebody):
    """Each act is one step and says no where nothing of the kind is possible."""

    def __init__(
        self, stage: Stage, shop: LaggingShop, erp: Erp, truth: Truth, skus: list[str], chance: Random
    ) -> None:
        super().__init__(stage, shop, erp, truth, skus, chance)
        self._travelling: list[tuple[Cell, int]] = []

    def erp_sale(self) -> bool:
        """A sale of its own."""
        (sku, place), units = self._cell(), self._units()
        self._truth.note_falls(lambda: self._erp.staff.sale(sku, WAREHOUSES[place], units))
        self._stage.say(f"erp sale {units} {sku} at {place}")
        return True

    def receipt(self) -> bool:
        """A delivery comes."""
        self.arrives(self._cell(), self._units() + 1)
        return True

    def arrives(self, cell: Cell, units: int) -> None:
        """A delivery is put on its shelf."""
        sku, place = cell
        self._truth.standing[sku, place] += units
        self._erp.staff.enter(sku, WAREHOUSES[place], "receipt", units)
        self._stage.say(f"receipt {units} {sku} at {place}")

    def transfer(self) -> bool:
        """Goods go to the other warehouse, or arrive there."""
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

    def arrive(self) -> None:
        """What is under way reaches its shelf."""
        while self._travelling:
            (sku, place), units = self._travelling.pop()
            self._truth.standing[sku, place] += units
            self._stage.say(f"transfer of {units} {sku} arrives at {place}")
        self._erp.staff.transfer_in(everything=True)

    def erp_ship(self) -> bool:
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
            if self._doubled(order):
                return False  # goods that leave for both documents stay a loss: a limit that docs/reliability.md states
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

    def _doubled(self, order: Order) -> bool:
        """It has two documents that live; the sentinel tells a person."""
        rows = self._erp.rows(
            "SELECT id FROM sales_order WHERE (ext_ref = ? OR ext_ref LIKE ?) AND status <> 'cancelled'",
            order.gid,
            f"{order.gid}~%",
        )
        return len(rows) > 1

    def erp_cancel(self) -> bool:
        """It calls off an order of ours of which nothing has left."""
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

    def reroute(self) -> bool:
        """Units of ours are to leave from the other warehouse."""
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

    def ship_unheard(self, order: Order) -> None:
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
            self._stage.later(self._chance.uniform(0.0, 15.0), lambda: self.arrives(cell, self._units()))
