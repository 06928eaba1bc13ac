"""Stock cells: what was seen, which are to be looked at, and what came of a look."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, and_, bindparam, case, func, or_, select, text

from engine.model.ids import ItemId, LocationId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.stock.velocity import Sold
from engine.store.chosen import chosen
from engine.store.columns import UtcTime
from engine.store.rows import CellState, LedgerLine
from engine.store.tables import DIRTY, stock
from engine.store.upsert import insert
from engine.store.verbs.history import Change, keep
from engine.store.verbs.ledger import append, append_many

T = TypeVar("T")

FIGURES = ("on_hand", "available", "committed", "active")
"""What the shop tells of a level."""

CHUNK = 400
"""Cells per statement, well below both databases' limit of parameters."""

ONE = and_(
    stock.c.connection == bindparam("of_connection"),
    stock.c.sku == bindparam("of_sku"),
    stock.c.location == bindparam("of_location"),
)
"""The condition that names one cell, by the parameters of `named`."""

_LANE = bindparam("of_lane", type_=Integer)
_NOW = bindparam("of_now", type_=UtcTime)
_MARK = stock.update().values(
    dirty_lane=case(
        (and_(stock.c.dirty_lane.is_not(None), stock.c.dirty_lane < _LANE), stock.c.dirty_lane), else_=_LANE
    ),
    dirty_at=func.coalesce(stock.c.dirty_at, _NOW),
    due_at=_NOW,
    dirty_seq=stock.c.dirty_seq + 1,
    dirty_reason=bindparam("of_reason"),
    ver=stock.c.ver + bindparam("of_bump", type_=Integer),
)
"""The most urgent lane and the oldest mark stay, a waiting retry is due at once."""
_MARK_CELL = _MARK.where(ONE)
_MARK_ALL = _MARK.where(stock.c.connection == bindparam("of_connection"))
_MARK_LOCATION = _MARK_ALL.where(stock.c.location == bindparam("of_location"))
_MARK_SKUS = _MARK_ALL.where(stock.c.sku.in_(bindparam("of_skus", expanding=True)))

_DIRTY_ONES = (
    select(stock)
    .where(stock.c.connection == bindparam("of_connection"), text(DIRTY), stock.c.due_at <= _NOW)
    .order_by(stock.c.dirty_lane, stock.c.dirty_at, stock.c.sku, stock.c.location)
    .limit(bindparam("of_most", type_=Integer))
)


def see_level(tx: Connection, connection: str, levels: Sequence[ShopLevel], now: datetime) -> list[CellKey]:
    """Keep levels as the shop just told them; the cells that are new or hold another on_hand than before.

    A title is kept until another is told: not every reading asks for it.
    """
    moved: list[CellKey] = []
    for chunk in _chunks(levels):
        keys = [CellKey(level.sku, level.location) for level in chunk]
        told_before = select(
            *(stock.c[name] for name in ("sku", "location", "level_at", "item", "ver", *FIGURES))
        ).where(stock.c.connection == connection, stock.c.sku.in_({key.sku for key in keys}))
        rows = {CellKey(row.sku, row.location): row for row in tx.execute(told_before)}
        before = {key: row.on_hand for key, row in rows.items()}
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
                set_={name: statement.excluded[name] for name in told}
                | {"title": func.coalesce(func.nullif(statement.excluded.title, ""), stock.c.title)},
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
                    "title": level.title or "",
                }
                for level in chunk
            ],
        )
        _begin_anew(tx, connection, rows, chunk, now)
        _keep_moves(tx, connection, rows, chunk, now)
    return moved


def _begin_anew(
    tx: Connection, connection: str, before: Mapping[CellKey, Any], levels: Sequence[ShopLevel], now: datetime
) -> None:
    """Another item bears the SKU: what was agreed on was the other one's level, so the first sight starts over."""
    other = {
        key: {"base": None, "pos": 0, "seen_low": None, "seen_at": None, "ver": row.ver + 1}
        for key, level in ((CellKey(level.sku, level.location), level) for level in levels)
        if (row := before.get(key)) is not None
        and row.item not in ("", level.item)
        and (row.level_at is None or row.level_at <= now)
    }
    change(tx, connection, other)
    lines = [
        LedgerLine("shop", "another item", f"cell:{key.sku}|{key.location}", before[key].item)
        for key in other
    ]
    append_many(tx, connection, lines, now)


