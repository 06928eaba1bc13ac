"""An edit to a connection's maps, tried on real orders before it takes the place of the configuration."""

import shutil
from pathlib import Path

from console.assembly import open_desk, shop
from console.lookup import chosen
from console.settings import Settings
from console.settings.connection import ConnectionSettings
from console.value_maps import value_maps
from engine.desk.listing import Look
from engine.model.clock import SystemClock
from engine.model.ids import OrderId
from engine.model.order import Order
from engine.orders.booking import booked_at
from engine.orders.regression import Changed, Maps, regression

MOST = 1000
"""Orders an edit can be tried on."""
TABLES = frozenset({"locations", "payments", "taxes", "carriers", "subsidiaries"})
"""What an edit to the maps may change."""


def maps_of(one: ConnectionSettings) -> Maps:
    """Where the orders of each location go, and the back office's names."""
    return Maps(booked_at(one.warehouses), value_maps(one))


async def last_orders(settings: Settings, connection: str, last: int) -> dict[str, list[Order]]:
    """The newest orders TrueUp has seen, read anew from their shops, by connection; Failure when one cannot be."""
    found: dict[str, list[Order]] = {}
    async with open_desk(settings) as desk:
        for one in chosen(settings, connection):
            rows = (await desk.orders(Look(filter=f"connection:{one.name}", limit=MOST))).rows
            mine = [OrderId(row.id) for row in rows if row.connection == one.name][:last]
            front = shop(settings, one, SystemClock())
            try:
                read = [await front.read_order(order) for order in mine]
            finally:
                await front.aclose()
            found[one.name] = [order for order in read if order is not None]
    return found


def compared(
    settings: Settings, edited: Settings, orders: dict[str, list[Order]]
) -> list[tuple[str, Changed]]:
    """(connection, change) for every order an edit would touch."""
    new = {one.name: maps_of(one) for one in edited.connections}
    return [
        (one.name, change)
        for one in settings.connections
        if one.name in new
        for order in orders.get(one.name, ())
        for change in regression(order, maps_of(one), new[one.name])
    ]


def only_maps_differ(settings: Settings, edited: Settings) -> bool:
    """Whether the two configurations are the same but for their maps."""
    return _without_maps(settings) == _without_maps(edited)


def put_in_place(edited: Path, config: Path) -> None:
    """The edited file becomes the configuration, whole or not at all; the mode of the file stays."""
    beside = config.with_name(f".{config.name}.new")
    shutil.copyfile(edited, beside)
    shutil.copymode(config, beside)
    beside.replace(config)


def _without_maps(settings: Settings) -> dict[str, object]:
    whole = settings.model_dump(exclude={"secrets"})
    whole["connections"] = [
        {name: value for name, value in one.items() if name not in TABLES} for one in whole["connections"]
    ]
    return whole
