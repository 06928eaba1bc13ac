"""Cells whose level moved without a known cause."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from engine.desk.conflicts import TAKEN_OUT, ConflictRow
from engine.store.queries.discarded import discarded
from engine.store.queries.stock import place_names
from engine.store.tables import FALL, cell_event, stock


def conflicts(tx: Connection) -> list[ConflictRow]:
    """Rises that were written away, and falls that nothing explains yet; the oldest first."""
    rises = tx.execute(select(stock).where(stock.c.active, text("pos > 0"))).all()
    falls = tx.execute(select(stock).where(stock.c.active, text(FALL))).all()
    places = place_names(tx)
    found: list[ConflictRow] = []
    found += [_row(row, "rise", row.pos, _rose_at(tx, row), places) for row in rises]
    for row in falls:
        fall = _row(row, "fall", -row.seen_low, row.seen_at, places)
        found.append(replace(fall, who=_taken_out(tx, fall) or fall.who))
    return sorted(found, key=lambda one: (one.since is None, one.since, one.sku, one.location))


def _taken_out(tx: Connection, fall: ConflictRow) -> str:
    """The orders out of which the units were taken; empty unless they are all of the fall."""
    orders = discarded(tx, fall.connection, fall.sku, fall.location, fall.since)
    if not orders or sum(units for _, units in orders.values()) < fall.units:
        return ""
    return f"{TAKEN_OUT} {', '.join(name for name, _ in orders.values())}"


def _row(row: Any, kind: str, units: int, since: datetime | None, places: dict[str, str]) -> ConflictRow:
    name = places.get(row.location, row.location)
    return ConflictRow(
        row.connection, row.sku, row.title, row.location, name, kind, units, since, row.on_hand
    )


def _rose_at(tx: Connection, row: Any) -> datetime | None:
    """When the first of the units was written away that are still undecided."""
    of = (
        cell_event.c.connection == row.connection, cell_event.c.sku == row.sku, cell_event.c.location == row.location
    )  # fmt: skip
    clear = select(func.max(cell_event.c.id)).where(*of, cell_event.c.pos == 0).scalar_subquery()
    at = func.min(cell_event.c.at, type_=cell_event.c.at.type)
    found: datetime | None = tx.execute(
        select(at).where(*of, cell_event.c.pos > 0, cell_event.c.id > func.coalesce(clear, 0))
    ).scalar()
    return found
