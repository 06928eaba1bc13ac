"""Finding what a person names: a connection, or one order on both sides; for commands that need no running engine."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.assembly import shop
from console.back_offices import back_office
from console.settings import Settings, SettingsTrouble
from console.settings.connection import ConnectionSettings
from console.value_maps import value_maps
from engine.model.clock import Clock, SystemClock
from engine.model.failure import Failure
from engine.model.ids import LocationId, OrderId, WarehouseId
from engine.model.order import Order
from engine.model.sale import Document
from engine.orders.booking import booked_at
from engine.orders.values import ValueMaps

GID = "gid://shopify/Order/"


@dataclass(frozen=True, slots=True)
class Found:
    """An order as both sides have it at this moment."""

    connection: str
    order: Order
    document: Document | None
    warehouse_of: Mapping[LocationId, WarehouseId]
    values: ValueMaps
    silent: Failure | None = None
    """Why the back office could not be asked."""


def chosen(settings: Settings, connection: str) -> list[ConnectionSettings]:
    """The connection of that name, or all; SettingsTrouble when there is none of that name."""
    known = [one for one in settings.connections if connection in ("", one.name)]
    if not known:
        names = ", ".join(one.name for one in settings.connections)
        raise SettingsTrouble(f"No connection is called {connection!r}.", f"Give one of: {names}.")
    return known


def only(settings: Settings, connection: str | None) -> ConnectionSettings:
    """The connection of this name, or the only one; SettingsTrouble when that is nobody or not clear."""
    found = chosen(settings, connection or "")
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.name for one in found)
    raise SettingsTrouble("There are several connections.", f"Choose one with --connection: {names}.")


async def find(settings: Settings, reference: str, connection: str = "") -> list[Found]:
    """The order in every chosen connection that has it; Failure when a shop cannot be asked."""
    clock = SystemClock()
    found = []
    for one in chosen(settings, connection):
        order = await _order(settings, one, reference, clock)
        if order is not None:
            found.append(await _both_sides(settings, one, order, clock))
    return found


async def _order(settings: Settings, one: ConnectionSettings, reference: str, clock: Clock) -> Order | None:
    front = shop(settings, one, clock)
    try:
        for order in await front.orders_named(reference) or await front.orders_named(f"#{reference}"):
            return await front.read_order(order)
        if reference.startswith(GID) or reference.isdecimal():
            return await front.read_order(OrderId(GID + reference.removeprefix(GID)))
        return None
    finally:
        await front.aclose()


async def _both_sides(settings: Settings, one: ConnectionSettings, order: Order, clock: Clock) -> Found:
    warehouse_of = booked_at(one.warehouses)
    back = back_office(settings, one, clock)
    try:
        held = await back.documents([order.id])
    except Failure as failure:
        return Found(one.name, order, None, warehouse_of, value_maps(one), failure)
    finally:
        await back.aclose()
    return Found(one.name, order, held.get(order.id), warehouse_of, value_maps(one))
