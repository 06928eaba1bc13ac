"""Asking the engine to look at orders again: by name, or all that changed since a time."""

from datetime import datetime

from console.assembly import open_desk, shop
from console.lookup import chosen, find
from console.settings import Settings
from engine.desk import Asked
from engine.model.clock import SystemClock
from engine.model.ids import OrderId


async def pull(
    settings: Settings,
    references: tuple[str, ...],
    since: datetime | None,
    connection: str,
    *,
    unseen: bool,
    operator: str,
) -> Asked:
    """How many the engine will look at, and which references no shop knows; Failure when a shop cannot be asked."""
    wanted: dict[str, list[OrderId]] = {}
    refused: list[str] = []
    for reference in references:
        found = await find(settings, reference, connection)
        for each in found:
            wanted.setdefault(each.connection, []).append(each.order.id)
        if not found:
            refused.append(f"No shop has an order {reference!r}.")
    if since is not None:
        for one in chosen(settings, connection):
            front = shop(settings, one, SystemClock())
            try:
                wanted[one.name] = [stub.id for stub in await front.orders_changed(since)]
            finally:
                await front.aclose()
    accepted = 0
    async with open_desk(settings) as desk:
        for name, orders in wanted.items():
            accepted += (await desk.pull(name, tuple(orders), unseen=unseen, operator=operator)).accepted
    return Asked(accepted, tuple(refused))
