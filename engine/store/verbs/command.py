"""Commands: what an operator asks from a face, for the engine to do."""

from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, select, text

from engine.store.rows import Command
from engine.store.tables import command
from engine.store.verbs.ledger import append

LONG = ("plan", "apply")
"""Verbs that take longer than a moment; they have a loop of their own, so that no other wish waits for them."""

_OPEN = (
    select(command)
    .where(command.c.connection == bindparam("of_connection"), text("finished_at IS NULL"))
    .order_by(command.c.id)
    .limit(bindparam("of_most", type_=Integer))
)
_LONG_ONES, _SHORT_ONES = _OPEN.where(command.c.verb.in_(LONG)), _OPEN.where(command.c.verb.not_in(LONG))


def ask(tx: Connection, connection: str, verb: str, args_json: str, operator: str, now: datetime) -> int:
    """Put a command down; its id."""
    created = tx.execute(
        command.insert()
        .values(connection=connection, verb=verb, args=args_json, operator=operator, asked_at=now)
        .returning(command.c.id)
    ).scalar_one()
    append(tx, connection, "asked", f"command:{created}", now, actor=operator, detail=f"{verb} {args_json}")
    return int(created)


def note_refusal(
    tx: Connection, connection: str, verb: str, operator: str, cause: str, now: datetime
) -> None:
    """Somebody wanted what is not theirs to do."""
    append(tx, connection, "refused", f"verb:{verb}", now, actor=operator, detail=cause)


def take(tx: Connection, connection: str, limit: int, *, long: bool = False) -> list[Command]:
    """Unfinished commands, the short or the long ones, oldest first; they stay until `finish`."""
    asked = tx.execute(_LONG_ONES if long else _SHORT_ONES, {"of_connection": connection, "of_most": limit})
    return [Command(row.id, row.connection, row.verb, row.args, row.operator, row.asked_at) for row in asked]


def finish(tx: Connection, command_id: int, outcome: str, now: datetime) -> bool:
    """Put down what came of it; False when it was finished before."""
    row = tx.execute(
        command.update()
        .where(command.c.id == command_id, command.c.finished_at.is_(None))
        .values(finished_at=now, outcome=outcome)
        .returning(command.c.connection, command.c.verb)
    ).first()
    if row is None:
        return False
    detail = f"{row.verb}: {outcome}"
    append(tx, row.connection, "command done", f"command:{command_id}", now, detail=detail)
    return True


def outcome(tx: Connection, command_id: int) -> str | None:
    """What came of a command; None while it is not finished."""
    row = tx.execute(
        select(command.c.finished_at, command.c.outcome).where(command.c.id == command_id)
    ).first()
    return None if row is None or row.finished_at is None else str(row.outcome)
