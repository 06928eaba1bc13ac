"""What a busy database refused is found again by the next look: nothing in memory says that it was done."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.flows.places import learn_places
from engine.flows.site import Site
from engine.flows.twice import found_twice
from engine.model.clock import SystemClock
from engine.model.ids import ItemId, LocationId, Sku, WarehouseId
from engine.model.stock import CellKey, ShopLevel
from engine.ports import Place
from engine.store.session import Store
from engine.store.trouble import StoreBusy
from engine.store.verbs.places import places
from engine.store.verbs.stock import dirty, see_level

MAIN, CUP = LocationId("main street"), Sku("CUP")
CELL = CellKey(CUP, MAIN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=SystemClock())
    yield opened
    opened.close()


class Refused:
    """A store that is busy whenever it is told to be."""

    def __init__(self, store: Store) -> None:
        self._store, self.busy = store, False

    async def write(self, verb: Any, *args: Any, **kw: Any) -> Any:
        if self.busy:
            raise StoreBusy("Locked.", "It passes.")
        return await self._store.write(verb, *args, **kw)


class Listed:
    """Places of one side."""

    def __init__(self, *places: Place) -> None:
        self.places = places

    async def locations(self) -> tuple[Place, ...]:
        return self.places

    warehouses = locations


@pytest.fixture
async def site(store: Store) -> Site:
    """One cell, agreed on long ago, at a location that is open."""
    clock, refusing = SystemClock(), Refused(store)
    level = ShopLevel(CUP, ItemId("i1"), MAIN, True, True, 4, 4, 0)
    await store.write(see_level, "main", [level], clock.now())
    return cast(Site, SimpleNamespace(
        name="main", store=refusing, now=clock.now, shut=frozenset(), closed=frozenset(), twice={},
        location_of={WarehouseId("w1"): MAIN}, back_office=Listed(Place("w1", "W1", True)),
        shop=Listed(Place(MAIN, "Main", True)),
    ))  # fmt: skip


def waiting(store: Store) -> list[CellKey]:
    return [cell.key for cell in store.read_sync(dirty, "main", 9, SystemClock().now())]


async def test_a_location_that_was_shut(store: Store, site: Site) -> None:
    refusing: Any = site.store
    site.shop = cast(Any, Listed(Place(MAIN, "Main", False)))
    refusing.busy = True
    with pytest.raises(StoreBusy):
        await learn_places(site)
    assert (waiting(store), store.read_sync(places)) == ([], [])
    refusing.busy = False
    await learn_places(site)
    assert (waiting(store), site.shut) == ([CELL], {MAIN})


async def test_a_sku_of_several_items(store: Store, site: Site) -> None:
    refusing: Any = site.store
    refusing.busy = True
    with pytest.raises(StoreBusy):
        await found_twice(site, {CUP: ("a", "b")})
    refusing.busy = False
    await found_twice(site, {CUP: ("a", "b")})
    assert (waiting(store), site.twice) == ([CELL], {CUP: ("a", "b")})
