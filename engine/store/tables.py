"""Every table of the store; one MetaData for both databases."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.columns import Amount, RowId, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CLAIMABLE = "state IN ('pending', 'retry_scheduled', 'uncertain')"
"""Condition of the claim's partial index; a query must repeat it word for word to use the index."""
WAITS_FOR_PERSON = "(state IN ('held', 'dead_lettered') OR (state = 'uncertain' AND due_at IS NULL))"
OPEN_EFFECT = "outcome IN ('none', 'unknown')"
UNCLOSED = "closed_at IS NULL"
DIRTY = "dirty_lane IS NOT NULL"
KEPT = "active AND tracked"


def _partial(name: str, *columns: Column[object], where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _words(name: str, default: str | None = "") -> Column[str]:
    """A text column that is never NULL."""
    return Column(name, Text, nullable=False, server_default=default)


def _count(name: str, default: str = "0") -> Column[int]:
    """A whole number that is never NULL."""
    return Column(name, Integer, nullable=False, server_default=default)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _connection(**kw: bool) -> Column[str]:
    return Column("connection", Text, nullable=False, **kw)  # type: ignore[arg-type]


inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    _words("source", None),
    Column("webhook_id", Text),
    _words("topic", None),
    _words("resource"),
    Column("resource_version", Text),
    _words("body_hash", None),
    Column("body", LargeBinary, nullable=False),
    Column("triggered_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    UniqueConstraint("connection", "source", "webhook_id"),
    Index("ix_inbox_resource", "connection", "resource", "received_at"),
)
_partial("ix_inbox_open", inbox.c.connection, inbox.c.id, where=UNCLOSED)
_partial(
    "uq_inbox_content",
    *(inbox.c[name] for name in ("connection", "topic", "resource", "resource_version", "body_hash")),
    where="resource_version IS NOT NULL",
    unique=True,
)

work = Table(
    "work",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    _words("kind", None),
    _words("key", None),
    _count("lane"),
    _words("state", None),
    Column("due_at", UtcTime),
    _words("reason"),
    _count("attempt"),
    _count("crash_count"),
    _count("epoch"),
    _flag("again"),
    _flag("in_doubt"),
    _count("version"),
    _words("cause"),
    _words("remedy"),
    _words("code"),
    _words("log"),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("first_failed_at", UtcTime),
    Column("last_failed_at", UtcTime),
    UniqueConstraint("connection", "kind", "key"),
    CheckConstraint(
        "state IN ('pending', 'in_flight', 'probing', 'retry_scheduled', 'uncertain', 'succeeded', 'held', "
        "'dead_lettered', 'resolved', 'superseded', 'cancelled')",
        name="state",
    ),
)
_partial("ix_work_claim", work.c.connection, work.c.lane, work.c.due_at, work.c.id, where=CLAIMABLE)
_partial("ix_work_person", work.c.last_failed_at, work.c.id, where=WAITS_FOR_PERSON)
_partial("ix_work_running", work.c.connection, work.c.epoch, where="state IN ('in_flight', 'probing')")

effect = Table(
    "effect",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    Column("work_id", RowId, ForeignKey("work.id")),
    _words("remote", None),
    _words("op", None),
    _words("ext_ref", None),
    _words("key"),
    _words("fingerprint"),
    _words("body"),
    _words("outcome", "none"),
    Column("remote_id", Text),
    _words("evidence"),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    CheckConstraint("outcome IN ('none', 'applied', 'rejected', 'unknown', 'superseded')", name="outcome"),
    Index("ix_effect_work_id", "work_id"),
)
_partial(
    "uq_effect_open",
    *(effect.c[name] for name in ("connection", "remote", "op", "ext_ref")),
    where=OPEN_EFFECT,
    unique=True,
)

xref = Table(
    "xref",
    metadata,
    _connection(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ext_ref", Text, primary_key=True),
    _words("remote_id", None),
    Column("linked_at", UtcTime, nullable=False),
    Index("ix_xref_remote", "connection", "kind", "remote_id"),
)

stock = Table(
    "stock",
    metadata,
    _connection(primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    _words("item"),
    _words("title"),
    _flag("active"),
    _flag("tracked"),
    Column("on_hand", Integer),
    Column("available", Integer),
    Column("committed", Integer),
    Column("level_at", UtcTime),
    Column("erp_on_hand", Integer),
    Column("erp_reserved", Integer),
    Column("erp_at", UtcTime),
    Column("base", Integer),
    _count("pos"),
    _count("ver"),
    Column("seen_low", Integer),
    Column("seen_at", UtcTime),
    Column("target", Integer),
    _words("terms", "{}"),
    Column("agreed_at", UtcTime),
    Column("published_at", UtcTime),
    Column("push_ms", Integer),
    Column("dirty_lane", Integer),
    Column("dirty_at", UtcTime),
    Column("due_at", UtcTime),
    _count("dirty_seq"),
    _words("dirty_reason"),
    _count("attempt"),
    Column("failed_at", UtcTime),
    _words("cause"),
    _words("remedy"),
    _words("code"),
    _words("log"),
    Index("ix_stock_published_at", "published_at"),
    Index("ix_stock_sku", "sku"),
    Index("ix_stock_item", "connection", "item"),
)
_partial("ix_stock_dirty", stock.c.connection, stock.c.dirty_lane, stock.c.dirty_at, where=DIRTY)
_partial("ix_stock_kept", stock.c.connection, where=KEPT)
_partial("ix_stock_conflict", stock.c.connection, where="pos > 0")
_partial("ix_stock_failed", stock.c.connection, where="failed_at IS NOT NULL")

shop_order = Table(
    "shop_order",
    metadata,
    _connection(primary_key=True),
    Column("order_id", Text, primary_key=True),
    _words("name"),
    Column("updated_at", UtcTime, nullable=False),
    _words("body", "{}"),
    _words("state"),
    Column("total", Amount),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("document_id", Text),
    _words("document_status"),
    _words("document_lines", "[]"),
    Column("document_at", UtcTime),
    Index("ix_shop_order_first_seen_at", "first_seen_at"),
    Index("ix_shop_order_name", "connection", "name"),
)

order_cell = Table(
    "order_cell",
    metadata,
    _connection(primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    _count("committed"),
    _count("fulfilled"),
    Column("fulfilled_at", UtcTime),
    _count("restocked"),
    ForeignKeyConstraint(["connection", "order_id"], ["shop_order.connection", "shop_order.order_id"]),
    Index("ix_order_cell_sku", "connection", "sku"),
)

place = Table(
    "place",
    metadata,
    _connection(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    _words("name"),
    _flag("active"),
    Column("seen_at", UtcTime, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    _connection(primary_key=True),
    Column("name", Text, primary_key=True),
    _words("value", None),
    Column("set_at", UtcTime, nullable=False),
)

tally = Table(
    "tally",
    metadata,
    _connection(primary_key=True),
    Column("name", Text, primary_key=True),
    _count("value"),
    Column("changed_at", UtcTime, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    _count("epoch"),
    Column("until", UtcTime),
    Column("taken_at", UtcTime),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=True),
    _connection(),
    Column("n", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    _words("actor", None),
    _words("action", None),
    _words("entity", None),
    _words("detail"),
    _words("prev_hash", None),
    _words("hash", None),
    UniqueConstraint("connection", "n"),
    Index("ix_ledger_entity", "entity", "seq"),
    Index("ix_ledger_action", "action", "at"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    _connection(primary_key=True),
    _count("n"),
    _words("hash", None),
)

command = Table(
    "command",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    _words("verb", None),
    _words("args", "{}"),
    _words("operator"),
    Column("asked_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    _words("outcome"),
)
_partial("ix_command_open", command.c.connection, command.c.id, where="finished_at IS NULL")

mapping_gap = Table(
    "mapping_gap",
    metadata,
    _connection(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    _words("detail"),
    _count("times"),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
)

alert = Table(
    "alert",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    _words("code", None),
    _words("entity"),
    _words("cause"),
    _words("remedy"),
    Column("raised_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("cleared_at", UtcTime),
)
_partial(
    "uq_alert_open", alert.c.connection, alert.c.code, alert.c.entity, where="cleared_at IS NULL", unique=True
)

schedule_run = Table(
    "schedule_run",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _connection(),
    _words("name", None),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    _words("outcome"),
    _words("detail"),
    Index("ix_schedule_run_last", "connection", "name", "id"),
)

breaker = Table(
    "breaker",
    metadata,
    _connection(primary_key=True),
    Column("remote", Text, primary_key=True),
    _words("state", "OK"),
    _words("detail"),
    _count("failures"),
    Column("last_ok", UtcTime),
    Column("last_fail", UtcTime),
    Column("opened_until", UtcTime),
)
