"""A webhook about a level: an echo of our own write is ignored, anything else is looked at."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.rows import CellState, Published
from engine.store.tables import stock
from engine.store.verbs.history import Change, keep
from engine.store.verbs.ledger import append
from engine.store.verbs.stock import cell_is, cell_states, mark_dirty


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


def unmoved(tx: Connection, connection: str, cells: Collection[CellState]) -> set[CellKey]:
    """Those of these cells whose version is still the one that was read."""
    read = {cell.key: cell.ver for cell in cells}
    return {cell.key for cell in cell_states(tx, connection, read) if cell.ver == read[cell.key]}


def look_later(
    tx: Connection, connection: str, cells: Sequence[Published], due_at: datetime, now: datetime
) -> None:
    """Keep what was seen of cells that cannot be settled yet; the mark stays, but not before `due_at`.

    A cell whose version moved keeps what moved it, and is due as it was.
    """
    for cell in cells:
        row = tx.execute(select(stock).where(cell_is(connection, cell.key)).with_for_update()).first()
        if row is None or row.ver != cell.read.ver:
            continue
        seen = cell.agreed.seen_low, cell.agreed.seen_at
        tx.execute(
            stock.update()
            .where(cell_is(connection, cell.key))
            .values(
                seen_low=seen[0],
                seen_at=seen[1],
                due_at=due_at,
                terms=cell.terms_json,
                erp_on_hand=cell.erp_on_hand,
                erp_reserved=cell.erp_reserved,
                erp_at=cell.erp_at,
            )
        )
        if row.terms != cell.terms_json:
            keep(tx, connection, "waiting", [Change(cell.key, row.dirty_reason)], now)
        if (row.seen_low, row.seen_at) != seen:
            detail = "none" if seen[0] is None else str(seen[0])
            append(
                tx, connection, "remainder", f"cell:{cell.key.sku}|{cell.key.location}", now, detail=detail
            )


def wait_for(tx: Connection, connection: str, cells: Collection[CellKey], due_at: datetime) -> None:
    """These cells are not looked at before `due_at`."""
    for key in cells:
        tx.execute(stock.update().where(cell_is(connection, key)).values(due_at=due_at))
