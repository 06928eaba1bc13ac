"""A full comparison in a scratch file: both sides' figures are staged, and one join yields the cells that differ.

A cell is as it was when both sides last agreed on it: the shop holds what it held then, and the back office's
figures are the ones then looked at. Everything else that moves a target (orders, documents, decisions) marks its cells
by itself. So only cells whose figures moved, that never agreed, or that came or went need a look, and memory stays
bounded however many cells there are.
"""

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Select, and_, case, select, text

from engine.model.ids import ItemId, LocationId, Sku, WarehouseId
from engine.model.stock import CellKey, ShopLevel, StockSnapshot, item_name
from engine.store.chosen import chosen
from engine.store.sqlite import driver
from engine.store.tables import DIRTY, stock

SCHEMA = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;
    CREATE TABLE place (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
    CREATE TABLE level (
        sku TEXT, place INTEGER, on_hand INTEGER, available INTEGER, committed INTEGER, flags INTEGER, item TEXT,
        title TEXT, PRIMARY KEY (sku, place)
    ) WITHOUT ROWID;
    CREATE TABLE item (sku TEXT, id TEXT, title TEXT, PRIMARY KEY (sku, id)) WITHOUT ROWID;
    CREATE TABLE shelf (
        sku TEXT, place INTEGER, on_hand INTEGER, reserved INTEGER, PRIMARY KEY (sku, place)
    ) WITHOUT ROWID;
    CREATE TABLE known (
        sku TEXT, place INTEGER, on_hand INTEGER, erp_on_hand INTEGER, erp_reserved INTEGER, flags INTEGER,
        PRIMARY KEY (sku, place)
    ) WITHOUT ROWID;
"""
ACTIVE, TRACKED, AGREED, DUE = 1, 2, 4, 8
"""Bits of `flags`."""
MOVED = """
    SELECT level.sku, place.id, level.on_hand, level.available, level.committed, level.flags, level.item, level.title
    FROM level JOIN place ON place.n = level.place
    LEFT JOIN known ON known.sku = level.sku AND known.place = level.place
    LEFT JOIN shelf ON shelf.sku = level.sku AND shelf.place = level.place
    WHERE known.sku IS NULL
       OR known.flags & 3 != level.flags
       OR (level.flags = 3 AND known.flags & 8 = 0 AND (
              known.flags & 4 = 0
           OR known.on_hand IS NOT level.on_hand
           OR known.erp_on_hand IS NOT ifnull(shelf.on_hand, 0)
           OR known.erp_reserved IS NOT ifnull(shelf.reserved, 0)))
"""
"""Levels that nobody knew, that were switched on or off, or whose figures on either side moved."""
GONE = """
    SELECT known.sku, place.id FROM known JOIN place ON place.n = known.place
    LEFT JOIN level ON level.sku = known.sku AND level.place = known.place
    WHERE level.sku IS NULL AND known.flags & 1
"""
"""Levels that were active and are not listed any more."""
UNSTOCKED = """
    SELECT shelf.sku, place.id, (
        SELECT other.item FROM level AS other WHERE other.sku = shelf.sku AND other.flags & 2 LIMIT 1
    ) AS its_item
    FROM shelf JOIN place ON place.n = shelf.place
    LEFT JOIN level ON level.sku = shelf.sku AND level.place = shelf.place
    WHERE shelf.on_hand > 0 AND (level.sku IS NULL OR level.flags & 1 = 0) AND its_item IS NOT NULL
"""
"""Items that the back office has at a location where the shop does not stock them."""
LEVEL = """
    INSERT INTO level VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET on_hand = excluded.on_hand, available = excluded.available,
        committed = excluded.committed, flags = excluded.flags, title = excluded.title
    WHERE excluded.item = level.item
"""
TWICE = """
    SELECT sku, id, title FROM item WHERE sku IN (SELECT sku FROM item GROUP BY sku HAVING count(*) > 1) ORDER BY sku, id
"""
BATCH = 5000
Row = tuple[Any, ...]


class Scratch:
    """Two sides and what we knew of them, staged; a file that is gone when it is closed. One thread at a time."""

    def __init__(self, *, large: bool = True) -> None:
        """A comparison of a few cells needs no file."""
        self._folder = tempfile.TemporaryDirectory(prefix="trueup-compare-") if large else None
        name = str(Path(self._folder.name) / "scratch.db") if self._folder else ":memory:"
        self._db: Any = driver().connect(name, isolation_level=None, check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN")
        self._places: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._db.close()
        if self._folder is not None:
            with suppress(OSError):  # the system clears its temporary folder
                self._folder.cleanup()

    def add_levels(self, levels: Iterable[ShopLevel]) -> None:
        """Levels as the shop told them; the later one of the same item stays, the first item of the same SKU."""
        place, levels = self._place, tuple(levels)
        self._db.executemany(
            "INSERT OR IGNORE INTO item VALUES (?, ?, ?)",
            {(one.sku, one.item): (one.sku, one.item, one.title) for one in levels}.values(),
        )
        self._db.executemany(
            LEVEL,
            [
                (
                    one.sku, place(one.location), one.on_hand, one.available, one.committed,
                    ACTIVE * one.active + TRACKED * one.tracked, one.item, one.title,
                )
                for one in levels
            ],
        )  # fmt: skip

    def add_shelves(
        self,
        snapshot: StockSnapshot,
        location_of: Mapping[WarehouseId, LocationId],
        only: Collection[CellKey] | None = None,
    ) -> None:
        """The back office's figures, all warehouses behind a location together; of all cells or of these."""
        shelves = snapshot.shelves
        if only is not None:
            behind: dict[LocationId, list[WarehouseId]] = defaultdict(list)
            for warehouse, location in location_of.items():
                behind[location].append(warehouse)
            named = [(key.sku, warehouse) for key in only for warehouse in behind[key.location]]
            shelves = {shelf: shelves[shelf] for shelf in named if shelf in shelves}
        place = {warehouse: self._place(location) for warehouse, location in location_of.items()}
        sums: dict[tuple[str, int], tuple[int, int]] = {}
        for (sku, warehouse), shelf in shelves.items():
            at = place.get(warehouse)
            if at is not None:
                on_hand, reserved = sums.get((sku, at), (0, 0))
                sums[sku, at] = on_hand + shelf.on_hand, reserved + shelf.reserved
        self._db.executemany(
            "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?, ?)",
            [(sku, at, *figures) for (sku, at), figures in sums.items()],
        )

    def add_known(self, tx: Connection, connection: str, only: Collection[CellKey] | None = None) -> int:
        """What both sides held when they last agreed, of all cells or of these; how many cells."""
        query = select(
            stock.c.sku,
            stock.c.location,
            stock.c.on_hand,
            stock.c.erp_on_hand,
            stock.c.erp_reserved,
            _flags(),
        ).where(stock.c.connection == connection)
        if only is None:
            return self._known(tx, query.order_by(stock.c.sku, stock.c.location))
        return sum(self._known(tx, query.where(here)) for here in chosen(only))

    def _known(self, tx: Connection, query: Select[Any]) -> int:
        count, place = 0, self._place
        for rows in tx.execute(query, execution_options={"yield_per": BATCH}).partitions():
            self._db.executemany(
                "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?)",
                [(sku, place(at), *figures) for sku, at, *figures in rows],
            )
            count += len(rows)
        return count

    def moved(self) -> Iterator[tuple[ShopLevel, ...]]:
        """Levels to be looked at, some at a time."""
        found = self._db.execute(MOVED)
        while rows := found.fetchmany(BATCH):
            yield tuple(_level(row) for row in rows)

    def gone(self) -> list[CellKey]:
        """Cells that were active and that the shop does not list any more."""
        return [CellKey(Sku(sku), LocationId(at)) for sku, at in self._db.execute(GONE)]

    def twice(self) -> dict[Sku, tuple[str, ...]]:
        """SKUs of several items, with those items by title and id."""
        found: dict[Sku, tuple[str, ...]] = {}
        for sku, item, title in self._db.execute(TWICE):
            found[Sku(sku)] = (*found.get(Sku(sku), ()), item_name(item, title))
        return found

    def unstocked(self) -> list[tuple[CellKey, ItemId]]:
        """Tracked items that the back office has where the shop does not stock them."""
        rows = self._db.execute(UNSTOCKED)
        return [(CellKey(Sku(sku), LocationId(at)), ItemId(item)) for sku, at, item in rows]

    def _place(self, location: str) -> int:
        n = self._places.get(location)
        if n is None:
            n = self._places[location] = len(self._places) + 1
            self._db.execute("INSERT INTO place VALUES (?, ?)", (n, location))
        return n


def _flags() -> Any:
    """ACTIVE, TRACKED, AGREED (and nothing failed since), DUE in one number."""
    agreed = and_(stock.c.agreed_at.is_not(None), stock.c.base.is_not(None), stock.c.failed_at.is_(None))
    bits = ((stock.c.active, ACTIVE), (stock.c.tracked, TRACKED), (agreed, AGREED), (text(DIRTY), DUE))
    cases = [case((condition, bit), else_=0) for condition, bit in bits]
    return cases[0] + cases[1] + cases[2] + cases[3]


def _level(row: Row) -> ShopLevel:
    sku, at, on_hand, available, committed, flags, item, title = row
    return ShopLevel(
        Sku(sku), ItemId(item), LocationId(at), bool(flags & ACTIVE), bool(flags & TRACKED), on_hand, available,
        committed, title,
    )  # fmt: skip
