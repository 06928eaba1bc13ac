"""Two documents of one order in the back office: an alert that stands until there is one again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine.model.ids import DocumentId, OrderId
from engine.store.verbs.orders import read_orders
from engine.store.verbs.watch import clear_alert, raise_alert
from engine.store.verbs.xref import find

DOUBLED = "document_doubled"


def judge_copies(
    tx: Connection,
    connection: str,
    asked: Collection[OrderId],
    copies: Mapping[OrderId, Sequence[DocumentId]],
    now: datetime,
) -> list[OrderId]:
    """Raise an alert for each order with more than one document, clear that of the others; those that are new."""
    doubled = sorted(order for order in asked if len(copies.get(order, ())) > 1)
    for order in sorted(set(asked) - set(doubled)):
        clear_alert(tx, connection, DOUBLED, f"order:{order}", now)
    rows, links = read_orders(tx, connection, doubled), find(tx, connection, "order", doubled)
    fresh: list[OrderId] = []
    for order in doubled:
        name = rows[order].name if order in rows else order
        numbers = " and ".join(copies[order])
        keeps = links.get(order, copies[order][0])
        others = " and ".join(number for number in copies[order] if number != keeps)
        cause = f"Order {name} has {len(copies[order])} documents in the back office: {numbers}."
        remedy = f"TrueUp keeps to {keeps}: cancel {others} there; this line goes away by itself at the next sweep."
        if raise_alert(tx, connection, DOUBLED, f"order:{order}", cause, remedy, now):
            fresh.append(order)
    return fresh
