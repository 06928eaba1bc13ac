"""The ledger: one line per step, each carrying the hash of the line before it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, Row, bindparam, or_, select

from engine.store.bulk import Values, insert_all, moment
from engine.store.rows import LedgerLine, LedgerRow
from engine.store.tables import ledger, ledger_head
from engine.store.upsert import insert

GENESIS = "0" * 64
ENGINE = "engine"

SAID = "trueup.ledger"
"""Where a transaction keeps its lines until they are written."""

Saying = tuple[str, datetime, Sequence[LedgerLine]]
"""Connection, time and lines."""

COLUMNS = ("connection", "n", "at", "actor", "action", "entity", "detail", "prev_hash", "hash")

_CHAIN = ledger_head.c.connection == bindparam("of_connection")
_HEAD = select(ledger_head.c.n, ledger_head.c.hash).where(_CHAIN).with_for_update()
_MOVE = ledger_head.update().where(_CHAIN)


def line_hash(prev: str, connection: str, n: int, at: datetime, line: LedgerLine) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the line."""
    return _link(prev, connection, n, _written(at), line)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _link(prev: str, connection: str, n: int, at: str, line: LedgerLine) -> str:
    """The same with the time as it is written."""
    body = orjson.dumps(
        {
            "connection": connection,
            "n": n,
            "at": at,
            "actor": line.actor,
            "action": line.action,
            "entity": line.entity,
            "detail": line.detail,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(prev.encode() + body).hexdigest()


def append_many(tx: Connection, connection: str, lines: Sequence[LedgerLine], now: datetime) -> None:
    """Append lines to the chain of one connection; they are written with the last word of this transaction."""
    if lines:
        said(tx).append((connection, now, lines))


def said(tx: Connection) -> list[Saying]:
    """What this transaction has to tell the ledger, in order; whoever commits must `write_down` it."""
    kept: list[Saying] = tx.info.setdefault(SAID, [])
    return kept


def write_down(tx: Connection) -> None:
    """Link everything that was said to the ends of the chains: one look and one insert, however many verbs spoke."""
    sayings = said(tx)
    chains: dict[str, list[tuple[datetime, Sequence[LedgerLine]]]] = {}
    for connection, now, lines in sayings:
        chains.setdefault(connection, []).append((now, lines))
    sayings.clear()
    rows: list[Values] = []
    for connection in sorted(chains):
        rows += _linked(tx, connection, chains[connection])
    if rows:
        insert_all(tx, ledger.name, COLUMNS, rows)


def _linked(
    tx: Connection, connection: str, sayings: Sequence[tuple[datetime, Sequence[LedgerLine]]]
) -> list[Values]:
    """The rows of these lines; the end of the chain is moved to the last of them."""
    head = _head(tx, connection)
    n, prev = int(head.n), str(head.hash)
    rows: list[Values] = []
    for now, lines in sayings:
        written, at = _written(now), moment(tx, now)
        for line in lines:
            n += 1
            own = _link(prev, connection, n, written, line)
            rows.append((connection, n, at, line.actor, line.action, line.entity, line.detail, prev, own))
            prev = own
    tx.execute(_MOVE, {"of_connection": connection, "n": n, "hash": prev})
    return rows


def _head(tx: Connection, connection: str) -> Row[tuple[int, str]]:
    """The end of a chain, locked until the commit; begun when there is none."""
    of = {"of_connection": connection}
    head = tx.execute(_HEAD, of).first()
    if head is None:
        begun = insert(tx, ledger_head).values(connection=connection, n=0, hash=GENESIS)
        tx.execute(begun.on_conflict_do_nothing())
        head = tx.execute(_HEAD, of).one()
    return head


def append(
    tx: Connection,
    connection: str,
    action: str,
    entity: str,
    now: datetime,
    *,
    detail: str = "",
    actor: str = ENGINE,
) -> None:
    """Append one line."""
    append_many(tx, connection, [LedgerLine(actor, action, entity, detail)], now)


def tail(tx: Connection, limit: int, entity: str | None = None) -> list[LedgerRow]:
    """The newest lines, newest first; of one entity when given."""
    query = select(ledger).order_by(ledger.c.seq.desc()).limit(limit)
    if entity is not None:
        query = query.where(ledger.c.entity == entity)
    return [
        LedgerRow(row.seq, row.connection, row.at, row.actor, row.action, row.entity, row.detail, row.hash)
        for row in tx.execute(query)
    ]


def between(tx: Connection, begin: datetime | None, end: datetime | None, about: str) -> list[LedgerRow]:
    """Lines in the order in which they were written; of a span of time, and of those that name something, when given."""
    query = select(ledger).order_by(ledger.c.seq)
    if begin is not None:
        query = query.where(ledger.c.at >= begin)
    if end is not None:
        query = query.where(ledger.c.at <= end)
    if about:
        named = (ledger.c.entity, ledger.c.detail, ledger.c.action)
        query = query.where(or_(*(column.contains(about, autoescape=True) for column in named)))
    return [
        LedgerRow(row.seq, row.connection, row.at, row.actor, row.action, row.entity, row.detail, row.hash)
        for row in tx.execute(query)
    ]


def verify(tx: Connection) -> int | None:
    """The first line that does not follow from the one before it; None when every chain holds.

    A chain that was cut at its end is reported at its last remaining line (0 when none remains).
    """
    bad: list[int] = []
    for head in tx.execute(select(ledger_head)).all():
        n, prev, seq = 0, GENESIS, 0
        lines = tx.execution_options(yield_per=2000).execute(
            select(ledger).where(ledger.c.connection == head.connection).order_by(ledger.c.n)
        )
        broken = False
        for row in lines:
            n += 1
            seq = int(row.seq)
            line = LedgerLine(row.actor, row.action, row.entity, row.detail)
            expected = line_hash(prev, row.connection, n, row.at, line)
            if row.n != n or row.prev_hash != prev or row.hash != expected:
                bad.append(seq)
                broken = True
                break
            prev = row.hash
        lines.close()
        if not broken and (n, prev) != (head.n, head.hash):
            bad.append(seq)
    headless = tx.execute(
        select(ledger.c.seq)
        .where(ledger.c.connection.not_in(select(ledger_head.c.connection)))
        .order_by(ledger.c.seq)
        .limit(1)
    ).scalar()
    if headless is not None:
        bad.append(int(headless))
    return min(bad, default=None)
