"""Where the goods really are, and what may still be sold of them: the oracle of both books.

Goods move when hands move them. Sellable at a cell is what stands there less what still has to leave from there:
an order's units are owed by the ERP's warehouse once the ERP holds the order, else by the location where Shopify
committed them; nothing is owed once either side has cancelled.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.shopify.sandbox.shop import Shop
from adapters.shopify.sandbox.things import Level, Order
from tests.simulation.erp import WAREHOUSES, Erp, plain
from tests.simulation.stage import Stage

Cell = tuple[str, int]
"""SKU and index of the place, the same on both sides."""


@dataclass(slots=True, eq=False)
class HandEdit:
    """A level somebody corrected in the shop by hand; a person decides it later."""

    cell: Cell
    units: int
    real: bool
    decided: bool = False
    """A person has begun to settle it."""
    noted: bool = False
    """The engine was told, so it asks no more."""


@dataclass(slots=True)
class Allotted:
    """What the ERP holds of one order for one article."""

    status: str
    units: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Place → (ordered, shipped)."""


class Truth:
    """The goods."""

    def __init__(self, stage: Stage, shop: Shop, erp: Erp, stock: Mapping[Cell, int]) -> None:
        self._stage, self._shop, self._erp = stage, shop, erp
        self.standing: Counter[Cell] = Counter(stock)
        self.left: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
        """(Order number, SKU) → units that were carried out, per place."""
        self.edits: list[HandEdit] = []
        self._falls: list[tuple[float, Cell, int]] = []
        """Falls of what is sellable for reasons the shop cannot know of yet: when, where, how many."""
        self.reading: dict[int, float] = {}
        """Number of a task → when the ERP last read figures for it."""
        self._writes: dict[str, tuple[float, float]] = {}
        """Idempotency key of a write → (when the ERP figures behind it were read, how old they were when it left)."""

    def gone(self, order: Order, sku: str) -> int:
        """Units of an order that were carried out."""
        return sum(self.left[order.number, sku].values())

    def unheard_elsewhere(self, order: Order, sku: str, place: int, held: Allotted | None) -> bool:
        """Units of an order have left from another place, and the ERP has not heard of it."""
        return any(at != place for at in self.unheard(order, sku, held))

    def unheard(self, order: Order, sku: str, held: Allotted | None) -> tuple[int, ...]:
        """Places from which units of an order have left that the ERP has not heard of."""
        booked = {at: shipped for at, (_, shipped) in held.units.items()} if held else {}
        return tuple(at for at, units in self.left[order.number, sku].items() if units > booked.get(at, 0))

    def carry_out(self, order: Order, sku: str, place: int, units: int) -> None:
        """Hands take goods for an order."""
        self.left[order.number, sku][place] += units
        self.standing[sku, place] -= units

    def owing(self, order: Order, sku: str) -> int:
        """Units of an order that still have to leave."""
        if order.cancelled_at is not None:
            return 0
        wanted = sum(
            line.quantity - (line.removed - line.returned) for line in order.lines if line.item.sku == sku
        )
        return max(0, wanted - self.gone(order, sku))

    def allotted(self) -> dict[tuple[str, str], Allotted]:
        """(Order gid, SKU) → what the ERP holds."""
        found: dict[tuple[str, str], Allotted] = {}
        for ref, status, sku, warehouse, quantity, shipped in self._erp.rows(
            "SELECT o.ext_ref, o.status, a.sku, a.warehouse, a.quantity, a.shipped FROM allotment AS a"
            " JOIN sales_order AS o ON o.id = a.document WHERE o.ext_ref IS NOT NULL"
        ):
            held = found.setdefault((plain(ref), sku), Allotted(status))
            ordered, gone = held.units.get(WAREHOUSES.index(warehouse), (0, 0))
            held.units[WAREHOUSES.index(warehouse)] = (ordered + quantity, gone + shipped)
        return found

    def sellable(self) -> Counter[Cell]:
        """Per cell."""
        free = Counter(self.standing)
        for sku, warehouse, units in self._erp.rows(
            "SELECT a.sku, a.warehouse, a.quantity - a.shipped FROM allotment AS a"
            " JOIN sales_order AS o ON o.id = a.document WHERE o.ext_ref IS NULL AND o.status = 'open'"
        ):
            free[sku, WAREHOUSES.index(warehouse)] -= units
        held = self.allotted()
        for order in self._shop.orders.values():
            for sku in {line.item.sku: None for line in order.lines}:
                for place, units in self.owed_at(order, sku, held.get((order.gid, sku))).items():
                    free[sku, place] -= units
        return free

    def owed_at(self, order: Order, sku: str, held: Allotted | None) -> Counter[int]:
        """From where the units of an order still have to leave."""
        owing = self.owing(order, sku)
        if not owing or (held is not None and held.status == "cancelled"):
            return Counter()
        if held is None:
            return _at_most(self._committed(order, sku), owing)
        gone = self.left[order.number, sku]
        here = {place: ordered - shipped for place, (ordered, shipped) in held.units.items()}
        for place in here:
            unbooked = max(0, gone[place] - held.units[place][1])
            here[place] -= min(here[place], unbooked)
        return _as_amended(Counter(here), self._committed(order, sku), owing)

    def _committed(self, order: Order, sku: str) -> Counter[int]:
        units: Counter[int] = Counter()
        for ship in order.fulfilment_orders:
            if ship.open:
                for row in ship.lines:
                    if row.line.item.sku == sku:
                        units[ship.location.number - 1] += row.remaining
        return units

    def note_falls(self, act: Callable[[], Any]) -> Any:
        """Do something in the ERP and remember by how much it lowered what may be sold."""
        before = self.sellable()
        answer = act()
        after = self.sellable()
        for cell in before:
            if after[cell] < before[cell]:
                self._falls.append((self._stage.loop.now, cell, before[cell] - after[cell]))
        return answer

    def note_gone_already(self, cell: Cell, units: int) -> None:
        """The buyer's order was cancelled after its goods had left: the shop itself sells them again."""
        self._falls.append((self._stage.loop.now, cell, units))

    def sending(self, key: str, task: int) -> None:
        """A level write leaves; repeated under its key it stands on the same figures."""
        now = self._stage.loop.now
        if key not in self._writes:
            read_at = self.reading.get(task, now)
            self._writes[key] = (read_at, now - read_at)

    def judge_write(self, level: Level, before: int, after: int, key: str) -> None:
        """Did a write of ours put units on sale that were promised already?"""
        if after <= before:
            return
        cell = (level.item.sku, level.location.number - 1)
        read_at, age = self._writes[key]
        credit = sum(units for at, where, units in self._falls if where == cell and at >= read_at)
        over = level.units["available"] - self.sellable()[cell] - credit
        if over > 0 and level.units["available"] > 0:  # a level lifted to zero sells nothing
            self._stage.violate(
                "RELISTED",
                f"{over} of {cell}: on_hand {before} to {after}, available {level.units['available']},"
                f" sellable {self.sellable()[cell]}, credit {credit}, read {read_at:.3f}",
            )
        if age > FRESH:
            self._stage.violate("STALE RAISE", f"{cell} on figures {age:.1f} s old")


FRESH = 6.0
"""Seconds between reading the ERP and sending a raise that the engine allows itself, and a commit in between."""


def _at_most(units: Counter[int], whole: int) -> Counter[int]:
    """No more than `whole` in all; places of lower number give up first."""
    over = sum(units.values()) - whole
    for place in sorted(units):
        cut = max(0, min(over, units[place]))
        units[place] -= cut
        over -= cut
    if over < 0 and units:
        units[min(units)] -= over
    return units


def _as_amended(held: Counter[int], promised: Counter[int], whole: int) -> Counter[int]:
    """Where a document whose order was edited will have its units: as the shop promises them, as far as it is changed.

    What it has already stays where the back office wants it to leave from.
    """
    units = Counter(held)
    missing = whole - sum(units.values())
    for place in sorted({*units, *promised}):
        differs = promised[place] - units[place]
        change = max(0, min(missing, differs)) if missing > 0 else min(0, max(missing, differs))
        units[place] += change
        missing -= change
    return _at_most(units, whole)
