"""The stock page: SKUs down, locations across."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select, false, func, select, text

from engine.desk import StockCell, StockPage, StockRow
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.queries.narrowed import bytewise
from engine.store.queries.stock_list import STATE, listed
from engine.store.rows import CellState
from engine.store.tables import KEPT, place, stock
from engine.store.verbs.stock import cell_state

CELLS = select(
    stock.c.sku, stock.c.title, stock.c.location, stock.c.on_hand, stock.c.available, stock.c.committed,
    stock.c.target, stock.c.erp_on_hand, stock.c.erp_reserved, STATE, stock.c.published_at, stock.c.level_at,
)  # fmt: skip
"""In the order of the fields of StockCell."""
STEP = 200
"""SKUs between two milestones of the listing."""


def stock_page(
    tx: Connection,
    *,
    filter: str,
    offset: int,
    limit: int,
    now: datetime,
    sort: str = "",
    descending: bool = False,
) -> StockPage:
    """SKUs that fit the filter (`engine.desk.stock`), by SKU unless told otherwise."""
    if filter or descending or sort not in ("", "sku"):
        matching = listed(tx, filter, sort, descending, now, _grown)
        total, skus = len(matching), matching[offset : offset + limit]
    else:
        total, ordered = _whole(tx, offset)
        skus = list(tx.execute(ordered.offset(offset % STEP).limit(limit)).scalars())
    names = place_names(tx)
    cells: dict[str, dict[str, StockCell]] = {sku: {} for sku in skus}
    titles: dict[str, str] = {}
    for sku, title, location, *figures in tx.execute(CELLS.where(stock.c.sku.in_(skus))):
        cells[sku][location] = StockCell(location, names.get(location, location), *figures)
        titles[sku] = titles.get(sku) or title
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
                total=sum(cell.on_hand or 0 for cell in of_sku.values()),
                cells=tuple([of_sku.get(location) for location, _ in columns]),
            )
            for sku, of_sku in cells.items()
        ),
    )


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
    """`_grown` when it was read."""
    total: int
    skus: tuple[str, ...]
    """Every STEP-th of them, from the first on."""


_roads: WeakKeyDictionary[Engine, _Road] = WeakKeyDictionary()


def _milestones(tx: Connection) -> _Road:
    """Read again when there are more cells than before; cells are added, never taken away or renamed."""
    cells = _grown(tx)
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


def _grown(tx: Connection) -> int:
    """A number that grows with each new cell. SQLite gives one without a walk over all of them."""
    cells = text("max(rowid)") if tx.dialect.name == "sqlite" else func.count()
    return tx.execute(select(cells).select_from(stock)).scalar_one() or 0


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


def _columns(tx: Connection, used: set[str]) -> tuple[tuple[str, str], ...]:
    """Active locations and those that hold a cell of the page, by name."""
    rows = tx.execute(select(place).where(place.c.side == "shop")).all()
    named = {row.id: row.name for row in rows if row.active or row.id in used}
    named |= {location: location for location in used if location not in named}
    return tuple(sorted(named.items(), key=lambda item: (item[1], item[0])))
