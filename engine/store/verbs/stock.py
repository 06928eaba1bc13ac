"""Stock cells: what was seen, which are to be looked at, and what came of a look."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, bindparam, case, func, literal, or_, select, text

from engine.model.ids import ItemId, LocationId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.store.columns import UtcTime
from engine.store.rows import CellState
from engine.store.tables import DIRTY, stock
from engine.store.upsert import insert
from engine.store.verbs.ledger import append

T = TypeVar("T")

CHUNK = 400
"""Cells per statement, well below both databases' limit of parameters."""


def see_level(tx: Connection, connection: str, levels: Sequence[ShopLevel], now: datetime) -> list[CellKey]:
    """Keep levels as the shop just told them; the cells that are new or hold another on_hand than before."""
    moved: list[CellKey] = []
    for chunk in _chunks(levels):
        keys = [CellKey(level.sku, level.location) for level in chunk]
        before = {
            CellKey(row.sku, row.location): row.on_hand
            for row in tx.execute(
                select(stock.c.sku, stock.c.location, stock.c.on_hand).where(_among(connection, keys))
            )
        }
        moved += [
            key
            for key, level in zip(keys, chunk, strict=True)
            if key not in before or before[key] != level.on_hand
        ]
        statement = insert(tx, stock)
        told = ("item", "active", "tracked", "on_hand", "available", "committed", "level_at")
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "sku", "location"],
                set_={name: statement.excluded[name] for name in told},
                where=or_(stock.c.level_at.is_(None), stock.c.level_at <= statement.excluded.level_at),
            ),
            [
                {
                    "connection": connection,
                    "sku": level.sku,
                    "location": level.location,
                    "item": level.item,
                    "active": level.active,
                    "tracked": level.tracked,
                    "on_hand": level.on_hand,
                    "available": level.available,
                    "committed": level.committed,
                    "level_at": now,
                }
                for level in chunk
            ],
        )
    return moved


def see_titles(tx: Connection, connection: str, titles: Mapping[Sku, str]) -> None:
    """Keep product titles, for people to search by."""
    if titles:
        tx.execute(
            stock.update()
            .where(stock.c.connection == connection, stock.c.sku == bindparam("of_sku"))
            .values(title=bindparam("new_title")),
            [{"of_sku": sku, "new_title": title} for sku, title in titles.items()],
        )


def mark_dirty(
    tx: Connection,
    connection: str,
    cells: Collection[CellKey],
    *,
    reason: str,
    lane: int,
    now: datetime,
    bump: bool = False,
) -> int:
    """These cells are to be looked at; how many are known. `bump` also voids every look under way."""
    marked = 0
    for chunk in _chunks(sorted(cells)):
        marked += _mark(tx, _among(connection, chunk), reason=reason, lane=lane, now=now, bump=bump)
    if marked:
        action = "cells bumped" if bump else "cells marked"
        append(tx, connection, action, "stock", now, detail=f"{marked}: {reason}")
    return marked


def mark_sku_dirty(
    tx: Connection,
    connection: str,
    skus: Collection[Sku],
    *,
    reason: str,
    lane: int,
    now: datetime,
    bump: bool = False,
) -> int:
    """All known cells of these SKUs are to be looked at; how many there are."""
    marked = 0
    for chunk in _chunks(sorted(skus)):
        where = and_(stock.c.connection == connection, stock.c.sku.in_(chunk))
        marked += _mark(tx, where, reason=reason, lane=lane, now=now, bump=bump)
    if marked:
        action = "cells bumped" if bump else "cells marked"
        append(tx, connection, action, "stock", now, detail=f"{marked}: {reason}")
    return marked


def dirty(tx: Connection, connection: str, limit: int, now: datetime) -> list[CellState]:
    """Cells to be looked at now: decreases first, then the longest waiting."""
    query = (
        select(stock)
        .where(stock.c.connection == connection, text(DIRTY), stock.c.due_at <= now)
        .order_by(stock.c.dirty_lane, stock.c.dirty_at, stock.c.sku, stock.c.location)
        .limit(limit)
    )
    return [cell_state(row) for row in tx.execute(query)]


def cell_states(tx: Connection, connection: str, cells: Collection[CellKey]) -> list[CellState]:
    """The states of these cells; unknown ones are left out."""
    found: list[CellState] = []
    for chunk in _chunks(sorted(cells)):
        rows = tx.execute(select(stock).where(_among(connection, chunk)))
        found += [cell_state(row) for row in rows]
    return found


def sku_cells(tx: Connection, connection: str, skus: Collection[Sku]) -> list[CellState]:
    """The states of all known cells of these SKUs."""
    query = select(stock).where(stock.c.connection == connection, stock.c.sku.in_(skus))
    return [cell_state(row) for row in tx.execute(query.order_by(stock.c.sku, stock.c.location))]


def cell_state(row: Any) -> CellState:
    """A row of the stock table as the rule sees it."""
    return CellState(
        sku=Sku(row.sku),
        location=LocationId(row.location),
        item=ItemId(row.item),
        ver=row.ver,
        base=row.base,
        pos=row.pos,
        seen_low=row.seen_low,
        seen_at=row.seen_at,
        dirty_seq=row.dirty_seq,
        active=row.active,
        tracked=row.tracked,
        on_hand=row.on_hand,
        target=row.target,
        attempt=row.attempt,
        dirty_at=row.dirty_at,
        dirty_lane=row.dirty_lane,
    )


def cell_is(connection: str, key: CellKey) -> Any:
    """The condition that names one cell."""
    return and_(stock.c.connection == connection, stock.c.sku == key.sku, stock.c.location == key.location)


def _mark(tx: Connection, where: Any, *, reason: str, lane: int, now: datetime, bump: bool) -> int:
    """Mark cells: the most urgent lane and the oldest mark stay, a waiting retry is due at once."""
    result = tx.execute(
        stock.update()
        .where(where)
        .values(
            dirty_lane=case(
                (and_(stock.c.dirty_lane.is_not(None), stock.c.dirty_lane < lane), stock.c.dirty_lane),
                else_=lane,
            ),
            dirty_at=func.coalesce(stock.c.dirty_at, literal(now, UtcTime())),
            due_at=now,
            dirty_seq=stock.c.dirty_seq + 1,
            dirty_reason=reason,
            ver=stock.c.ver + (1 if bump else 0),
        )
    )
    return int(result.rowcount)


def _among(connection: str, keys: Sequence[CellKey]) -> Any:
    by_sku: dict[str, list[str]] = {}
    for key in keys:
        by_sku.setdefault(key.sku, []).append(key.location)
    return and_(
        stock.c.connection == connection,
        or_(
            *(and_(stock.c.sku == sku, stock.c.location.in_(locations)) for sku, locations in by_sku.items())
        ),
    )


def _chunks(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
