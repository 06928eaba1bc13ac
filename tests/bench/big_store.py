"""Fills a store with 100,000 SKUs in 10 locations by bulk insert."""

from collections.abc import Iterator
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

SKUS, PLACES = 100_000, 10
AT = 1_795_000_000_000_000
"""A moment, in microseconds since 1970."""
COLUMNS = (
    "connection, sku, location, item, title, active, tracked, on_hand, available, committed, level_at, "
    "erp_on_hand, erp_reserved, erp_at, base, target, agreed_at, published_at"
)


def cells() -> Iterator[tuple[object, ...]]:
    for number in range(SKUS):
        sku, item = f"SKU-{number:06d}", f"gid://shopify/InventoryItem/{number}"
        title = f"Article {number} in Sand"
        for place in range(1, PLACES + 1):
            held = (number * 7 + place * 13) % 90
            location = f"gid://shopify/Location/{place}"
            yield (
                "main", sku, location, item, title, 1, 1, held + 2, held, 2, AT,
                held + 4, 4, AT, held + 2, held + 2, AT, AT,
            )  # fmt: skip


def fill(database: Path) -> None:
    """Put places and cells into an empty store."""
    db = sqlite.connect(str(database), isolation_level=None)
    try:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO place (connection, side, id, name, active, seen_at) VALUES ('main', 'shop', ?, ?, 1, ?)",
            [(f"gid://shopify/Location/{place}", f"City {place}", AT) for place in range(1, PLACES + 1)],
        )
        marks = ", ".join("?" * (COLUMNS.count(",") + 1))
        db.executemany(f"INSERT INTO stock ({COLUMNS}) VALUES ({marks})", cells())
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
