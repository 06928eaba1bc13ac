"""Effects: a call that may change a remote is written down before it is made."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, text

from engine.model.ids import WorkId
from engine.store.rows import Effect
from engine.store.tables import OPEN_EFFECT, effect
from engine.store.verbs.ledger import append


def intend(
    tx: Connection,
    *,
    connection: str,
    work_id: WorkId | None,
    remote: str,
    op: str,
    ext_ref: str,
    key: str,
    fingerprint: str,
    body: str,
    now: datetime,
) -> int:
    """Write down a call about to be made; its id.

    At most one is open per remote, operation and reference: the same fingerprint takes up the open one again,
    another one closes it as superseded.
    """
    open_one = tx.execute(
        select(effect.c.id, effect.c.fingerprint)
        .where(
            effect.c.connection == connection,
            effect.c.remote == remote,
            effect.c.op == op,
            effect.c.ext_ref == ext_ref,
            text(OPEN_EFFECT),
        )
        .with_for_update()
    ).first()
    if open_one is not None and open_one.fingerprint == fingerprint:
        tx.execute(
            effect.update()
            .where(effect.c.id == open_one.id)
            .values(outcome="none", key=key, body=body, work_id=work_id)
        )
        append(tx, connection, "intended again", ext_ref, now, detail=f"{remote} {op}")
        return int(open_one.id)
    if open_one is not None:
        tx.execute(
            effect.update().where(effect.c.id == open_one.id).values(outcome="superseded", settled_at=now)
        )
    created = tx.execute(
        effect.insert()
        .values(
            connection=connection,
            work_id=work_id,
            remote=remote,
            op=op,
            ext_ref=ext_ref,
            key=key,
            fingerprint=fingerprint,
            body=body,
            created_at=now,
        )
        .returning(effect.c.id)
    ).scalar_one()
    append(tx, connection, "intended", ext_ref, now, detail=f"{remote} {op}")
    return int(created)


def settle_effect(
    tx: Connection, effect_id: int, outcome: str, remote_id: str | None, evidence: str, now: datetime
) -> bool:
    """Write down what came of it: applied, rejected or unknown; False when it was settled before."""
    values = {"outcome": outcome, "remote_id": remote_id, "evidence": evidence}
    row = tx.execute(
        effect.update()
        .where(effect.c.id == effect_id, text(OPEN_EFFECT))
        .values(settled_at=None if outcome == "unknown" else now, **values)
        .returning(effect.c.connection, effect.c.ext_ref, effect.c.remote, effect.c.op)
    ).first()
    if row is None:
        return False
    append(tx, row.connection, outcome, row.ext_ref, now, detail=f"{row.remote} {row.op}")
    return True


def settle_open(
    tx: Connection, connection: str, remote: str, op: str, ext_ref: str, remote_id: str | None, now: datetime
) -> bool:
    """What a call without an answer was to create has been found; False when no such call is open.

    With None it was looked for, not found, and is not owed any more: the call is superseded.
    """
    open_one = tx.execute(
        select(effect.c.id).where(
            effect.c.connection == connection,
            effect.c.remote == remote,
            effect.c.op == op,
            effect.c.ext_ref == ext_ref,
            text(OPEN_EFFECT),
        )
    ).scalar()
    if open_one is None:
        return False
    outcome, evidence = ("superseded", "not found, not owed") if remote_id is None else ("applied", "found")
    return settle_effect(tx, open_one, outcome, remote_id, evidence, now)


def open_effects(tx: Connection, connection: str, remote: str, op: str) -> list[Effect]:
    """Calls without a known outcome, oldest first."""
    return _read(tx.execute(_OPEN, {"of_connection": connection, "of_remote": remote, "of_op": op}))


def all_effects(tx: Connection, connection: str, remote: str, op: str) -> list[Effect]:
    """Every call of a kind with what came of it, oldest first."""
    return _selected(tx, effect.c.connection == connection, effect.c.remote == remote, effect.c.op == op)


_OPEN = (
    select(effect)
    .where(
        effect.c.connection == bindparam("of_connection"),
        effect.c.remote == bindparam("of_remote"),
        effect.c.op == bindparam("of_op"),
        text(OPEN_EFFECT),
    )
    .order_by(effect.c.id)
)


def _selected(tx: Connection, *which: ColumnElement[bool]) -> list[Effect]:
    return _read(tx.execute(select(effect).where(*which).order_by(effect.c.id)))


def _read(rows: Iterable[Any]) -> list[Effect]:
    return [
        Effect(
            row.id,
            row.connection,
            row.work_id,
            row.remote,
            row.op,
            row.ext_ref,
            row.key,
            row.fingerprint,
            row.body,
            row.outcome,
            row.remote_id,
            row.evidence,
            row.created_at,
            row.settled_at,
        )
        for row in rows
    ]


def about(
    tx: Connection, connection: str, remotes: Collection[str], ext_refs: Collection[str]
) -> list[Effect]:
    """Every call about these records, oldest first."""
    mine = (effect.c.connection == connection, effect.c.remote.in_(remotes))
    return _selected(tx, *mine, effect.c.ext_ref.in_(ext_refs))


def written(tx: Connection, connection: str, remote: str, ext_ref: str, ops: Collection[str]) -> list[Effect]:
    """Every call of these kinds about one record, oldest first."""
    about = (effect.c.connection == connection, effect.c.remote == remote, effect.c.ext_ref == ext_ref)
    return _selected(tx, *about, effect.c.op.in_(ops))
