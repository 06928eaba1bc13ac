"""Kits: as many as their components allow, at the kit's own location, whatever sold the components."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.cell_reading import Reading
from engine.flows.deciding import decided
from engine.flows.site import Site
from engine.model.ids import DocumentId, ItemId, LocationId, OrderId, Sku, WarehouseId
from engine.model.sale import Document, DocumentLine, DocumentStatus
from engine.model.stock import CellKey, OrderCell, ShelfStock, ShopLevel, StockSnapshot
from engine.stock.explain import Behind, kept, terms_of
from engine.stock.kits import families, leaves
from engine.stock.target import Listing
from engine.store.rows import CellState

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERE, THERE = LocationId("here"), LocationId("there")
BEHIND = {HERE: (WarehouseId("W1"),), THERE: (WarehouseId("W2"),)}
CUP, BOX, PAIR, HAMPER, TRAY = (Sku(name) for name in ("CUP", "BOX", "PAIR", "HAMPER", "TRAY"))
RECIPES = {PAIR: {CUP: 2, BOX: 1}, HAMPER: {PAIR: 1, CUP: 1, TRAY: 1}}
KITS = leaves(RECIPES)
PARTS = (CUP, BOX, TRAY)
ALL = (*PARTS, *KITS)


@dataclass
class Sale:
    """One order of one article at one location, and how far each side has got with it."""

    sku: Sku
    at: LocationId
    units: int
    booked: bool = False
    fulfilled: bool = False
    shipped: bool = False


@dataclass
class World:
    """Goods on shelves, and what was sold of them."""

    goods: dict[tuple[Sku, LocationId], int]
    explodes: bool
    """The back office reserves the components of a kit as soon as it is booked."""
    sales: list[Sale] = field(default_factory=list)
    vanished: Counter[CellKey] = field(default_factory=Counter)

    def units(self, sale: Sale) -> Mapping[Sku, int]:
        return {sku: n * sale.units for sku, n in KITS.get(sale.sku, {sale.sku: 1}).items()}

    def free(self, sku: Sku, at: LocationId) -> int:
        """What may still be sold."""
        if sku in KITS:
            return min(self.free(part, at) // n for part, n in KITS[sku].items())
        sold = sum(self.units(sale).get(sku, 0) for sale in self.sales if sale.at == at)
        lost = sum(
            units * KITS.get(key.sku, {key.sku: 1}).get(sku, 0)
            for key, units in self.vanished.items()
            if key.location == at
        )
        return max(self.goods[sku, at] - sold - lost, 0)

    def committed(self, sku: Sku, at: LocationId) -> int:
        return sum(s.units for s in self.sales if (s.sku, s.at) == (sku, at) and not s.fulfilled)

    def site(self) -> Site:
        return cast(
            Site,
            SimpleNamespace(
                kits=KITS, families=families(KITS), locations=BEHIND, rules=(), held_back=frozenset(), now=lambda: NOW,
                lag=timedelta(seconds=3), location_of={w: at for at, behind in BEHIND.items() for w in behind},
            ),
        )  # fmt: skip

    def shelf(self, sku: Sku, at: LocationId) -> ShelfStock:
        gone, ours = 0, dict[OrderId, int]()
        for number, sale in enumerate(self.sales):
            units = self.units(sale).get(sku, 0) if sale.at == at else 0
            if sale.shipped:
                gone += units
            elif units and sale.booked and (self.explodes or sale.sku == sku):
                ours[order(number)] = units
        return ShelfStock(self.goods.get((sku, at), 0) - gone, sum(ours.values()), ours)

    def reading(self) -> tuple[Reading, Mapping[CellKey, CellState]]:
        keys = [CellKey(sku, at) for sku in ALL for at in BEHIND]
        levels, states = {}, {}
        for key in keys:
            base = self.goods.get((key.sku, key.location), 40)
            left = sum(s.units for s in self.sales if (s.sku, s.at) == key and s.fulfilled)
            level = base - left - self.vanished[key]
            levels[key] = ShopLevel(key.sku, ItemId(key.sku), key.location, True, True, level, 0, 0)
            states[key] = CellState(
                key.sku, key.location, ItemId(key.sku), 1, base, 0, None, None, 0, True, True, level, None, 0, None, None
            )  # fmt: skip
        shelves = {(sku, w): self.shelf(sku, at) for sku in PARTS for at, (w,) in BEHIND.items()}
        orders = [
            OrderCell(
                order(n), s.sku, s.at, 0 if s.fulfilled else s.units, s.units if s.fulfilled else 0, NOW, 0
            )
            for n, s in enumerate(self.sales)
        ]
        documents = {order(n): document(n, sale) for n, sale in enumerate(self.sales) if sale.booked}
        snapshot = StockSnapshot(NOW, shelves)
        listing = Listing(timedelta(seconds=60), NOW)
        reading = Reading(self.site(), levels, listing, orders, {}, documents, snapshot, frozenset(), states)
        return reading, states

    def check(self) -> None:
        """Every cell sells what is free, no more and no less, and says why."""
        reading, states = self.reading()
        for key, state in states.items():
            planned = decided(reading.site, state, reading)
            shown = planned.target.terms.total() - self.committed(*key)
            assert max(shown, 0) == self.free(*key), (key, planned.target)
            terms = terms_of(
                kept(planned.target, planned.orders, "", planned.kits, planned.components), BEHIND_IT
            )
            assert sum(term.units for term in terms) == planned.target.quantity
            assert all(sum(s.units for s in term.sources) == term.units for term in terms)


BEHIND_IT = Behind(lambda name: name, ("event:1", NOW), ("event:1", NOW), "event:1")


def order(number: int) -> OrderId:
    return OrderId(f"order {number}")


def document(number: int, sale: Sale) -> Document:
    line = DocumentLine(
        sale.sku,
        BEHIND[sale.at][0],
        sale.units,
        sale.units if sale.shipped else 0,
        NOW if sale.shipped else None,
    )
    status = DocumentStatus.SHIPPED if sale.shipped else DocumentStatus.OPEN
    return Document(DocumentId(str(number)), order(number), status, Decimal(0), (line,))


def test_a_kit_is_counted_down_to_what_is_on_a_shelf() -> None:
    assert KITS[HAMPER] == {CUP: 3, BOX: 1, TRAY: 1}


def test_a_kit_that_contains_itself_is_refused_with_the_chain() -> None:
    with pytest.raises(ValueError, match="PAIR > HAMPER > PAIR"):
        leaves({PAIR: {HAMPER: 1}, HAMPER: {PAIR: 1}})


def test_components_at_two_locations_make_no_kit() -> None:
    goods = {(sku, at): 5 for sku in PARTS for at in BEHIND} | {(CUP, HERE): 1, (BOX, THERE): 0}
    world = World(goods, explodes=True)
    assert [world.free(PAIR, at) for at in BEHIND] == [0, 0]
    world.check()


def test_a_kit_sold_at_a_till_before_anybody_tells_takes_its_components() -> None:
    world = World({(sku, at): 6 for sku in PARTS for at in BEHIND}, explodes=True)
    world.vanished[CellKey(PAIR, HERE)] = 2
    assert (world.free(CUP, HERE), world.free(HAMPER, HERE), world.free(HAMPER, THERE)) == (2, 0, 2)
    world.check()


steps = st.lists(
    st.tuples(
        st.sampled_from(["sell", "book", "fulfil", "ship"]),
        st.sampled_from(ALL),
        st.sampled_from(sorted(BEHIND)),
        st.integers(min_value=1, max_value=3),
    ),
    max_size=14,
)


@settings(deadline=None)
@given(
    shelves=st.lists(st.integers(min_value=0, max_value=20), min_size=6, max_size=6),
    explodes=st.booleans(),
    steps=steps,
)
def test_whoever_sells_what_every_level_follows_the_shelves(
    shelves: list[int], explodes: bool, steps: list[Any]
) -> None:
    goods = dict(zip(((sku, at) for sku in PARTS for at in BEHIND), shelves, strict=True))
    world = World(goods, explodes)
    for act, sku, at, units in steps:
        mine = [sale for sale in world.sales if sale.sku == sku]
        if act == "sell" and world.free(sku, at) >= units:
            world.sales.append(Sale(sku, at, units))
        elif act == "book":
            for sale in mine[:units]:
                sale.booked = True
        elif act == "fulfil":
            for sale in mine[:units]:
                sale.fulfilled = True
        elif act == "ship":
            for sale in mine[:units]:
                sale.shipped = sale.booked and sale.fulfilled
        world.check()
