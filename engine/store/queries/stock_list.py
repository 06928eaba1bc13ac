"""Which SKUs of the stock page fit a filter, and in which order they come.

Words are sought in SKU and title. Conditions of a field are about a cell: a SKU fits when one of its cells fulfils
all of them together (`location:berlin available:<3`); `total` is about all its cells.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Select, String, case, func, not_, select
from sqlalchemy.sql.elements import ColumnElement

from engine.desk.stock import FIELDS, TOTAL
from engine.model.wish import Term, parse
from engine.store.queries.narrowed import Fields, bytewise, condition
from engine.store.queries.searched import found
from engine.store.tables import place, stock

STATE = case(
    (not_(stock.c.active) | not_(stock.c.tracked), "inactive"),
    (stock.c.failed_at.is_not(None), "failed"),
    (stock.c.pos > 0, "conflict"),
    (stock.c.dirty_lane.is_not(None), "waiting"),
    (stock.c.agreed_at.is_(None), "unknown"),
    else_="ok",
)
"""The worst that can be said of a cell."""
UNITS = func.sum(func.coalesce(stock.c.on_hand, 0))
SORTS: Fields = {
    "title": func.min(stock.c.title),
    TOTAL: UNITS,
    "available": func.min(stock.c.available),
    "seen": func.min(stock.c.level_at),
}
"""By its lowest cell, or by the one seen longest ago."""
LARGE = 50_000
"""Cells from which on what was found is used again for a while: to find it takes longer than a page may."""
LASTS = timedelta(seconds=10)
KEPT = 8
"""Orders and sets of one store that are held."""

Grown = Callable[[Connection], int]
_held: WeakKeyDictionary[Engine, OrderedDict[object, tuple[datetime, tuple[str, ...]]]] = WeakKeyDictionary()


def listed(
    tx: Connection, filter: str, sort: str, descending: bool, now: datetime, grown: Grown
) -> Sequence[str]:
    """Every SKU that fits, in order; by SKU where `sort` is no field to sort by."""
    terms = parse(filter, FIELDS)
    words = [term for term in terms if not term.field]
    matching = found(tx, words, now, grown)
    kept: list[Collection[str]] = []
    if sort in SORTS:
        if words:
            kept.append(set(matching))
        matching = _read(tx, _sorted(tx, sort, descending), (sort, descending), now, grown)
    elif descending:
        matching = matching[::-1]
    of_fields = tuple(term for term in terms if term.field)
    if of_fields:
        kept.append(set(_read(tx, _fitting(tx, of_fields, now), of_fields, now, grown)))
    return [sku for sku in matching if all(sku in some for some in kept)] if kept else matching


def _sorted(tx: Connection, sort: str, descending: bool) -> Select[Any]:
    by = SORTS[sort]
    by = bytewise(tx, by) if isinstance(by.type, String) else by
    way = by.desc().nulls_last() if descending else by.asc().nulls_last()
    return select(stock.c.sku).group_by(stock.c.sku).order_by(way, bytewise(tx, stock.c.sku))


def _fitting(tx: Connection, terms: Collection[Term], now: datetime) -> Select[Any]:
    """SKUs with a cell that fulfils the conditions about cells, and whose total those about that."""
    whole = [condition(term, {TOTAL: UNITS}, (), now) for term in terms if term.field == TOTAL]
    fields = _fields(tx)
    of_cell = [condition(term, fields, (), now) for term in terms if term.field != TOTAL]
    query = select(stock.c.sku).group_by(stock.c.sku).where(*of_cell)
    if whole and of_cell:
        return query.where(
            stock.c.sku.in_(select(stock.c.sku).group_by(stock.c.sku).having(*whole).scalar_subquery())
        )
    return query.having(*whole)


def _fields(tx: Connection) -> Fields:
    names = {row.id: row.name for row in tx.execute(select(place).where(place.c.side == "shop")) if row.name}
    at: ColumnElement[Any] = stock.c.location
    where = case(names, value=at, else_=at) if names else at
    apart: dict[str, ColumnElement[Any]] = {
        "location": where,
        "state": STATE,
        "seen": stock.c.level_at,
        "published": stock.c.published_at,
    }
    return {name: apart[name] if name in apart else stock.c[name] for name in FIELDS if name != TOTAL}


def _read(tx: Connection, query: Select[Any], key: object, now: datetime, grown: Grown) -> tuple[str, ...]:
    """Its SKUs; of a large store as they were some seconds ago, so that pages follow on each other."""
    held = _held.setdefault(tx.engine, OrderedDict())
    at, skus = held.get(key, (None, ()))
    if at is None or not timedelta() <= now - at < LASTS or grown(tx) < LARGE:
        rows = tx.execute(query, execution_options={"yield_per": 5000}).scalars()
        skus = tuple(rows)
        held[key] = now, skus
        while len(held) > KEPT:
            held.popitem(last=False)
    return skus
