"""Which locations and warehouses are switched off, and what that does to the cells there."""

from collections.abc import Collection

from engine.flows.intake import LANE_STOCK
from engine.flows.site import Site
from engine.model.ids import LocationId, WarehouseId
from engine.ports import Place
from engine.store.queries.stock import cells_at
from engine.store.verbs.places import places, save_places
from engine.store.verbs.stock import mark_dirty


async def take_up_places(site: Site) -> None:
    """As they were last listed, before anything is decided by them."""
    known = [row for row in await site.store.read(places) if row.connection == site.name]
    site.shut = frozenset(LocationId(row.id) for row in known if row.side == "shop" and not row.active)
    site.closed = frozenset(
        WarehouseId(row.id) for row in known if row.side == "back_office" and not row.active
    )


async def learn_places(site: Site) -> None:
    """List both sides; where something was switched on or off every cell is looked at. Raises Failure."""
    locations, warehouses = await site.shop.locations(), await site.back_office.warehouses()
    await site.store.write(save_places, site.name, "shop", locations, site.now())
    await site.store.write(save_places, site.name, "back_office", warehouses, site.now())
    shut = frozenset(LocationId(name) for name in _off(locations))
    closed = frozenset(WarehouseId(name) for name in _off(warehouses))
    turned = (shut ^ site.shut) | {
        site.location_of[warehouse] for warehouse in closed ^ site.closed if warehouse in site.location_of
    }
    site.shut, site.closed = shut, closed
    if turned:
        cells = await site.store.read(cells_at, site.name, turned)
        await site.store.write(
            mark_dirty, site.name, cells, reason="switched on or off", lane=LANE_STOCK, now=site.now()
        )


def _off(listed: Collection[Place]) -> frozenset[str]:
    return frozenset(place.id for place in listed if not place.active)
