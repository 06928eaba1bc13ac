"""Stock cells and the places they are in."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from engine.store.columns import UtcTime
from engine.store.tables.parts import connection, count, flag, metadata, partial, words

DIRTY = "dirty_lane IS NOT NULL"
KEPT = "active AND tracked"
OVER = "available < 0"
FALL = "base IS NOT NULL AND seen_low < 0"
"""It holds less than was agreed on, and nobody knows why yet."""
SELLING = "sold_steady > 0"
"""The back office sells there by itself."""

stock = Table(
    "stock",
    metadata,
    connection(primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    words("item"),
    words("title"),
    flag("active"),
    flag("tracked"),
    Column("on_hand", Integer),
    Column("available", Integer),
    Column("committed", Integer),
    Column("level_at", UtcTime),
    Column("erp_on_hand", Integer),
    Column("erp_reserved", Integer),
    Column("erp_at", UtcTime),
    Column("base", Integer),
    count("pos"),
    count("ver"),
    Column("seen_low", Integer),
    Column("seen_at", UtcTime),
    Column("target", Integer),
    words("terms", "{}"),
    Column("agreed_at", UtcTime),
    Column("published_at", UtcTime),
    Column("push_ms", Integer),
    Column("dirty_lane", Integer),
    Column("dirty_at", UtcTime),
    Column("due_at", UtcTime),
    count("dirty_seq"),
    words("dirty_reason"),
    count("attempt"),
    Column("failed_at", UtcTime),
    words("cause"),
    words("remedy"),
    words("code"),
    words("log"),
    Column("sold_rate", Float, nullable=False, server_default="0"),
    Column("sold_outside", Integer),
    Column("sold_at", UtcTime),
    Column("sold_steady", Float, nullable=False, server_default="0"),
    Index("ix_stock_published_at", "published_at"),
    Index("ix_stock_sku", "sku"),
    Index("ix_stock_item", "connection", "item"),
)
partial("ix_stock_dirty", stock.c.connection, stock.c.dirty_lane, stock.c.dirty_at, where=DIRTY)
partial("ix_stock_kept", stock.c.connection, where=KEPT)
partial("ix_stock_conflict", stock.c.connection, where="pos > 0")
partial("ix_stock_fall", stock.c.connection, where=FALL)
partial("ix_stock_over", stock.c.connection, where=OVER)
partial("ix_stock_selling", stock.c.sold_at, where=SELLING)
partial("ix_stock_failed", stock.c.connection, where="failed_at IS NOT NULL")

place = Table(
    "place",
    metadata,
    connection(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    words("name"),
    flag("active"),
    Column("seen_at", UtcTime, nullable=False),
)
