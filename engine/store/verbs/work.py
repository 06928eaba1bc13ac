"""The work queue: asking for work. Claiming is in `claim`, how attempts end in `endings`, what people do in `person`."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.delivery.states import DONE, WAITING, WITH_A_PERSON, Move, State
from engine.model.ids import WorkId
from engine.store.tables import work
from engine.store.upsert import insert
from engine.store.verbs.ledger import append
from engine.store.verbs.moves import AFRESH, change, move, note

_ONE = (
    select(work)
    .where(
        work.c.connection == bindparam("of_connection"),
        work.c.kind == bindparam("of_kind"),
        work.c.key == bindparam("of_key"),
    )
    .with_for_update()
)

ECHO = "back office: "
"""How a reason begins that may be the echo of our own act: the back office says that a document changed."""

SAME_DATE = "listed, dated as it was read"
"""The reason for a look that may find nothing new: Shopify dates to the second, and a reading was in that second."""

_NEW = work.insert().returning(work.c.id)


def is_echo(reason: str) -> bool:
    """Nobody but the back office asked, and it may only repeat what we did there."""
    return reason.startswith(ECHO)


def enqueue(
    tx: Connection,
    *,
    connection: str,
    kind: str,
    key: str,
    lane: int,
    due_at: datetime,
    now: datetime,
    reason: str = "",
    force: bool = False,
) -> WorkId:
    """Ask for work on a record; one row per record for ever, so asking twice is asking once.

    A waiting row keeps its earliest time, a running one is done once more afterwards, a finished one starts
    afresh. One that waits for a person stays, unless `force`, and counts as changed for that person unless there may be nothing
    new. Its reason is an `echo` only if nothing else asked.
    """
    of = {"of_connection": connection, "of_kind": kind, "of_key": key}
    row = tx.execute(_ONE, of).first()
    if row is None:
        values = {"lane": lane, "due_at": due_at, "reason": reason, "created_at": now, "changed_at": now}
        created = _put(tx, {"connection": connection, "kind": kind, "key": key, "state": "pending", **values})
        if created is not None:
            append(tx, connection, "queued", f"{kind}:{key}", now, detail=reason)
            return WorkId(created)
        row = tx.execute(_ONE, of).one()
    state = State(row.state)
    if state in WAITING:
        sooner = {"lane": min(lane, row.lane), "due_at": min(due_at, row.due_at)}
        if sooner != {"lane": row.lane, "due_at": row.due_at} or _tells_more(reason, row.reason):
            change(tx, row, now, sooner | {"reason": _stronger(reason, row.reason)})
    elif state in DONE or (force and state in WITH_A_PERSON):
        move(
            tx,
            row,
            Move.ASK,
            State.PENDING,
            now,
            {**AFRESH, "lane": lane, "due_at": due_at, "reason": reason},
        )
        append(tx, connection, "queued", f"{kind}:{key}", now, detail=reason)
    elif not row.again or _tells_more(reason, row.reason):
        asked = {"again": True, "reason": reason}
        if reason == SAME_DATE:
            note(tx, row, asked)
        else:
            change(tx, row, now, asked)
    return WorkId(row.id)


def _tells_more(reason: str, known: str) -> bool:
    return _weight(reason) > _weight(known)


def _weight(reason: str) -> int:
    """An echo may be passed over, a look that may find nothing is made, anything else has changed the record."""
    return 0 if is_echo(reason) else 1 if reason == SAME_DATE else 2


def _stronger(reason: str, known: str) -> str:
    return reason if _tells_more(reason, known) else known


def _put(tx: Connection, values: dict[str, object]) -> int | None:
    """A new record's id; None when another process put it there since we looked.

    In SQLite nobody else writes before our commit, and SQLAlchemy compiles an INSERT with a conflict clause anew each
    time, which costs more than all the rest.
    """
    if tx.dialect.name == "sqlite":
        return int(tx.execute(_NEW, values).scalar_one())
    return tx.execute(insert(tx, work).values(values).on_conflict_do_nothing().returning(work.c.id)).scalar()
