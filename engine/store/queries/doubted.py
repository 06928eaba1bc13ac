"""Which orders the sentinel asks the back office about."""

from datetime import datetime

from sqlalchemy import Connection, select

from engine.model.ids import OrderId
from engine.store.tables import alert, ledger, shop_order
from engine.store.verbs.doubles import DOUBLED

_DOUBT = ("uncertain", "probing")
"""What the ledger says of a record whose creation was in doubt; one that a dead engine left is probed as well."""
_ORDER = "order:"


def doubted(tx: Connection, connection: str, after: str, most: int) -> list[OrderId]:
    """Orders whose document may ever have been created twice, by name, those after a given one; at most so many."""
    mine = (
        ledger.c.connection == connection,
        ledger.c.action.in_(_DOUBT),
        ledger.c.entity > f"{_ORDER}{after}",
        ledger.c.entity < f"{_ORDER[:-1]};",  # the character after the colon: nothing but orders
    )
    names = tx.execute(select(ledger.c.entity).where(*mine).distinct().order_by(ledger.c.entity).limit(most))
    return [OrderId(name.removeprefix(_ORDER)) for name in names.scalars()]


def booked_since(tx: Connection, connection: str, since: datetime, most: int) -> list[OrderId]:
    """Orders first seen since then that have a document, the newest first; at most so many."""
    query = (
        select(shop_order.c.order_id)
        .where(
            shop_order.c.connection == connection,
            shop_order.c.first_seen_at >= since,
            shop_order.c.document_id.is_not(None),
        )
        .order_by(shop_order.c.first_seen_at.desc(), shop_order.c.order_id)
        .limit(most)
    )
    return [OrderId(name) for name in tx.execute(query).scalars()]


def known_doubles(tx: Connection, connection: str) -> list[OrderId]:
    """Orders of which two documents were found and not yet one."""
    query = select(alert.c.entity).where(
        alert.c.connection == connection, alert.c.code == DOUBLED, alert.c.cleared_at.is_(None)
    )
    return [OrderId(name.removeprefix(_ORDER)) for name in tx.execute(query.order_by(alert.c.id)).scalars()]
