"""What a person wants the back office to be told, in force until somebody ends it."""

from sqlalchemy import Column, Table

from engine.store.columns import RowId, UtcTime
from engine.store.tables.hold import IN_FORCE
from engine.store.tables.parts import connection, metadata, partial, words

wording = Table(
    "wording",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("kind", None),
    words("name", None),
    words("field"),
    words("said"),
    words("instead_of"),
    words("stale"),
    words("set_by"),
    Column("set_at", UtcTime, nullable=False),
    words("ended_by"),
    Column("ended_at", UtcTime),
)
partial(
    "uq_wording_subject",
    *(wording.c[name] for name in ("connection", "kind", "name", "field")),
    where=IN_FORCE,
    unique=True,
)
