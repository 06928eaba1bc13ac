"""From what was read to what a cell should hold: puts together what the stock rule is given, kits and buffers too."""

from datetime import timedelta

from engine.flows.cell_reading import Reading
from engine.flows.levels import Planned
from engine.flows.site import Site
from engine.model.ids import LocationId, OrderId, Sku
from engine.model.stock import CellKey
from engine.stock.buffers import NOTHING, rule_at
from engine.stock.kits import SoldKit, buildable, taken_by_kits
from engine.stock.memory import Memory
from engine.stock.target import Shelf, Target, decide
from engine.stock.velocity import UNKNOWN, Sold, outside, sold
from engine.store.rows import CellState

LESSENS = timedelta(seconds=10)
"""How soon a cell is looked at again that holds units back because of sales that may be over."""
NEVER_SEEN = Memory(0, None)


def decided(site: Site, cell: CellState, reading: Reading) -> Planned:
    """What the rule wants of a cell that the shop stocks; nothing is written."""
    return _Deciding(site, reading).planned(cell)


class _Deciding:
    def __init__(self, site: Site, reading: Reading) -> None:
        self._site = site
        self._reading = reading

    def planned(self, cell: CellState) -> Planned:
        site, reading, now, key = self._site, self._reading, self._site.now(), cell.key
        orders, rule = reading.orders_at(key), rule_at(site.rules, key, now)
        rate = self._sold(cell)
        by_order, _ = self._taken(key)
        target = self._target(key, cell.memory, reading.levels[key].on_hand, rate)
        return Planned(
            cell,
            target,
            orders,
            reading.snapshot.taken_at,
            asked_at=reading.asked_at,
            buffer=rule.buffer(rate.at_rate(now), site.lag) if rule else NOTHING,
            kits=by_order,
            elsewhere={} if key.sku in site.kits else reading.elsewhere(key),
            components={
                sku: (self._free(sku, key.location), n) for sku, n in site.kits.get(key.sku, {}).items()
            },
            sold=None if key.sku in site.kits else rate,
            again_in=LESSENS if rule and rule.velocity and target.terms.buffer else None,
            unfound=reading.lacks(key),
        )

    def _sold(self, cell: CellState) -> Sold:
        reading, key = self._reading, cell.key
        units = outside(reading.shelf(key), reading.orders_at(key).values(), reading.settled.get(key, 0))
        return sold(cell.sold, units, reading.snapshot.taken_at)

    def _target(self, key: CellKey, memory: Memory, on_hand: int, rate: Sold) -> Target:
        site, reading, now = self._site, self._reading, self._site.now()
        rule = rule_at(site.rules, key, now)
        orders, recipe = reading.orders_at(key).values(), site.kits.get(key.sku)
        shelf = reading.shelf(key)
        if recipe:
            free = {sku: self._free(sku, key.location) for sku in recipe}
            # what vanished there was taken off the components already, and the rule takes it off once more
            shelf = Shelf(buildable(free, recipe, orders) + self._vanished(key), 0)
        by_order, without = self._taken(key)
        return decide(
            memory,
            on_hand,
            orders,
            shelf,
            settled_movements=reading.settled.get(key, 0),
            buffer=rule.buffer(rate.at_rate(now), site.lag) if rule else NOTHING,
            closed=0 if recipe else reading.closed(key),
            kits=sum(by_order.values()) + without,
            elsewhere=0 if recipe else sum(reading.elsewhere(key).values()),
            is_kit=recipe is not None,
            now=now,
            listing=reading.listing,
        )

    def _free(self, sku: Sku, at: LocationId) -> int:
        """Units of a component that may still be sold there, whether or not the shop sells it by itself too."""
        key = CellKey(sku, at)
        cell, level = self._reading.family.get(key), self._reading.levels.get(key)
        if cell is None or level is None:
            target = self._target(key, NEVER_SEEN, 0, UNKNOWN)
        else:
            target = self._target(key, cell.memory, level.on_hand, self._sold(cell))
        promised = sum(order.committed for order in self._reading.orders_at(key).values())
        return max(target.terms.total() - promised, 0)

    def _taken(self, key: CellKey) -> tuple[dict[OrderId, int], int]:
        """What sold kits take of a component."""
        kits = [(sku, recipe[key.sku]) for sku, recipe in self._site.kits.items() if key.sku in recipe]
        if not kits:
            return {}, 0
        reading = self._reading
        sold_kits = [
            SoldKit(units, reading.orders_at(kit), self._vanished(kit))
            for kit, units in ((CellKey(sku, key.location), units) for sku, units in kits)
        ]
        own, spare = reading.orders_at(key), dict[OrderId, int]()
        for shelf in reading.shelves(key):
            for order, units in shelf.reserved_for.items():
                spare[order] = spare.get(order, 0) + units
        for order, held in own.items():
            spare[order] = spare.get(order, 0) - held.exempt
        return taken_by_kits(sold_kits, spare)

    def _vanished(self, kit: CellKey) -> int:
        """Kits that left the level without a cause anybody told."""
        cell, level = self._reading.family.get(kit), self._reading.levels.get(kit)
        if cell is None or level is None or cell.base is None:
            return 0
        orders, reading = self._reading.orders_at(kit).values(), self._reading
        found = decide(
            cell.memory, level.on_hand, orders, Shelf(0, 0), settled_movements=reading.settled.get(kit, 0),
            now=self._site.now(), listing=reading.listing,
        )  # fmt: skip
        return max(-found.terms.remainder, 0)
