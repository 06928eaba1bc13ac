"""The stock page: SKUs down, locations across."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select, false, func, select, text
from sqlalchemy.sql.elements import ColumnElement

from engine.desk import StockCell, StockPage, StockRow
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.rows import CellState
from engine.store.tables import KEPT, place, stock
from engine.store.verbs.stock import cell_state

SHOWN = (
    "sku", "location", "title", "active", "tracked", "on_hand", "available", "committed", "target", "erp_on_hand",
    "erp_reserved", "pos", "dirty_lane", "failed_at", "agreed_at", "published_at", "level_at",
)  # fmt: skip
"""The columns a page shows or judges a cell by."""
STEP = 200
"""SKUs between two milestones of the listing."""


def stock_page(tx: Connection, *, filter: str, offset: int, limit: int, now: datetime) -> StockPage:
    """SKUs containing `filter` in SKU or title, whatever the case, sorted by SKU."""
    total, ordered = _narrowed(tx, filter.lower()) if filter else _whole(tx, offset)
    skip = offset if filter else offset % STEP
    skus = list(tx.execute(ordered.offset(skip).limit(limit)).scalars())
    cells: dict[str, dict[str, Any]] = {sku: {} for sku in skus}
    titles: dict[str, str] = {}
    for row in tx.execute(select(*(stock.c[name] for name in SHOWN)).where(stock.c.sku.in_(skus))):
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


def _narrowed(tx: Connection, sought: str) -> tuple[int, Select[tuple[str]]]:
    """How many SKUs match, and all of them in order."""
    base = (
        select(stock.c.sku)
        .group_by(stock.c.sku)
        .where(
            func.lower(stock.c.sku).contains(sought, autoescape=True)
            | func.lower(stock.c.title).contains(sought, autoescape=True)
        )
    )
    total = int(tx.execute(select(func.count()).select_from(base.subquery())).scalar_one())
    return total, base.order_by(bytewise(tx, stock.c.sku))


def _whole(tx: Connection, offset: int) -> tuple[int, Select[tuple[str]]]:
    """How many SKUs there are, and those from the last milestone before `offset` on, in order."""
    road, sku = _milestones(tx), bytewise(tx, stock.c.sku)
    ordered = select(stock.c.sku).group_by(stock.c.sku).order_by(sku)
    if offset >= road.total:
        return road.total, ordered.where(false())
    return road.total, ordered.where(sku >= road.skus[offset // STEP])


@dataclass(frozen=True, slots=True)
class _Road:
    """Where a listing of all SKUs stands, so that no page has to count from the beginning."""

    cells: int
    total: int
    skus: tuple[str, ...]
    """Every STEP-th of them, from the first on."""


_roads: WeakKeyDictionary[Engine, _Road] = WeakKeyDictionary()


def _milestones(tx: Connection) -> _Road:
    """Read again when there are more cells than before; cells are added, never taken away or renamed."""
    cells = int(tx.execute(select(func.count()).select_from(stock)).scalar_one())
    road = _roads.get(tx.engine)
    if road is None or road.cells != cells:
        total, found = 0, []
        listing = select(stock.c.sku).group_by(stock.c.sku).order_by(bytewise(tx, stock.c.sku))
        for sku in tx.execute(listing, execution_options={"yield_per": 2000}).scalars():
            if total % STEP == 0:
                found.append(sku)
            total += 1
        road = _roads[tx.engine] = _Road(cells, total, tuple(found))
    return road


def cell_terms(tx: Connection, sku: str, location: str) -> list[tuple[str, CellState, str]]:
    """(connection, state, terms as JSON) of a cell, for its explanation; empty when it is not known."""
    rows = tx.execute(select(stock).where(stock.c.sku == sku, stock.c.location == location))
    return [(row.connection, cell_state(row), row.terms) for row in rows]


def kept_cells(tx: Connection, connection: str) -> list[CellKey]:
    """Every cell that is kept true, in order."""
    query = select(stock.c.sku, stock.c.location).where(stock.c.connection == connection, text(KEPT))
    rows = tx.execute(query.order_by(stock.c.sku, stock.c.location))
    return [CellKey(Sku(row.sku), LocationId(row.location)) for row in rows]


def cells_at(tx: Connection, connection: str, locations: Collection[LocationId]) -> list[CellKey]:
    """Every known cell at these locations, active or not."""
    query = select(stock.c.sku, stock.c.location).where(
        stock.c.connection == connection, stock.c.location.in_(sorted(locations))
    )
    return [CellKey(Sku(row.sku), LocationId(row.location)) for row in tx.execute(query)]


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
