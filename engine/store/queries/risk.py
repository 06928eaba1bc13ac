"""Cells that sell and cells that sold too much, each with how fast, how long it lasts, and what may go wrong."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, and_, func, select, text, true
from sqlalchemy.sql.elements import ColumnElement

from engine.desk.risk import TREND, RiskPage, RiskRow
from engine.model.hold import EVERY
from engine.stock.advice import SOON, Advice, advice
from engine.stock.risk import THRESHOLD, Exposure, oversell
from engine.stock.velocity import MEMORY, STEADY, Sold, pace, weighed
from engine.store.queries.stock import place_names
from engine.store.tables import KEPT, OVER, SELLING, order_cell, shop_order, stock
from engine.store.verbs.hold import holds
from engine.store.verbs.pace import measured_lag

WINDOW = STEADY * 3
"""Older sales weigh less than a twentieth and are left out."""
MOST = 2000
"""Cells that are told in full; those that last longest are counted only."""
CHUNK = 400
MINUTE = timedelta(minutes=1)


class Cell(NamedTuple):
    """A cell of one of several connections."""

    connection: str
    sku: str
    location: str


@dataclass(slots=True)
class _Selling:
    """What is known of a cell's sales."""

    web: list[tuple[datetime, int]] = field(default_factory=list)
    open_orders: int = 0


def risk_page(tx: Connection, now: datetime, connection: str | None = None) -> RiskPage:
    """The cells of one connection or of all, the soonest empty first."""
    sales = _web_sales(tx, now, connection)
    rows = _rows(tx, sales, now, connection)
    lags = {name: measured_lag(tx, name, now) for name in {cell.connection for cell in rows}}
    exposed = {
        cell: _exposure(row, sales.get(cell), lags[cell.connection], now)
        for cell, row in rows.items()
        if row.active and row.tracked
    }
    moving = [cell for cell, one in exposed.items() if one.velocity or one.offered < 0]
    moving.sort(key=lambda cell: (_left(exposed[cell]), exposed[cell].offered, cell))
    shown = moving[:MOST]
    wanted = {cell for cell in shown if _wants_help(exposed[cell])}
    places = place_names(tx)
    elsewhere = _elsewhere(tx, wanted, exposed, sales, lags, now)
    waiting = _open_orders(tx, shown)
    held = {Cell(one.connection, one.sku, one.location): one.text for one in holds(tx, connection)}
    return RiskPage(
        as_of=now,
        threshold=THRESHOLD,
        rows=tuple(
            _row(
                rows[cell],
                exposed[cell],
                sales.get(cell, _Selling()),
                waiting.get(cell, 0),
                advice(exposed[cell], elsewhere.get((cell.connection, cell.sku), {})),
                places,
                held,
                now,
            )
            for cell in shown
        ),
        more=len(moving) - len(shown),
    )


def _of(table: Table, connection: str | None) -> ColumnElement[bool]:
    return true() if connection is None else table.c.connection == connection


def _web_sales(tx: Connection, now: datetime, connection: str | None) -> dict[Cell, _Selling]:
    """Units of the shop's orders of late by cell, as they were placed."""
    units = order_cell.c.committed + order_cell.c.fulfilled
    placed = (
        select(
            order_cell.c.connection, order_cell.c.sku, order_cell.c.location, shop_order.c.placed_at, units.label("units")
        )
        .join(
            shop_order,
            and_(
                shop_order.c.connection == order_cell.c.connection,
                shop_order.c.order_id == order_cell.c.order_id,
            ),
        )
        .where(shop_order.c.placed_at > now - WINDOW, units > 0, _of(shop_order, connection))
    )  # fmt: skip
    found: dict[Cell, _Selling] = defaultdict(_Selling)
    for owner, sku, location, at, count in tx.execute(placed):
        found[Cell(owner, sku, location)].web.append((at, count))
    return dict(found)


def _rows(
    tx: Connection, sales: Mapping[Cell, _Selling], now: datetime, connection: str | None
) -> dict[Cell, Any]:
    """The cells that sold of late on either side, or hold less than nothing."""
    cells = select(stock).where(_of(stock, connection))
    moving = cells.where(text(SELLING), stock.c.sold_at > now - WINDOW)
    rows = [*tx.execute(moving), *tx.execute(cells.where(text(OVER), text(KEPT)))]
    found = {_key(row): row for row in rows}
    missing = {cell.sku for cell in sales if cell not in found}
    for row in _of_skus(tx, missing):
        if _key(row) in sales:
            found[_key(row)] = row
    return found


