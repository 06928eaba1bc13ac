"""Cells as a person names them."""

from sqlalchemy import Connection, and_, func, or_, select

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.tables import place, stock


def cells_named(tx: Connection, connection: str, sku: str, location: str) -> list[tuple[str, CellKey]]:
    """Known cells of a SKU at a location given by id or name, in that connection or in any ('')."""
    here = and_(
        place.c.connection == stock.c.connection, place.c.side == "shop", place.c.id == stock.c.location
    )
    query = (
        select(stock.c.connection, stock.c.sku, stock.c.location)
        .join(place, here, isouter=True)
        .where(
            stock.c.sku == sku,
            or_(stock.c.location == location, func.lower(place.c.name) == location.lower()),
        )
    )
    if connection:
        query = query.where(stock.c.connection == connection)
    rows = tx.execute(query.order_by(stock.c.connection, stock.c.location))
    return [(row.connection, CellKey(Sku(row.sku), LocationId(row.location))) for row in rows]
