"""What stands in the store, as nothing but a test asks it."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from engine.model.ids import Sku
from engine.model.stock import OrderCell
from engine.store.tables import inbox, order_cell, tally
from engine.store.verbs.orders import cell_of


def backlog(tx: Connection) -> int:
    """How many messages of the inbox are still open."""
    return int(tx.execute(select(func.count()).where(inbox.c.closed_at.is_(None))).scalar_one())


def healed(tx: Connection) -> int:
    """How many changes were found without a webhook, ever."""
    total = select(func.coalesce(func.sum(tally.c.value), 0)).where(tally.c.name == "healed")
    return int(tx.execute(total).scalar_one())


def order_cells(tx: Connection, connection: str, skus: Collection[Sku]) -> list[OrderCell]:
    """Units of every remembered order in the cells of these SKUs."""
    query = (
        select(order_cell)
        .where(order_cell.c.connection == connection, order_cell.c.sku.in_(skus))
        .order_by(order_cell.c.order_id, order_cell.c.sku, order_cell.c.location)
    )
    return [cell_of(row) for row in tx.execute(query)]
