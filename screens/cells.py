"""Rows of the desk as cells: pure functions, and the only place where foreign text enters a table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from screens.pages import Row
from screens.safe import safe
from screens.status import sign
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, count, moment

if TYPE_CHECKING:
    from engine.desk import FailedRow, RemoteHealth, StockCell, StockRow

LOW = 3
"""Available units below which a cell is marked low."""
LEGEND = "X oversold ! zero v low * on its way x failed c conflict - off ? unknown"
REMOTE_COLUMNS = (
    Column("STATE", 8),
    Column("CONNECTION", 10),
    Column("REMOTE", 11),
    Column("LAST OK", 11),
    Column("AGE", 9, right=True),
    Column("NOTE", 0),
)
FAILED_COLUMNS = (
    Column("ID", 6, right=True),
    Column("FIRST", 11),
    Column("KIND", 5),
    Column("WHERE", 8),
    Column("RECORD", 12),
    Column("TRIES", 5, right=True),
    Column("WHOSE", 8, from_width=100),
    Column("TAGS", 10, from_width=100),
    Column("ERROR", 0),
)
OUTCOMES = {"held": "held: a person must change something", "dead_lettered": "given up after its last try",
            "uncertain": "uncertain: it may have happened"}  # fmt: skip


def stock_columns(locations: tuple[tuple[str, str], ...], width: int) -> tuple[Column, ...]:
    """A column per location, as wide as the terminal lets all of them be."""
    room = (width - 60) // max(1, len(locations)) - 1
    each = max(6, min(13, room))
    places = tuple(Column(_head(name or id, each), each, right=True, moves=True) for id, name in locations)
    return (Column("SKU", 12), Column("TOTAL", 6, right=True), *places, Column("TITLE", 0))


def stock_row(row: StockRow) -> Row:
    """One SKU: total and one cell for each location, the title last."""
    total = (count(row.total, 6), "bad" if row.total < 0 else "strong")
    cells = tuple(stock_cell(cell) for cell in row.cells)
    return Row(row.sku, ((safe(row.sku), ""), total, *cells, (safe(row.title), "")))


def stock_cell(cell: StockCell | None) -> Part:
    """Available units with the symbol of the cell's state."""
    if cell is None:
        return "· ", "muted"
    number = cell.available
    figure = count(number, 5)
    match cell.state:
        case "failed":
            return f"{figure}x", "bad"
        case "conflict":
            return f"{figure}c", "warn"
        case "inactive":
            return f"{figure}-", "muted"
        case "unknown":
            return f"{figure}?", "muted"
    if number is not None and number < 0:
        return f"{figure}X", "bad"
    if cell.state == "waiting":
        return f"{figure}*", "busy"
    if number == 0:
        return f"{figure}!", "warn"
    if number is not None and number < LOW:
        return f"{figure}v", "warn"
    return f"{figure} ", ""


def remote_row(remote: RemoteHealth, now: datetime) -> Row:
    """One remote of one connection."""
    symbol, tone = sign(remote.state)
    return Row(
        f"{remote.connection}\n{remote.remote}",
        (
            (f"{symbol} {safe(remote.state)}", tone),
            (safe(remote.connection), ""),
            (safe(remote.remote), ""),
            (moment(remote.last_ok, now), ""),
            (ago(remote.last_ok, now), "muted"),
            (safe(remote.detail), ""),
        ),
    )


def failed_row(row: FailedRow, now: datetime) -> Row:
    """One record that waits for a person."""
    return Row(
        str(row.id),
        (
            (str(row.id), ""),
            (moment(row.first_at, now), ""),
            (safe(row.kind), ""),
            (safe(row.connection), ""),
            (safe(row.ref), "strong"),
            (str(row.tries), ""),
            (safe(row.assignee), ""),
            (safe(row.tags), "muted"),
            (f"= {safe(row.parked)}", "muted")
            if row.parked
            else (safe(row.cause), "warn" if row.state == "uncertain" else "bad"),
        ),
    )


def _head(name: str, width: int) -> str:
    """A location's name ending above the digits of its column."""
    shown = safe(name)[:width]
    while cell_len(shown) > width:
        shown = shown[:-1]
    return shown if cell_len(shown) == width else shown + " "
