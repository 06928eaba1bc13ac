"""Orders as the shop knows them and documents as the back office has them: merged, never forgotten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from engine.model.ids import LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell
from engine.store.rows import OrderRow
from engine.store.tables import order_cell, shop_order
from engine.store.upsert import insert
from engine.store.verbs.ledger import append
from engine.store.verbs.sights import sight_anew
from engine.store.verbs.stock import mark_dirty

_MINE = and_(
    shop_order.c.connection == bindparam("of_connection"), shop_order.c.order_id == bindparam("of_order")
)
_KNOWN = (
    select(shop_order.c.updated_at, shop_order.c.document_id, shop_order.c.document_status)
    .where(_MINE)
    .with_for_update()
)
_CHANGE = shop_order.update().where(_MINE)
_CELLS_OF = and_(
    order_cell.c.connection == bindparam("of_connection"), order_cell.c.order_id == bindparam("of_order")
)
_CELLS = select(order_cell).where(_CELLS_OF)
_NO_CELLS = order_cell.delete().where(_CELLS_OF)
_UNPROMISED = (
    order_cell.update()
    .where(
        _CELLS_OF, order_cell.c.sku == bindparam("of_sku"), order_cell.c.location == bindparam("of_location")
    )
    .values(committed=0)
)


def remember_order(
    tx: Connection,
    connection: str,
    order_id: OrderId,
    name: str,
    updated_at: datetime,
    body_json: str,
    cells: Sequence[OrderCell],
    state: str,
    total: Decimal | None,
    now: datetime,
    placed_at: datetime | None = None,
) -> bool:
    """Keep the newest view of an order with its units per cell; False when a newer one is known."""
    of = {"of_connection": connection, "of_order": order_id}
    row = tx.execute(_KNOWN, of).first()
    known = None if row is None else row.updated_at
    if known is not None and known > updated_at:
        return False
    values = {
        "name": name, "placed_at": placed_at, "updated_at": updated_at, "body": body_json, "state": state,
        "total": total,
    }  # fmt: skip
    if row is None:
        statement = insert(tx, shop_order).values(
            connection=connection, order_id=order_id, first_seen_at=now, **values
        )
        tx.execute(statement.on_conflict_do_update(index_elements=["connection", "order_id"], set_=values))
    else:
        tx.execute(_CHANGE, {**of, **values})
    _keep_cells(tx, connection, order_id, name, cells, now)
    if known != updated_at:
        append(tx, connection, "seen", f"order:{order_id}", now, detail=f"{name} {state}".strip())
    return True


def promises_move(
    tx: Connection,
    connection: str,
    order_id: OrderId,
    name: str,
    cells: Sequence[CellKey],
    kits: Collection[Sku],
    now: datetime,
) -> None:
    """We are about to move what the shop promises to an order from one of these cells to another.

    Every look under way is void, and until the order has been read again nothing of it counts as promised in either:
    the answer may be lost, and what is taken for promised is not subtracted twice. Kits are no shelf of their own; what
    is promised of them stays.
    """
    of = {"of_connection": connection, "of_order": order_id}
    doubtful = [
        {**of, "of_sku": key.sku, "of_location": key.location} for key in cells if key.sku not in kits
    ]
    if doubtful:
        tx.execute(_UNPROMISED, doubtful)
    mark_dirty(tx, connection, cells, reason=f"order {name} moves", lane=1, now=now, bump=True)


def _keep_cells(
    tx: Connection, connection: str, order_id: OrderId, name: str, cells: Sequence[OrderCell], now: datetime
) -> None:
    """Replace what an order takes from which cells; where goods moved, the unexplained counts as seen now.

    Cells in which more or less is promised than was known are looked at.
    """
    of = {"of_connection": connection, "of_order": order_id}
    before = {cell.key: cell for cell in map(cell_of, tx.execute(_CELLS, of))}
    after = {cell.key: cell for cell in cells}
    if before == after:
        return
    moved = [key for key in before.keys() | after.keys() if _moved(before.get(key)) != _moved(after.get(key))]
    sight_anew(tx, connection, sorted(moved), now)
    if before:
        # a look in between saw the level as it is and the order as it was: nothing else asks for another
        shifted = [
            key for key in before.keys() | after.keys() if _promised(before, key) != _promised(after, key)
        ]
        mark_dirty(tx, connection, shifted, reason=f"order {name}", lane=1, now=now)
    if before:
        tx.execute(_NO_CELLS, of)
    if cells:
        tx.execute(order_cell.insert(), [{"connection": connection, **asdict(cell)} for cell in cells])


def _promised(cells: Mapping[CellKey, OrderCell], key: CellKey) -> int:
    """Units committed in a cell."""
    return cells[key].committed if key in cells else 0


def _moved(cell: OrderCell | None) -> tuple[int, int]:
    """Units fulfilled and restocked."""
    return (0, 0) if cell is None else (cell.fulfilled, cell.restocked)


def document_seen(
    tx: Connection,
    connection: str,
    order_id: OrderId,
    document_id: str,
    status: str,
    lines_json: str,
    now: datetime,
) -> bool:
    """Keep what the back office says of an order's document; False when the order is not known."""
    of = {"of_connection": connection, "of_order": order_id}
    known = tx.execute(_KNOWN, of).first()
    if known is None:
        return False
    values = {"document_id": document_id, "document_status": status, "document_lines": lines_json}
    tx.execute(_CHANGE, {**of, **values, "document_at": now})
    if (known.document_id, known.document_status) != (document_id, status):
        append(tx, connection, "document", f"order:{order_id}", now, detail=f"{document_id} {status}")
    return True


def cells_of_order(tx: Connection, connection: str, order_id: OrderId) -> list[OrderCell]:
    """Units of one order per cell, as remembered."""
    return [cell_of(row) for row in tx.execute(_CELLS, {"of_connection": connection, "of_order": order_id})]


def cell_of(row: Any) -> OrderCell:
    """A row of the table of order cells."""
    return OrderCell(
        OrderId(row.order_id),
        Sku(row.sku),
        LocationId(row.location),
        row.committed,
        row.fulfilled,
        row.fulfilled_at,
        row.restocked,
    )


def read_dates(tx: Connection, connection: str, order_ids: Collection[OrderId]) -> dict[OrderId, datetime]:
    """Of remembered orders when, by Shopify, they had changed last as they were read; unknown ones are left out."""
    query = select(shop_order.c.order_id, shop_order.c.updated_at).where(
        shop_order.c.connection == connection, shop_order.c.order_id.in_(order_ids)
    )
    return {OrderId(row.order_id): row.updated_at for row in tx.execute(query)}


def read_orders(tx: Connection, connection: str, order_ids: Collection[OrderId]) -> dict[OrderId, OrderRow]:
    """Remembered orders by id; unknown ones are left out."""
    query = select(shop_order).where(
        shop_order.c.connection == connection, shop_order.c.order_id.in_(order_ids)
    )
    return {
        OrderId(row.order_id): OrderRow(
            row.connection,
            OrderId(row.order_id),
            row.name,
            row.updated_at,
            row.body,
            row.state,
            row.total,
            row.first_seen_at,
            row.document_id,
            row.document_status,
            row.document_lines,
            row.document_at,
        )
        for row in tx.execute(query)
    }
