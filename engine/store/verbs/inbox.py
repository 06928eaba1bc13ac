"""The inbox: what was received, once, before anybody looks into it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, select, text

from engine.store.bulk import Values, insert_fresh, moment
from engine.store.rows import InboxRow, Incoming, LedgerLine
from engine.store.tables import UNCLOSED, inbox, tally
from engine.store.upsert import insert
from engine.store.verbs.ledger import append, append_many

IDENTITY = ("connection", "source", "webhook_id", "topic", "resource", "resource_version", "body_hash")
"""What tells one message from another among those just kept."""
COLUMNS = (*IDENTITY, "body", "triggered_at", "received_at")

_UNCLOSED_ONES = (
    select(inbox)
    .where(inbox.c.connection == bindparam("of_connection"), text(UNCLOSED))
    .order_by(inbox.c.id)
    .limit(bindparam("of_most", type_=Integer))
)


def receive(
    tx: Connection,
    *,
    connection: str,
    source: str,
    webhook_id: str | None,
    topic: str,
    resource: str,
    resource_version: str | None,
    body: bytes,
    triggered_at: datetime | None,
    now: datetime,
) -> bool:
    """Keep one message; False when it was received before, by its id or by its content."""
    item = Incoming(
        connection, source, webhook_id, topic, resource, resource_version, body, triggered_at, now
    )
    return receive_many(tx, [item])[0]


def receive_many(tx: Connection, rows: Sequence[Incoming]) -> list[bool]:
    """Keep several messages; for each, False when it was received before."""
    if not rows:
        return []
    values = [_values(tx, row) for row in rows]
    if tx.dialect.name == "sqlite":
        fresh = insert_fresh(tx, inbox.name, COLUMNS, values)
    else:
        fresh = _kept_at_once(tx, values)
    lines: dict[str, list[LedgerLine]] = {}
    for row, new in zip(rows, fresh, strict=True):
        if new:
            line = LedgerLine(row.source, "received", row.resource or row.topic, row.topic)
            lines.setdefault(row.connection, []).append(line)
    now = max(row.now for row in rows)
    for connection, group in lines.items():
        append_many(tx, connection, group, now)
    return fresh


def _kept_at_once(tx: Connection, values: Sequence[Values]) -> list[bool]:
    """One statement for all, where each would be a round trip."""
    statement = insert(tx, inbox).on_conflict_do_nothing().returning(*(inbox.c[name] for name in IDENTITY))
    kept = Counter(
        tuple(row) for row in tx.execute(statement, [dict(zip(COLUMNS, row, strict=True)) for row in values])
    )
    fresh = []
    for row in values:
        identity = row[: len(IDENTITY)]
        fresh.append(kept[identity] > 0)
        kept[identity] -= fresh[-1]
    return fresh


def _values(tx: Connection, row: Incoming) -> Values:
    """The row in the order of COLUMNS."""
    return (
        row.connection,
        row.source,
        row.webhook_id,
        row.topic,
        row.resource,
        row.resource_version,
        hashlib.sha256(row.body).hexdigest(),
        row.body,
        moment(tx, row.triggered_at),
        moment(tx, row.now),
    )


def take_inbox(tx: Connection, connection: str, limit: int) -> list[InboxRow]:
    """The oldest messages not closed yet; they stay open until `close_inbox`."""
    return [
        InboxRow(
            row.id,
            row.connection,
            row.source,
            row.webhook_id,
            row.topic,
            row.resource,
            row.resource_version,
            row.body,
            row.triggered_at,
            row.received_at,
        )
        for row in tx.execute(_UNCLOSED_ONES, {"of_connection": connection, "of_most": limit})
    ]


def close_inbox(tx: Connection, ids: Collection[int], now: datetime) -> None:
    """These messages have been turned into work."""
    closed = tx.execute(
        inbox.update()
        .where(inbox.c.id.in_(ids), inbox.c.closed_at.is_(None))
        .values(closed_at=now)
        .returning(inbox.c.connection, inbox.c.topic, inbox.c.resource)
    ).all()
    for connection in sorted({row.connection for row in closed}):
        mine = [row for row in closed if row.connection == connection]
        append_many(
            tx,
            connection,
            [LedgerLine("engine", "read", row.resource or row.topic, row.topic) for row in mine],
            now,
        )


def note_healed(tx: Connection, connection: str, resource: str, now: datetime) -> None:
    """A sweep found a change that no webhook had told us of."""
    statement = insert(tx, tally).values(connection=connection, name="healed", value=1, changed_at=now)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["connection", "name"], set_={"value": tally.c.value + 1, "changed_at": now}
        )
    )
    append(tx, connection, "healed", resource, now)
