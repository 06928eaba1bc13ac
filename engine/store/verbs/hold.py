"""Holding units back on an operator's word, and letting them go: the cell is looked at at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from engine.model.hold import EVERY, Hold
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.tables import IN_FORCE, hold, stock
from engine.store.verbs.ledger import ENGINE, append
from engine.store.verbs.stock import mark_dirty, mark_location_dirty

LANE = 0
"""What is held back goes before everything else, like every fall."""


def hold_back(tx: Connection, wanted: Hold, now: datetime) -> bool:
    """Put it in force in place of an earlier one; False when the cell, or any at the location, is not known."""
    key = CellKey(Sku(wanted.sku), LocationId(wanted.location))
    known = select(stock.c.sku).where(
        stock.c.connection == wanted.connection, stock.c.location == key.location
    )
    if key.sku != EVERY:
        known = known.where(stock.c.sku == key.sku)
    if tx.execute(known.limit(1)).first() is None:
        return False
    _end(tx, wanted.connection, [key], wanted.set_by, now)
    tx.execute(
        hold.insert().values(
            connection=wanted.connection, sku=key.sku, location=key.location, units=wanted.units,
            everything=wanted.everything, set_by=wanted.set_by, set_at=now, ends=wanted.ends,
        )
    )  # fmt: skip
    append(tx, wanted.connection, "held back", _cell(key), now, actor=wanted.set_by, detail=wanted.text)
    _mark(tx, wanted.connection, key, f"held back by {wanted.set_by}", now)
    return True


def let_go(tx: Connection, connection: str, key: CellKey, operator: str, now: datetime) -> bool:
    """End what is held back in a cell; False when nothing is."""
    return bool(_end(tx, connection, [key], operator, now))


def let_go_in_time(tx: Connection, connection: str, now: datetime) -> int:
    """End every one whose time is over; how many."""
    over = select(hold.c.sku, hold.c.location).where(
        hold.c.connection == connection, text(IN_FORCE), hold.c.ends <= now
    )
    keys = [CellKey(Sku(row.sku), LocationId(row.location)) for row in tx.execute(over)]
    return _end(tx, connection, keys, ENGINE, now)


def holds(tx: Connection, connection: str | None = None) -> list[Hold]:
    """What is held back, of one connection or of all."""
    query = select(hold).where(text(IN_FORCE))
    if connection is not None:
        query = query.where(hold.c.connection == connection)
    return [_read(row) for row in tx.execute(query.order_by(hold.c.connection, hold.c.sku, hold.c.location))]


def _end(tx: Connection, connection: str, keys: Sequence[CellKey], operator: str, now: datetime) -> int:
    ended = 0
    for key in keys:
        row = tx.execute(
            hold.update()
            .where(
                hold.c.connection == connection, hold.c.sku == key.sku, hold.c.location == key.location,
                text(IN_FORCE),
            )
            .values(ended_at=now, ended_by=operator)
            .returning(*hold.c)
        ).first()  # fmt: skip
        if row is not None:
            append(tx, connection, "let go", _cell(key), now, actor=operator, detail=_read(row).text)
            reason = "hold ended" if operator == ENGINE else f"let go by {operator}"
            _mark(tx, connection, key, reason, now)
            ended += 1
    return ended


def _mark(tx: Connection, connection: str, key: CellKey, reason: str, now: datetime) -> None:
    if key.sku == EVERY:
        mark_location_dirty(tx, connection, key.location, reason=reason, lane=LANE, now=now)
    else:
        mark_dirty(tx, connection, [key], reason=reason, lane=LANE, now=now)


def _read(row: Any) -> Hold:
    return Hold(
        row.connection, row.sku, row.location, row.units, row.everything, row.set_by, row.set_at, row.ends
    )


def _cell(key: CellKey) -> str:
    return f"cell:{key.sku}|{key.location}"
