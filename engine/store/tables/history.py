"""What a stock cell was at every moment: one row per change of either side, per write and per decision."""

from sqlalchemy import Column, Index, Integer, Table

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, flag, metadata, words

LOOKS = ("published", "agreed")
"""Kinds of rows whose terms add up to the figure that stood in the shop afterwards."""

cell_event = Table(
    "cell_event",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("sku", None),
    words("location", None),
    Column("at", UtcTime, nullable=False),
    words("kind", None),
    words("cause"),
    words("reference"),
    flag("active"),
    Column("on_hand", Integer),
    Column("available", Integer),
    Column("committed", Integer),
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
    Index("ix_cell_event_cell", "connection", "sku", "location", "id"),
    Index("ix_cell_event_at", "at"),
)
