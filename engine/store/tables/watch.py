"""What is watched: listings, tallies, gaps, alerts, remotes and scheduled runs."""

from sqlalchemy import Column, Float, Index, Table, Text

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, metadata, partial, words

cursor = Table(
    "cursor",
    metadata,
    connection(primary_key=True),
    Column("name", Text, primary_key=True),
    words("value", None),
    Column("set_at", UtcTime, nullable=False),
)

tally = Table(
    "tally",
    metadata,
    connection(primary_key=True),
    Column("name", Text, primary_key=True),
    count("value"),
    Column("changed_at", UtcTime, nullable=False),
)

mapping_gap = Table(
    "mapping_gap",
    metadata,
    connection(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    words("detail"),
    count("times"),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
)

alert = Table(
    "alert",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("code", None),
    words("entity"),
    words("cause"),
    words("remedy"),
    Column("raised_at", UtcTime, nullable=False),
    Column("cleared_at", UtcTime),
)
partial(
    "uq_alert_open", alert.c.connection, alert.c.code, alert.c.entity, where="cleared_at IS NULL", unique=True
)

schedule_run = Table(
    "schedule_run",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("name", None),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    words("outcome"),
    words("detail"),
    Index("ix_schedule_run_last", "connection", "name", "id"),
)

breaker = Table(
    "breaker",
    metadata,
    connection(primary_key=True),
    Column("remote", Text, primary_key=True),
    words("state", "OK"),
    words("detail"),
    count("failures"),
    Column("last_ok", UtcTime),
    Column("last_fail", UtcTime),
    Column("opened_until", UtcTime),
)

pace = Table(
    "pace",
    metadata,
    connection(primary_key=True),
    Column("remote", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    words("circuit"),
    count("failures"),
    count("openings"),
    Column("opened_until", UtcTime),
    Column("tokens", Float, nullable=False, server_default="0"),
    Column("changed_at", UtcTime, nullable=False),
)
