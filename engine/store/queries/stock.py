"""The stock page: SKUs down, locations across."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from engine.desk import StockCell, StockPage, StockRow
from engine.store.rows import CellState
from engine.store.tables import place, stock
from engine.store.verbs.stock import cell_state


def stock_page(tx: Connection, *, filter: str, offset: int, limit: int, now: datetime) -> StockPage:
    """SKUs containing `filter` in SKU or title, whatever the case, sorted by SKU."""
    base = select(stock.c.sku).group_by(stock.c.sku)
    if filter:
        sought = filter.lower()
        base = base.where(
            func.lower(stock.c.sku).contains(sought, autoescape=True)
            | func.lower(stock.c.title).contains(sought, autoescape=True)
        )
    total = int(tx.execute(select(func.count()).select_from(base.subquery())).scalar_one())
    ordered = base.order_by(bytewise(tx, stock.c.sku)).offset(offset).limit(limit)
    skus = list(tx.execute(ordered).scalars())
    cells: dict[str, dict[str, Any]] = {sku: {} for sku in skus}
    titles: dict[str, str] = {}
    for row in tx.execute(select(stock).where(stock.c.sku.in_(skus))):
        cells[row.sku][row.location] = row
        titles[row.sku] = titles.get(row.sku) or row.title
    columns = _columns(tx, {location for of_sku in cells.values() for location in of_sku})
    return StockPage(
        as_of=now,
        total=total,
        offset=offset,
        locations=columns,
        rows=tuple(
            StockRow(
                sku=sku,
                title=titles[sku],
                total=sum(row.on_hand or 0 for row in cells[sku].values()),
                cells=tuple(
                    _cell(cells[sku][location], name) if location in cells[sku] else None
                    for location, name in columns
                ),
            )
            for sku in skus
        ),
    )


def cell_terms(tx: Connection, sku: str, location: str) -> list[tuple[str, CellState, str]]:
    """(connection, state, terms as JSON) of a cell, for its explanation; empty when it is not known."""
    rows = tx.execute(select(stock).where(stock.c.sku == sku, stock.c.location == location))
    return [(row.connection, cell_state(row), row.terms) for row in rows]


def place_names(tx: Connection) -> dict[str, str]:
    """Names of the shop's locations by id."""
    rows = tx.execute(select(place.c.id, place.c.name).where(place.c.side == "shop"))
    return {row.id: row.name for row in rows}


def bytewise(tx: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """An order that is the same on both databases, whatever the collation of PostgreSQL."""
    return column.collate("C") if tx.dialect.name == "postgresql" else column


def _columns(tx: Connection, used: set[str]) -> tuple[tuple[str, str], ...]:
    """Active locations and those that hold a cell of the page, by name."""
    rows = tx.execute(select(place).where(place.c.side == "shop")).all()
    named = {row.id: row.name for row in rows if row.active or row.id in used}
    named |= {location: location for location in used if location not in named}
    return tuple(sorted(named.items(), key=lambda item: (item[1], item[0])))


def _cell(row: Any, name: str) -> StockCell:
    return StockCell(
        location=row.location,
        location_name=name,
        on_hand=row.on_hand,
        available=row.available,
        committed=row.committed,
        target=row.target,
        erp_on_hand=row.erp_on_hand,
        erp_reserved=row.erp_reserved,
        state=_state(row),
        published_at=row.published_at,
        seen_at=row.level_at,
    )


def _state(row: Any) -> str:
    """The worst that can be said of a cell."""
    if not row.active or not row.tracked:
        return "inactive"
    if row.failed_at is not None:
        return "failed"
    if row.pos > 0:
        return "conflict"
    if row.dirty_lane is not None:
        return "waiting"
    return "unknown" if row.agreed_at is None else "ok"
