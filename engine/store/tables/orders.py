"""Orders as the shop knows them, with their units per cell."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, Text

from engine.store.columns import Amount, UtcTime
from engine.store.tables.parts import connection, count, metadata, words

shop_order = Table(
    "shop_order",
    metadata,
    connection(primary_key=True),
    Column("order_id", Text, primary_key=True),
    words("name"),
    Column("placed_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    words("body", "{}"),
    words("state"),
    Column("total", Amount),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("document_id", Text),
    words("document_status"),
    words("document_lines", "[]"),
    Column("document_at", UtcTime),
    Index("ix_shop_order_first_seen_at", "first_seen_at"),
    Index("ix_shop_order_placed_at", "placed_at"),
    Index("ix_shop_order_name", "connection", "name"),
)

order_cell = Table(
    "order_cell",
    metadata,
    connection(primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    count("committed"),
    count("fulfilled"),
    Column("fulfilled_at", UtcTime),
    count("restocked"),
    ForeignKeyConstraint(["connection", "order_id"], ["shop_order.connection", "shop_order.order_id"]),
    Index("ix_order_cell_sku", "connection", "sku"),
)
