"""What has been taken over from another connector, and where TrueUp would have written something else than it did."""

from sqlalchemy import Column, Index, Table, Text

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, metadata, partial, words

STILL = "until IS NULL"

takeover = Table(
    "takeover",
    metadata,
    connection(primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("taken_at", UtcTime, nullable=False),
    words("taken_by", None),
    Column("since", UtcTime, nullable=False),
)
"""In force; a row that is given back goes, the ledger keeps both. `location` is empty for a whole subject; orders that
were placed before `since`, by the shop's clock, stay the other connector's."""

difference = Table(
    "shadow_difference",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("subject", None),
    words("key", None),
    words("location", None),
    words("field", None),
    words("ours", None),
    words("theirs", None),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
    Index("ix_shadow_difference_until", "until"),
)
"""A span of time in which a field was not as TrueUp would have written it; `key` is a SKU or the id of an order."""
partial(
    "uq_shadow_difference",
    *(difference.c[name] for name in ("connection", "subject", "key", "location", "field")),
    where=STILL,
    unique=True,
)
