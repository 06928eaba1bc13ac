"""The hash-chained ledger."""

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, metadata, partial, words

BY_PEOPLE = (
    "(actor <> 'engine' AND action NOT IN "
    "('received', 'level moved', 'levels listed', 'another item', 'shelf moved') OR action = 'command done')"
)
"""Neither what the engine did by itself nor what a remote told, whatever the name of the person; and what came of it.

Condition of the index over what people did; a query must repeat it word for word to use it."""

ledger = Table(
    "ledger",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    connection(),
    Column("n", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    words("actor", None),
    words("action", None),
    words("entity", None),
    words("detail"),
    words("prev_hash", None),
    words("hash", None),
    UniqueConstraint("connection", "n"),
    Index("ix_ledger_entity", "entity", "seq"),
    Index("ix_ledger_action", "action", "at"),
)

partial("ix_ledger_people", ledger.c.seq, where=BY_PEOPLE)

ledger_head = Table(
    "ledger_head",
    metadata,
    connection(primary_key=True),
    count("n"),
    words("hash", None),
)
