"""Plans: what would be written and why, kept until somebody runs them."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, metadata, words

plan = Table(
    "plan",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("subject", None),
    words("made_by"),
    Column("made_at", UtcTime, nullable=False),
    Column("ready_at", UtcTime),
    count("compared"),
    words("applied_by"),
    Column("applied_at", UtcTime),
    Index("ix_plan_connection", "connection", "id"),
)

plan_row = Table(
    "plan_row",
    metadata,
    Column("plan_id", RowId, ForeignKey("plan.id"), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("before", Integer, nullable=False),
    Column("after", Integer),
    words("cause", None),
    words("state", None),
    words("note"),
    Column("settled_at", UtcTime),
    CheckConstraint("state IN ('planned', 'shown', 'applied', 'refused')", name="state"),
)
"""`after` is empty where the rule cannot say; `shown` rows are not written, a person has to act."""
