"""Which orders still matter to a cell, and what the finished ones did to it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engine.model.ids import LocationId, OrderId, Sku
from engine.model.stock import CellKey, OrderCell
from engine.store.tables import order_cell, shop_order
from engine.store.verbs.orders import cell_of

SETTLED = "settled"
"""State of an order on which both books agree and that is finished."""
ELSEWHERE = "elsewhere"
"""State of an order that another back office of the same shop books."""
OVER = (SETTLED, ELSEWHERE)
"""Orders of which nothing is owed here, and whose units no longer wait for anything."""
CANCELLED = "cancelled"
"""State of an order that was called off before the back office had it."""


def open_order_cells(tx: Connection, connection: str, skus: Collection[Sku]) -> list[OrderCell]:
    """Units of every order that is not settled in the cells of these SKUs."""
    query = _joined(connection, skus).where(shop_order.c.state.not_in(OVER))
    return [cell_of(row) for row in tx.execute(query.with_only_columns(order_cell))]


def open_orders(tx: Connection, connection: str) -> list[OrderId]:
    """Every order of which something may still be owed."""
    query = select(shop_order.c.order_id).where(
        shop_order.c.connection == connection, shop_order.c.state.not_in((*OVER, CANCELLED))
    )
    return [OrderId(order) for order in tx.execute(query.order_by(shop_order.c.order_id)).scalars()]


def settled_movements(tx: Connection, connection: str, skus: Collection[Sku]) -> dict[CellKey, int]:
    """Per cell, what settled orders did to on_hand: − fulfilled + restocked."""
    moved = func.sum(order_cell.c.restocked - order_cell.c.fulfilled)
    query = (
        _joined(connection, skus)
        .where(shop_order.c.state.in_(OVER))
        .with_only_columns(order_cell.c.sku, order_cell.c.location, moved.label("moved"))
        .group_by(order_cell.c.sku, order_cell.c.location)
    )
    return {CellKey(Sku(r.sku), LocationId(r.location)): int(r.moved) for r in tx.execute(query)}


def both(
    tx: Connection, connection: str, skus: Collection[Sku]
) -> tuple[list[OrderCell], dict[CellKey, int]]:
    """Open orders and settled movements, of one snapshot."""
    return open_order_cells(tx, connection, skus), settled_movements(tx, connection, skus)


def _joined(connection: str, skus: Collection[Sku]) -> Select[Any]:
    same = (shop_order.c.connection == order_cell.c.connection) & (
        shop_order.c.order_id == order_cell.c.order_id
    )
    return (
        select(order_cell)
        .join(shop_order, same)
        .where(order_cell.c.connection == connection, order_cell.c.sku.in_(skus))
    )
