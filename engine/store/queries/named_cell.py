"""Cells as a person names them."""

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, literal, or_, select

from engine.model.hold import EVERY
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.chosen import chosen
from engine.store.tables import place, stock


def cells_named(tx: Connection, connection: str, sku: str, location: str) -> list[tuple[str, CellKey]]:
    """Known cells of a SKU at a location given by id or name, in that connection or in any ('').

    With `EVERY` for a SKU: the locations of that id or name at which any cell is known.
    """
    here = and_(
        place.c.connection == stock.c.connection, place.c.side == "shop", place.c.id == stock.c.location
    )
    at = or_(stock.c.location == location, func.lower(place.c.name) == location.lower())
    named = literal(EVERY).label("sku") if sku == EVERY else stock.c.sku
    query = select(stock.c.connection, named, stock.c.location).join(place, here, isouter=True).where(at)
    query = query.distinct() if sku == EVERY else query.where(stock.c.sku == sku)
    if connection:
        query = query.where(stock.c.connection == connection)
    rows = tx.execute(query.order_by(stock.c.connection, stock.c.location))
    return [(row.connection, CellKey(Sku(row.sku), LocationId(row.location))) for row in rows]


def owners_of(tx: Connection, cells: Collection[CellKey]) -> dict[str, list[CellKey]]:
    """The connections that have any of these cells, each with those it has, in the order of SKU and location."""
    wanted, found = set(cells), dict[str, list[CellKey]]()
    for here in chosen(wanted):
        for row in tx.execute(select(stock.c.connection, stock.c.sku, stock.c.location).where(here)):
            key = CellKey(Sku(row.sku), LocationId(row.location))
            if key in wanted:
                found.setdefault(row.connection, []).append(key)
    return {connection: sorted(found[connection]) for connection in sorted(found)}
