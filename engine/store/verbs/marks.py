"""What people note about a record that waits for them: whose it is, its tags, why it was set aside."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.model.ids import WorkId
from engine.store.tables import work, work_mark
from engine.store.upsert import insert
from engine.store.verbs.ledger import append

WAITING = ("held", "dead_lettered", "uncertain")


def assign(tx: Connection, work_id: WorkId, name: str, *, operator: str, now: datetime) -> bool:
    """It is this person's; an empty name gives it back. False when it does not wait for a person."""
    return _note(tx, work_id, "assigned", "assignee", name, operator, now)


def tag(tx: Connection, work_id: WorkId, tags: str, *, operator: str, now: datetime) -> bool:
    """Its tags are these, separated by blanks; an empty text takes them away."""
    return _note(tx, work_id, "tagged", "tags", " ".join(sorted(set(tags.split()))), operator, now)


def park(tx: Connection, work_id: WorkId, why: str, *, operator: str, now: datetime) -> bool:
    """Set it aside with a reason; it goes on waiting and goes on being counted."""
    return _note(tx, work_id, "parked", "parked", why or "no reason given", operator, now)


def unpark(tx: Connection, work_id: WorkId, _: str, *, operator: str, now: datetime) -> bool:
    """Take it up again."""
    return _note(tx, work_id, "unparked", "parked", "", operator, now)


def forget_marks(tx: Connection, work_id: WorkId) -> None:
    """It no longer waits: if it ever waits again, that is another matter."""
    tx.execute(work_mark.delete().where(work_mark.c.work_id == work_id))


def _note(
    tx: Connection, work_id: WorkId, action: str, column: str, value: str, operator: str, now: datetime
) -> bool:
    row = tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()
    if row is None or row.state not in WAITING:
        return False
    before = tx.execute(select(work_mark.c[column]).where(work_mark.c.work_id == work_id)).scalar() or ""
    values: dict[str, Any] = {column: value, "changed_at": now, "changed_by": operator}
    statement = insert(tx, work_mark).values(work_id=work_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["work_id"], set_=values))
    detail = f"{before or '-'} -> {value or '-'}"
    append(tx, row.connection, action, f"{row.kind}:{row.key}", now, actor=operator, detail=detail)
    return True
