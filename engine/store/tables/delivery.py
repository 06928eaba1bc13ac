"""The work queue: what was received, what is to be done, what was sent, who may send it."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, flag, metadata, partial, words

CLAIMABLE = "state IN ('pending', 'redriven', 'retry_scheduled', 'uncertain')"
"""Condition of the claim's partial index; a query must repeat it word for word to use the index."""
WAITS_FOR_PERSON = "(state IN ('held', 'dead_lettered') OR (state = 'uncertain' AND due_at IS NULL))"
SUSPECT = "crash_count > 0"
"""Under way now, or when the engine died."""
OPEN_EFFECT = "outcome IN ('none', 'unknown')"
UNCLOSED = "closed_at IS NULL"

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("source", None),
    Column("webhook_id", Text),
    words("topic", None),
    words("resource"),
    Column("resource_version", Text),
    words("body_hash", None),
    Column("body", LargeBinary, nullable=False),
    Column("triggered_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    UniqueConstraint("connection", "source", "webhook_id"),
    Index("ix_inbox_resource", "connection", "resource", "received_at"),
)
partial("ix_inbox_open", inbox.c.connection, inbox.c.id, where=UNCLOSED)
partial(
    "uq_inbox_content",
    *(inbox.c[name] for name in ("connection", "topic", "resource", "resource_version", "body_hash")),
    where="resource_version IS NOT NULL",
    unique=True,
)

work = Table(
    "work",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("kind", None),
    words("key", None),
    count("lane"),
    words("state", None),
    Column("due_at", UtcTime),
    words("reason"),
    count("attempt"),
    count("crash_count"),
    count("epoch"),
    flag("again"),
    flag("in_doubt"),
    count("version"),
    words("cause"),
    words("remedy"),
    words("code"),
    words("log"),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("first_failed_at", UtcTime),
    Column("last_failed_at", UtcTime),
    UniqueConstraint("connection", "kind", "key"),
    CheckConstraint(
        "state IN ('pending', 'in_flight', 'retry_scheduled', 'uncertain', 'probing', 'succeeded', 'held', "
        "'dead_lettered', 'redriven', 'resolved', 'superseded')",
        name="state",
    ),
)
partial("ix_work_claim", work.c.connection, work.c.lane, work.c.due_at, work.c.id, where=CLAIMABLE)
partial("ix_work_person", work.c.last_failed_at, work.c.id, where=WAITS_FOR_PERSON)
partial("ix_work_suspect", work.c.connection, work.c.crash_count, work.c.id, where=SUSPECT)
partial("ix_work_running", work.c.connection, work.c.epoch, where="state IN ('in_flight', 'probing')")

effect = Table(
    "effect",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    Column("work_id", RowId, ForeignKey("work.id")),
    words("remote", None),
    words("op", None),
    words("ext_ref", None),
    words("key"),
    words("fingerprint"),
    words("body"),
    words("outcome", "none"),
    Column("remote_id", Text),
    words("evidence"),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    CheckConstraint("outcome IN ('none', 'applied', 'rejected', 'unknown', 'superseded')", name="outcome"),
    Index("ix_effect_work_id", "work_id"),
    Index("ix_effect_ext_ref", "connection", "remote", "ext_ref"),
)
partial(
    "uq_effect_open",
    *(effect.c[name] for name in ("connection", "remote", "op", "ext_ref")),
    where=OPEN_EFFECT,
    unique=True,
)

xref = Table(
    "xref",
    metadata,
    connection(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ext_ref", Text, primary_key=True),
    words("remote_id", None),
    Column("linked_at", UtcTime, nullable=False),
    Index("ix_xref_remote", "connection", "kind", "remote_id"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    count("epoch"),
    Column("until", UtcTime),
    Column("taken_at", UtcTime),
)

command = Table(
    "command",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    connection(),
    words("verb", None),
    words("args", "{}"),
    words("operator"),
    Column("asked_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    words("outcome"),
)
partial("ix_command_open", command.c.connection, command.c.id, where="finished_at IS NULL")
