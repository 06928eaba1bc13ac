"""A webhook about a level: an echo of our own write is ignored, anything else is looked at."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.rows import CellState, LedgerLine, Published
from engine.store.tables import DIRTY, stock
from engine.store.verbs.aside import take_back
from engine.store.verbs.history import Change, keep
from engine.store.verbs.ledger import ENGINE, append_many
from engine.store.verbs.notes import CLEAN
from engine.store.verbs.stock import cell_states, change, held, mark_dirty

_BY_ITEM = select(stock.c.sku, stock.c.available).where(
    stock.c.connection == bindparam("of_connection"),
    stock.c.item == bindparam("of_item"),
    stock.c.location == bindparam("of_location"),
)


def echo_or_dirty(
    tx: Connection, connection: str, item: str, location: str, available: int | None, lane: int, now: datetime
) -> bool:
    """Mark the cell of an item unless the shop told us what we know; whether it was marked."""
    of = {"of_connection": connection, "of_item": item, "of_location": location}
    row = tx.execute(_BY_ITEM, of).first()
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

    A cell whose version moved keeps what moved it, and is due as it was; so is one that was marked meanwhile. What
    made an earlier look fail is over, so that a listing finds the cell.
    """
    rows = held(tx, connection, [cell.key for cell in cells])
    still = [cell for cell in cells if cell.key in rows and rows[cell.key].ver == cell.read.ver]
    change(tx, connection, {cell.key: _later(cell, due_at, rows[cell.key]) for cell in still})
    take_back(tx, connection, [cell.key for cell in still if rows[cell.key].failed_at is not None], now)
    lines, changes = list[LedgerLine](), list[Change]()
    for cell in still:
        row, seen = rows[cell.key], (cell.agreed.seen_low, cell.agreed.seen_at)
        if row.terms != cell.terms_json:
            changes.append(Change(cell.key, row.dirty_reason))
        if (row.seen_low, row.seen_at) != seen:
            detail = "none" if seen[0] is None else str(seen[0])
            lines.append(LedgerLine(ENGINE, "remainder", f"cell:{cell.key.sku}|{cell.key.location}", detail))
    keep(tx, connection, "waiting", changes, now)
    append_many(tx, connection, lines, now)


def _later(cell: Published, due_at: datetime, row: Any) -> dict[str, Any]:
    return {
        "seen_low": cell.agreed.seen_low,
        "seen_at": cell.agreed.seen_at,
        "due_at": due_at if row.dirty_seq == cell.dirty_seq else row.due_at,
        "terms": cell.terms_json,
        "failed_at": None,
        "attempt": 0,
        **CLEAN,
        **figures(cell),
    }


def figures(cell: Published) -> dict[str, Any]:
    """Columns for what the back office told of a cell; none for a write of an earlier engine that did not keep them."""
    told: dict[str, Any] = {}
    if cell.erp_at is not None:
        told |= {"erp_on_hand": cell.erp_on_hand, "erp_reserved": cell.erp_reserved, "erp_at": cell.erp_at}
    if cell.sold is not None:
        sold = cell.sold
        told |= {"sold_rate": sold.rate, "sold_outside": sold.outside, "sold_at": sold.at}
        told["sold_steady"] = sold.steady
    return told


def listed(tx: Connection, connection: str, seen_before: datetime, now: datetime) -> int:
    """A listing shows every movement behind what was first seen before this: such cells are due; how many.

    Cells that failed keep their own time.
    """
    waiting = (text(DIRTY), stock.c.due_at > now, stock.c.failed_at.is_(None))
    due = stock.update().where(stock.c.connection == connection, stock.c.seen_at < seen_before, *waiting)
    return int(tx.execute(due.values(due_at=now)).rowcount)


def wait_for(tx: Connection, connection: str, cells: Collection[CellKey], due_at: datetime) -> None:
    """These cells are not looked at before `due_at`."""
    change(tx, connection, {key: {"due_at": due_at} for key in cells})
