"""What people noted about a record that waits for them."""

from sqlalchemy import Column, ForeignKey, Table

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import metadata, words

work_mark = Table(
    "work_mark",
    metadata,
    Column("work_id", RowId, ForeignKey("work.id"), primary_key=True, autoincrement=False),
    words("assignee"),
    words("tags"),
    words("parked"),
    Column("changed_at", UtcTime, nullable=False),
    words("changed_by"),
)
