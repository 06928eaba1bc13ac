"""Locations of the shop and warehouses of the back office, as last listed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from engine.ports import Place
from engine.store.rows import PlaceRow
from engine.store.tables import place
from engine.store.upsert import insert
from engine.store.verbs.ledger import append


def save_places(tx: Connection, connection: str, side: str, listed: Sequence[Place], now: datetime) -> None:
    """Keep a full listing of one side (`shop` or `back_office`); what is no longer listed goes."""
    mine = (place.c.connection == connection) & (place.c.side == side)
    before = {row.id: (row.name, row.active) for row in tx.execute(select(place).where(mine))}
    after = {item.id: (item.name, item.active) for item in listed}
    tx.execute(place.delete().where(mine, place.c.id.not_in(list(after))))
    for item in listed:
        values = {"name": item.name, "active": item.active, "seen_at": now}
        statement = insert(tx, place).values(connection=connection, side=side, id=item.id, **values)
        tx.execute(statement.on_conflict_do_update(index_elements=["connection", "side", "id"], set_=values))
    if before != after:
        append(tx, connection, "places listed", f"places:{side}", now, detail=str(len(after)))


def places(tx: Connection) -> list[PlaceRow]:
    """Everything listed, by connection, side and name."""
    query = select(place).order_by(place.c.connection, place.c.side, place.c.name, place.c.id)
    return [PlaceRow(row.connection, row.side, row.id, row.name, row.active) for row in tx.execute(query)]
