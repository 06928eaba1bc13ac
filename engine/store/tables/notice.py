"""Alerts as people are told of them: what stands, who was told, and when nobody is to be."""

from sqlalchemy import Column, ForeignKey, Table, Text

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, metadata, partial, words

STANDS = "over_at IS NULL"
UNTOLD = "told_at IS NULL AND given_up_at IS NULL"
MUTED = "ended_at IS NULL"

notice = Table(
    "notice",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    words("rule", None),
    connection(),
    words("cause"),
    words("severity", None),
    count("figure"),
    words("text"),
    words("remedy"),
    Column("opened_at", UtcTime, nullable=False),
    Column("gone_at", UtcTime),
    Column("over_at", UtcTime),
    count("step"),
    Column("told_at", UtcTime),
    Column("acked_at", UtcTime),
    words("acked_by"),
)
partial("uq_notice_stands", notice.c.rule, notice.c.connection, notice.c.cause, where=STANDS, unique=True)

telling = Table(
    "telling",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("notice_id", RowId, ForeignKey("notice.id"), nullable=False, index=True),
    words("channel", None),
    words("word", None),
    Column("due_at", UtcTime, nullable=False),
    Column("taken_until", UtcTime),
    count("attempt"),
    Column("told_at", UtcTime),
    Column("given_up_at", UtcTime),
    words("trouble"),
)
"""`taken_until`: a process is telling it; afterwards another one may, should that one have died."""
partial("ix_telling_due", telling.c.due_at, where=UNTOLD)

mute = Table(
    "mute",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("connection", Text, nullable=False, server_default=""),
    Column("begins", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    words("set_by"),
    words("reason"),
    Column("ended_at", UtcTime),
)
"""An empty connection stands for all."""
partial("ix_mute_ends", mute.c.ends, where=MUTED)
