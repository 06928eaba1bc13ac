"""Made-up stock: rows that are the same every time, narrowed and sorted as the engine does it."""

from collections.abc import Callable, Sequence

from console.canned_lists import PLACES
from console.canned_time import NOW, before
from engine.desk import StockCell, StockRow
from engine.desk.stock import FIELDS, TOTAL
from engine.model.wish import fits, parse

LOCATIONS = tuple(PLACES.items())
FIGURES = (3, 0, 5, 55, 0, 21, 13, 1, 144, 2, 8, 999, -1)
STATES = ("ok",) * 9 + ("waiting",) + ("ok",) * 20 + ("conflict", "failed", "inactive", "unknown")
NOUNS = ("Oak Mug", "Ruby Jacket", "Pearl Lamp", "Steel Filter", "Sand Tray", "Navy Blanket", "Amber Drill")
SOUGHT = 2_000
"""The made-up shop is sought through and sorted no further."""
KINDS = ("Hard", "Basic", "Eco", "Slim", "Gloss", "Heavy")


def stock_row(index: int, locations: Sequence[tuple[str, str]] = LOCATIONS) -> StockRow:
    """SKU number `index`, the same every time."""
    cells: list[StockCell | None] = []
    for at, (place, name) in enumerate(locations):
        figure = FIGURES[(index * 7 + at * 5) % len(FIGURES)]
        state = STATES[(index * 11 + at * 3) % len(STATES)]
        cell = StockCell(
            place, name, figure + 2, figure, 2, figure + 2, figure + 4, 2, state, before(33), before(20)
        )
        cells.append(None if (index + at) % 17 == 16 else cell)
    title = f"{KINDS[index % 6]} {NOUNS[index % 7]} {10 + index * 37 % 89}cm"
    code = "ABCDEHKLMN"[index % 10] + "TXGRWV"[index % 6]
    total = sum(cell.available or 0 for cell in cells if cell)
    return StockRow(f"{code}-{index:06}", title, total, tuple(cells))


def chosen(
    row: Callable[[int], StockRow], size: int, filter: str, sort: str, *, descending: bool
) -> Sequence[int]:
    """Numbers of the SKUs that fit, in order; only so many are looked through."""
    found: Sequence[int] = range(size)
    if filter:
        found = [at for at in range(min(size, SOUGHT)) if _fits(row(at), filter)]
    if sort not in ("", "sku"):
        some = found[:SOUGHT]
        return sorted(some, key=lambda at: _by(row(at), sort), reverse=descending)
    return found[::-1] if descending else found


def _fits(row: StockRow, filter: str) -> bool:
    terms = parse(filter, FIELDS)
    whole = [term for term in terms if term.field in ("", TOTAL)]
    of_cell = [term for term in terms if term not in whole]
    cells = [_fields(cell) for cell in row.cells if cell is not None]
    return fits(whole, {"sku": row.sku, "title": row.title, TOTAL: row.total}, NOW) and (
        not of_cell or any(fits(of_cell, {"sku": row.sku, "title": row.title, **cell}, NOW) for cell in cells)
    )


def _fields(cell: StockCell) -> dict[str, object]:
    known = {name: getattr(cell, name) for name in FIELDS if hasattr(cell, name)}
    return {**known, "location": cell.location_name, "seen": cell.seen_at, "published": cell.published_at}


def _by(row: StockRow, sort: str) -> tuple[object, ...]:
    cells = [cell for cell in row.cells if cell is not None]
    match sort:
        case "available":
            return (min((cell.available or 0 for cell in cells), default=0),)
        case "seen":
            return (min((cell.seen_at or NOW for cell in cells), default=NOW),)
    return (row.title if sort == "title" else row.total,)
