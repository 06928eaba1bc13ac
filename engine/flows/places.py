"""Which locations and warehouses are switched off, and what that does to the cells there."""

from collections.abc import Collection, Sequence
from datetime import datetime

from engine.flows.intake import LANE_STOCK
from engine.flows.site import Site
from engine.model.ids import LocationId, WarehouseId
from engine.ports import Place
from engine.store.queries.stock import cells_at
from engine.store.trouble import StoreTrouble
from engine.store.tx import Tx
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
    shut = frozenset(LocationId(name) for name in _off(locations))
    closed = frozenset(WarehouseId(name) for name in _off(warehouses))
    before = site.shut, site.closed
    turned = (shut ^ site.shut) | {
        site.location_of[warehouse] for warehouse in closed ^ site.closed if warehouse in site.location_of
    }
    site.shut, site.closed = shut, closed
    try:
        await site.store.write(_learned, site.name, locations, warehouses, turned, site.now())
    except StoreTrouble:
        site.shut, site.closed = before  # else nothing would seem to have turned the next time
        raise


def _learned(
    tx: Tx,
    connection: str,
    locations: Sequence[Place],
    warehouses: Sequence[Place],
    turned: Collection[LocationId],
    now: datetime,
) -> None:
    save_places(tx, connection, "shop", locations, now)
    save_places(tx, connection, "back_office", warehouses, now)
    if turned:
        cells = cells_at(tx, connection, turned)
        mark_dirty(tx, connection, cells, reason="switched on or off", lane=LANE_STOCK, now=now)


def _off(listed: Collection[Place]) -> frozenset[str]:
    return frozenset(place.id for place in listed if not place.active)
