"""Units that an operator holds back from sale for a while."""

from sqlalchemy import Column, Integer, Table

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, flag, metadata, partial, words

IN_FORCE = "ended_at IS NULL"

hold = Table(
    "hold",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("sku", None),
    words("location", None),
    Column("units", Integer, nullable=False),
    flag("everything"),
    words("set_by"),
    Column("set_at", UtcTime, nullable=False),
    Column("ends", UtcTime),
    words("ended_by"),
    Column("ended_at", UtcTime),
)
"""`ends` is empty for one that stays until somebody ends it; `everything` stops the sale of the cell."""
partial("uq_hold_cell", hold.c.connection, hold.c.sku, hold.c.location, where=IN_FORCE, unique=True)