def _of_skus(tx: Connection, skus: Collection[str]) -> list[Any]:
    found: list[Any] = []
    names = sorted(skus)
    for start in range(0, len(names), CHUNK):
        found += tx.execute(select(stock).where(stock.c.sku.in_(names[start : start + CHUNK]))).all()
    return found


def _exposure(row: Any, sales: _Selling | None, lag: timedelta, now: datetime) -> Exposure:
    erp = Sold(row.sold_rate, row.sold_outside, row.sold_at, row.sold_steady)
    web = [] if sales is None else sales.web
    waits = now - row.dirty_at if row.dirty_at is not None else timedelta(0)
    return Exposure(
        offered=row.available or 0,
        held_back=int(orjson.loads(row.terms).get("buffer", 0)),
        web=pace(weighed(web, now, MEMORY), weighed(web, now, STEADY)),
        outside=pace(erp.at_rate(now), erp.at_steady(now)),
        lag=max(lag, waits),
        unheard=max(lag, waits),
    )


def _left(cell: Exposure) -> timedelta:
    return timedelta.max if cell.to_zero is None else cell.to_zero


def _wants_help(cell: Exposure) -> bool:
    return _left(cell) <= SOON


def _elsewhere(
    tx: Connection,
    wanted: Collection[Cell],
    known: Mapping[Cell, Exposure],
    sales: Mapping[Cell, _Selling],
    lags: Mapping[str, timedelta],
    now: datetime,
) -> dict[tuple[str, str], dict[str, Exposure]]:
    """Every place that has one of these SKUs; a cell is among them too, and has nothing to spare for itself."""
    found: dict[tuple[str, str], dict[str, Exposure]] = defaultdict(dict)
    for row in _of_skus(tx, {cell.sku for cell in wanted}):
        cell = _key(row)
        if row.active and row.tracked and cell.connection in lags:
            exposed = known.get(cell) or _exposure(row, sales.get(cell), lags[cell.connection], now)
            found[cell.connection, cell.sku][cell.location] = exposed
    return found


def _open_orders(tx: Connection, cells: Collection[Cell]) -> dict[Cell, int]:
    """Orders that wait in these cells to be sent."""
    found: dict[Cell, int] = {}
    names = sorted({cell.sku for cell in cells})
    for start in range(0, len(names), CHUNK):
        counted = (
            select(order_cell.c.connection, order_cell.c.sku, order_cell.c.location, func.count())
            .where(order_cell.c.sku.in_(names[start : start + CHUNK]), order_cell.c.committed > 0)
            .group_by(order_cell.c.connection, order_cell.c.sku, order_cell.c.location)
        )
        found |= {Cell(*row[:3]): int(row[3]) for row in tx.execute(counted)}
    return found


def _row(
    row: Any,
    exposed: Exposure,
    sales: _Selling,
    open_orders: int,
    told: Advice,
    places: Mapping[str, str],
    held: Mapping[Cell, str],
    now: datetime,
) -> RiskRow:
    likely, left = oversell(exposed), exposed.to_zero
    return RiskRow(
        connection=row.connection,
        sku=row.sku,
        title=row.title,
        location=row.location,
        location_name=places.get(row.location, row.location),
        state=_state(exposed, likely),
        available=exposed.offered,
        held_back=exposed.held_back,
        web_per_hour=round(exposed.web * 3600, 1),
        outside_per_hour=round(exposed.outside * 3600, 1),
        minutes_to_zero=None if left is None else round(left / MINUTE, 1),
        oversell=round(likely, 4),
        lag_seconds=round(exposed.lag.total_seconds(), 1),
        open_orders=open_orders,
        trend=_trend(sales, now),
        act=told.act,
        units=told.units,
        source=places.get(told.source, told.source),
        hold=held.get(Cell(row.connection, row.sku, row.location), ""),
        stopped=held.get(Cell(row.connection, EVERY, row.location), ""),
    )


def _state(cell: Exposure, likely: float) -> str:
    if cell.offered < 0:
        return "over"
    if likely >= THRESHOLD:
        return "risk"
    return "soon" if _wants_help(cell) else "selling"


def _trend(sales: _Selling, now: datetime) -> tuple[int, ...]:
    minutes = [0] * TREND
    for at, units in sales.web:
        back = int(max(now - at, timedelta(0)) / MINUTE)
        if back < TREND:
            minutes[TREND - 1 - back] += units
    return tuple(minutes)


def _key(row: Any) -> Cell:
    return Cell(row.connection, row.sku, row.location)
