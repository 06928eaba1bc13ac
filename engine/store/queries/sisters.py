"""What other shops of the same back office have promised, and what is known to be booked of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import orjson
from sqlalchemy import Connection, select

from engine.model.ids import OrderId, Sku
from engine.model.sale import DocumentStatus
from engine.model.stock import OrderCell
from engine.stock.sisters import Sister, SisterOrder
from engine.store.tables import order_cell, shop_order
from engine.store.verbs.orders import cell_of
from engine.store.verbs.settled import CANCELLED, OVER


def sister_orders(tx: Connection, sisters: Sequence[Sister], skus: Collection[Sku]) -> list[SisterOrder]:
    """Their open orders that take any of these SKUs, by itself or as a component of a kit."""
    return [order for sister in sisters for order in _of(tx, sister, skus)]


def _of(tx: Connection, sister: Sister, skus: Collection[Sku]) -> list[SisterOrder]:
    wanted = {*skus, *(kit for kit, recipe in sister.kits.items() if not recipe.keys().isdisjoint(skus))}
    same = (shop_order.c.connection == order_cell.c.connection) & (
        shop_order.c.order_id == order_cell.c.order_id
    )
    query = (
        select(
            order_cell, shop_order.c.document_id, shop_order.c.document_status, shop_order.c.document_lines
        )
        .join(shop_order, same)
        .where(order_cell.c.connection == sister.name, order_cell.c.sku.in_(wanted))
        .where(shop_order.c.state.not_in((*OVER, CANCELLED)))
    )
    cells: dict[OrderId, list[OrderCell]] = defaultdict(list)
    booked: dict[OrderId, tuple[bool, dict[Sku, int]]] = {}
    for row in tx.execute(query):
        order = OrderId(row.order_id)
        cells[order].append(cell_of(row))
        if order not in booked:
            called_off = row.document_status == DocumentStatus.CANCELLED
            booked[order] = bool(row.document_id), _booked(row.document_lines, called_off=called_off)
    return [
        SisterOrder(sister.name, order, held, booked[order][1], booked[order][0])
        for order, held in cells.items()
    ]


def _booked(lines_json: str, *, called_off: bool) -> dict[Sku, int]:
    found: dict[Sku, int] = defaultdict(int)
    for line in orjson.loads(lines_json):
        found[Sku(line["sku"])] += int(line["shipped" if called_off else "quantity"])
    return dict(found)


def theirs(tx: Connection, sisters: Iterable[str], orders: Collection[OrderId]) -> dict[OrderId, str]:
    """Which of these orders are a sister's, with its name; the numbers of orders are Shopify's own, so no two shops share one."""
    query = select(shop_order.c.order_id, shop_order.c.connection).where(
        shop_order.c.connection.in_(list(sisters)), shop_order.c.order_id.in_(orders)
    )
    return {OrderId(row.order_id): str(row.connection) for row in tx.execute(query)}


def booked_beside(tx: Connection, neighbours: Collection[str], order: OrderId) -> tuple[str, str] | None:
    """(connection, document) of another back office of the shop that has an order in its books; None where none has."""
    query = select(shop_order.c.connection, shop_order.c.document_id).where(
        shop_order.c.connection.in_(neighbours),
        shop_order.c.order_id == order,
        shop_order.c.document_id.is_not(None),
        shop_order.c.document_status != DocumentStatus.CANCELLED,
    )
    row = tx.execute(query.limit(1)).first()
    return None if row is None else (str(row.connection), str(row.document_id))
