"""What an order does to stock is remembered whenever it is read, whoever read it and whatever becomes of the order."""

from collections.abc import Sequence

import orjson

from engine.flows.site import Site
from engine.model.ids import OrderId
from engine.model.order import Order
from engine.model.stock import CellKey, OrderCell
from engine.orders.discards import discards
from engine.orders.movements import Movement, movements
from engine.store.tx import Tx
from engine.store.verbs.orders import cells_of_order, remember_order
from engine.store.verbs.stock import mark_dirty, mark_sku_dirty


async def read_and_keep(site: Site, key: OrderId) -> Order | None:
    """The order as it is, kept as it is; None when the shop has none."""
    begun, dated = site.clock.monotonic(), site.shop.dated
    order = await site.shop.read_order(key)
    if order is not None:
        await remember(site, order, "open", first=True)
        site.listings.brought(key, order.updated_at, dated)
    site.listings.read(key, begun)
    return order


async def remember(site: Site, order: Order, state: str, *, first: bool = False) -> None:
    """Keep the newest view of an order; at its first telling the cells whose goods moved are looked at."""
    await site.store.write(_remembered, site, order, state, first)


def _tell_sisters(
    tx: Tx, site: Site, order: Order, before: Sequence[OrderCell], cells: Sequence[OrderCell]
) -> None:
    """What an order promises or gives back here is free or taken in other shops of the same back office."""
    was, now_is = (
        {(cell.key, cell.committed, cell.fulfilled, cell.restocked) for cell in each}
        for each in (before, cells)
    )
    moved = {key.sku for key, *_ in was ^ now_is}
    skus = {part for sku in moved for part in (sku, *site.kits.get(sku, {}))}
    for sister in site.sisters if skus else ():
        mark_sku_dirty(
            tx, sister.name, skus, reason=f"order {order.name} in {site.name}", lane=0, now=site.now()
        )


def _remembered(tx: Tx, site: Site, order: Order, state: str, first: bool) -> None:
    now = site.now()
    moves, gone = movements(order), discards(order)
    cells = [
        OrderCell(order.id, key.sku, key.location, m.committed, m.fulfilled, m.fulfilled_at, m.restocked)
        for key, m in ({key: Movement() for key in gone} | dict(moves)).items()
    ]
    body: dict[str, object] = {
        "name": order.name, "total": str(order.total.shop.amount), "currency": order.currency,
    }  # fmt: skip
    if gone:
        body["discarded"] = [[*key, each.units, each.at.isoformat()] for key, each in gone.items()]
    before = cells_of_order(tx, site.name, order.id) if site.sisters else ()
    newer = remember_order(
        tx, site.name, order.id, order.name, order.updated_at, orjson.dumps(body).decode(), cells, state,
        order.total.shop.amount, now, order.created_at,
    )  # fmt: skip
    if newer and site.sisters:
        _tell_sisters(tx, site, order, before, cells)
    moved = [CellKey(cell.sku, cell.location) for cell in cells if cell.fulfilled or cell.restocked]
    if first and newer and moved:
        mark_dirty(tx, site.name, moved, reason=f"order {order.name}", lane=1, now=now)