def _keep_moves(
    tx: Connection, connection: str, before: Mapping[CellKey, Any], levels: Sequence[ShopLevel], now: datetime
) -> None:
    """Every level that is other than before goes to the history, and to the ledger with what moved."""
    changes: list[Change] = []
    lines: list[LedgerLine] = []
    fresh = 0
    for level in levels:
        key = CellKey(level.sku, level.location)
        row = before.get(key)
        if row is None:
            fresh += 1
            changes.append(Change(key, "first listed"))
            continue
        was, now_is = ([getattr(one, name) for name in FIGURES] for one in (row, level))
        if was == now_is or (row.level_at is not None and row.level_at > now):
            continue
        detail = ", ".join(
            f"{name.replace('_', ' ')} {a} to {b}"
            for name, a, b in zip(FIGURES, was, now_is, strict=True)
            if a != b
        )
        changes.append(Change(key, detail))
        lines.append(LedgerLine("shop", "level moved", f"cell:{level.sku}|{level.location}", detail))
    if fresh:
        lines.append(LedgerLine("shop", "levels listed", "stock", f"{fresh} for the first time"))
    append_many(tx, connection, lines, now)
    keep(tx, connection, "seen", changes, now)


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
    if not cells:
        return 0
    how = {"of_lane": lane, "of_now": now, "of_reason": reason, "of_bump": int(bump)}
    of = [{**named(connection, key), **how} for key in sorted(set(cells))]
    marked = int(tx.execute(_MARK_CELL, of).rowcount)
    if marked:
        action = "cells bumped" if bump else "cells marked"
        append(tx, connection, action, "stock", now, detail=f"{marked}: {reason}")
    return marked


def mark_gone(tx: Connection, connection: str, cells: Collection[CellKey], now: datetime) -> int:
    """The shop does not list these levels any more: they count as switched off, and are looked at.

    `now` is when the listing began; levels read since then are newer and stay.
    """
    rows = held(tx, connection, cells)
    gone = [key for key, row in rows.items() if row.level_at is None or row.level_at <= now]
    change(tx, connection, {key: {"active": False, "level_at": now} for key in gone})
    keep(tx, connection, "seen", [Change(key, "not listed any more") for key in gone], now)
    return mark_dirty(tx, connection, gone, reason="not listed any more", lane=4, now=now)


def mark_sku_dirty(
    tx: Connection,
    connection: str,
    skus: Collection[Sku] | None,
    *,
    reason: str,
    lane: int,
    now: datetime,
    bump: bool = False,
) -> int:
    """All known cells of these SKUs, or of all, are to be looked at; how many there are."""
    how = {
        "of_connection": connection, "of_lane": lane, "of_now": now, "of_reason": reason, "of_bump": int(bump),
    }  # fmt: skip
    if skus is None:
        marked = int(tx.execute(_MARK_ALL, how).rowcount)
    else:
        chunks = _chunks(sorted(skus))
        marked = sum(int(tx.execute(_MARK_SKUS, {"of_skus": chunk, **how}).rowcount) for chunk in chunks)
    if marked:
        action = "cells bumped" if bump else "cells marked"
        append(tx, connection, action, "stock", now, detail=f"{marked}: {reason}")
    return marked


def mark_location_dirty(
    tx: Connection, connection: str, location: LocationId, *, reason: str, lane: int, now: datetime
) -> int:
    """All known cells at a location are to be looked at; how many there are."""
    how = {"of_lane": lane, "of_now": now, "of_reason": reason, "of_bump": 0}
    marked = int(
        tx.execute(_MARK_LOCATION, {"of_connection": connection, "of_location": location, **how}).rowcount
    )
    if marked:
        append(tx, connection, "cells marked", "stock", now, detail=f"{marked}: {reason}")
    return marked


def dirty(tx: Connection, connection: str, limit: int, now: datetime) -> list[CellState]:
    """Cells to be looked at now: decreases first, then the longest waiting."""
    of = {"of_connection": connection, "of_now": now, "of_most": limit}
    return [cell_state(row) for row in tx.execute(_DIRTY_ONES, of)]


def cell_states(tx: Connection, connection: str, cells: Collection[CellKey]) -> list[CellState]:
    """The states of these cells; unknown ones are left out."""
    wanted, found = set(cells), []
    for here in chosen(wanted):
        rows = tx.execute(select(stock).where(stock.c.connection == connection, here))
        found += [cell_state(row) for row in rows if CellKey(row.sku, row.location) in wanted]
    return found


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
        sold=Sold(row.sold_rate, row.sold_outside, row.sold_at, row.sold_steady),
    )


def held(tx: Connection, connection: str, cells: Collection[CellKey]) -> dict[CellKey, Any]:
    """The rows of these cells, locked until the commit; unknown ones are left out."""
    wanted, found = set(cells), dict[CellKey, Any]()
    for chunk in _chunks(sorted({key.sku for key in wanted})):
        query = (
            select(stock).where(stock.c.connection == connection, stock.c.sku.in_(chunk)).with_for_update()
        )
        for row in tx.execute(query):
            key = CellKey(Sku(row.sku), LocationId(row.location))
            if key in wanted:
                found[key] = row
    return found


def change(tx: Connection, connection: str, values: Mapping[CellKey, Mapping[str, Any]]) -> None:
    """Set columns of cells; one statement for all cells that get the same columns."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, row in values.items():
        alike.setdefault(tuple(sorted(row)), []).append({**named(connection, key), **row})
    for rows in alike.values():
        tx.execute(stock.update().where(ONE), rows)


def named(connection: str, key: CellKey) -> dict[str, Any]:
    """Parameters for the condition `ONE`."""
    return {"of_connection": connection, "of_sku": key.sku, "of_location": key.location}


def _chunks(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
