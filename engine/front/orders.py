"""Orders, and which of them are looked at again."""

import orjson

from engine.desk import Asked, Look, OrderDetail, OrderLineRow, Page
from engine.front.door import Door
from engine.model.ids import OrderId
from engine.store.queries.orders import order_detail, order_page
from engine.store.verbs.orders import read_orders

PULLED_AT_ONCE = 500
"""Orders in one command, so that no transaction of the engine grows long."""


class OrderFront(Door):
    """Implements `engine.desk.orders.OrderDesk`."""

    async def orders(self, look: Look) -> Page[OrderLineRow]:
        """Orders, newest first by default."""
        return await self._store.read(order_page, look, self._clock.now())

    async def order(self, connection: str, order: str) -> OrderDetail | None:
        """One of them; None when it is not known."""
        return await self._store.read(order_detail, connection, order)

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        accepted = 0
        for begin in range(0, len(orders), PULLED_AT_ONCE):
            wanted = orders[begin : begin + PULLED_AT_ONCE]
            if unseen:
                known = await self._store.read(read_orders, connection, wanted)
                wanted = tuple(order for order in wanted if order not in known)
            if wanted:
                body = orjson.dumps(wanted).decode()
                await self._put(connection, "pull", body, operator)
            accepted += len(wanted)
        return Asked(accepted, ())
