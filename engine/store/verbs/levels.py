"""A webhook about a level: an echo of our own write is ignored, anything else is looked at."""

from datetime import datetime

from sqlalchemy import Connection, select

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.rows import Published
from engine.store.tables import stock
from engine.store.verbs.history import Change, keep
from engine.store.verbs.stock import cell_is, mark_dirty


def echo_or_dirty(
    tx: Connection, connection: str, item: str, location: str, available: int | None, lane: int, now: datetime
) -> bool:
    """Mark the cell of an item unless the shop told us what we know; whether it was marked."""
    row = tx.execute(
        select(stock.c.sku, stock.c.available).where(
            stock.c.connection == connection, stock.c.item == item, stock.c.location == location
        )
    ).first()
    if row is None or (available is not None and row.available == available):
        return False
    cell = CellKey(Sku(row.sku), LocationId(location))
    mark_dirty(tx, connection, [cell], reason="level moved in the shop", lane=lane, now=now)
    return True


def look_later(tx: Connection, connection: str, cell: Published, due_at: datetime, now: datetime) -> None:
    """Keep what was seen of a cell that cannot be settled yet; the mark stays, but not before `due_at`."""
    query = select(stock.c.terms, stock.c.dirty_reason).where(cell_is(connection, cell.key))
    row = tx.execute(query).first()
    tx.execute(
        stock.update()
        .where(cell_is(connection, cell.key))
        .values(
            due_at=due_at,
            terms=cell.terms_json,
            erp_on_hand=cell.erp_on_hand,
            erp_reserved=cell.erp_reserved,
            erp_at=cell.erp_at,
        )
    )
    if row is not None and row.terms != cell.terms_json:
        keep(tx, connection, "waiting", [Change(cell.key, row.dirty_reason)], now)
