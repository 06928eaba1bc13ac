"""What people want the back office to be told: put down, taken back, and asked for."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from engine.model.wording import ORDER, Stale, Wording
from engine.store.tables import IN_FORCE, wording
from engine.store.verbs.ledger import append
from engine.store.verbs.watch import close_gap

NOTHING = "-"


def put_down(tx: Connection, wanted: Wording, now: datetime) -> None:
    """From here on this is told, in place of what was told before."""
    before = _end(tx, wanted, wanted.set_by, now)
    tx.execute(
        wording.insert().values(
            connection=wanted.connection, kind=wanted.kind, name=wanted.name, field=wanted.field, said=wanted.said,
            instead_of=wanted.instead_of, stale=wanted.stale.value, set_by=wanted.set_by, set_at=now,
        )
    )  # fmt: skip
    was = before.said if before is not None else wanted.instead_of
    _tell(tx, wanted, was, wanted.said, wanted.set_by, now)
    if wanted.kind != ORDER:
        close_gap(tx, wanted.connection, wanted.kind, wanted.name, now)


def take_back(tx: Connection, gone: Wording, *, actor: str, now: datetime) -> bool:
    """What Shopify and the configuration say counts again; False when nothing was put down."""
    ended = _end(tx, gone, actor, now)
    if ended is not None:
        _tell(tx, gone, ended.said, ended.instead_of, actor, now)
    return ended is not None


def wordings(tx: Connection, connection: str | None = None) -> list[Wording]:
    """Names of values that people gave, of one connection or of all."""
    query = select(wording).where(text(IN_FORCE), wording.c.kind != ORDER)
    if connection is not None:
        query = query.where(wording.c.connection == connection)
    return [_read(row) for row in tx.execute(query.order_by(wording.c.id))]


def words_of(tx: Connection, connection: str, order: str) -> list[Wording]:
    """What is to be told of one order."""
    mine = (wording.c.connection == connection, wording.c.kind == ORDER, wording.c.name == order)
    return [_read(row) for row in tx.execute(select(wording).where(text(IN_FORCE), *mine))]


def take_back_all(tx: Connection, gone: Collection[Wording], actor: str, now: datetime) -> None:
    """The same for several."""
    for one in gone:
        take_back(tx, one, actor=actor, now=now)


def _end(tx: Connection, one: Wording, actor: str, now: datetime) -> Wording | None:
    row = tx.execute(
        wording.update()
        .where(
            wording.c.connection == one.connection, wording.c.kind == one.kind, wording.c.name == one.name,
            wording.c.field == one.field, text(IN_FORCE),
        )
        .values(ended_at=now, ended_by=actor)
        .returning(*wording.c)
    ).first()  # fmt: skip
    return None if row is None else _read(row)


def _tell(tx: Connection, one: Wording, before: str, after: str, actor: str, now: datetime) -> None:
    named = f"{one.field}: " if one.field else ""
    detail = f"{named}{before or NOTHING} -> {after or NOTHING}"
    append(tx, one.connection, "reworded", one.entity, now, actor=actor, detail=detail)


def _read(row: Any) -> Wording:
    return Wording(
        row.connection, row.kind, row.name, row.field, row.said, row.instead_of, Stale(row.stale), row.set_by, row.set_at
    )  # fmt: skip
