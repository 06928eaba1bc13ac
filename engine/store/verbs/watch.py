"""What the engine watches: remotes, mapping gaps, alerts and the runs of its schedule."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from engine.store.tables import alert, breaker, mapping_gap, schedule_run
from engine.store.upsert import insert
from engine.store.verbs.ledger import append


def note_remote(
    tx: Connection,
    connection: str,
    remote: str,
    state: str,
    detail: str,
    now: datetime,
    *,
    ok: bool,
    failures: int = 0,
    opened_until: datetime | None = None,
) -> None:
    """Keep the health of a remote (`shop` or `back office`): OK, SLOW, FAIL, PAUSED or STALE."""
    before = tx.execute(
        select(breaker.c.state).where(breaker.c.connection == connection, breaker.c.remote == remote)
    ).scalar()
    values = {"state": state, "detail": detail, "failures": failures, "opened_until": opened_until}
    values["last_ok" if ok else "last_fail"] = now
    statement = insert(tx, breaker).values(connection=connection, remote=remote, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["connection", "remote"], set_=values))
    if before != state:
        append(tx, connection, f"remote {state}", f"remote:{remote}", now, detail=detail)


def note_gap(tx: Connection, connection: str, kind: str, name: str, detail: str, now: datetime) -> None:
    """Something has no name on the other side; a person adds a mapping.

    `detail` of the first time stays, each further time is counted; the ledger hears of it once.
    """
    again = tx.execute(
        mapping_gap.update()
        .where(*_open_gap(connection, kind, name))
        .values(times=mapping_gap.c.times + 1, last_at=now)
    )
    if again.rowcount:
        return
    values = {"detail": detail, "times": 1, "first_at": now, "last_at": now, "closed_at": None}
    statement = insert(tx, mapping_gap).values(connection=connection, kind=kind, name=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["connection", "kind", "name"], set_=values))
    append(tx, connection, "gap", f"mapping:{kind}:{name}", now, detail=detail)


def close_gap(tx: Connection, connection: str, kind: str, name: str, now: datetime) -> bool:
    """The mapping is there now."""
    result = tx.execute(mapping_gap.update().where(*_open_gap(connection, kind, name)).values(closed_at=now))
    if result.rowcount:
        append(tx, connection, "gap closed", f"mapping:{kind}:{name}", now)
    return bool(result.rowcount)


def raise_alert(
    tx: Connection, connection: str, code: str, entity: str, cause: str, remedy: str, now: datetime
) -> bool:
    """Something a person should hear of; False when it is known already."""
    created = tx.execute(
        insert(tx, alert)
        .values(connection=connection, code=code, entity=entity, cause=cause, remedy=remedy, raised_at=now)
        .on_conflict_do_nothing()
        .returning(alert.c.id)
    ).first()
    if created is not None:
        append(tx, connection, "alert", entity or code, now, detail=cause)
    return created is not None


def clear_alert(tx: Connection, connection: str, code: str, entity: str, now: datetime) -> bool:
    """It is over; the same alert may be raised again."""
    result = tx.execute(alert.update().where(*_open_alert(connection, code, entity)).values(cleared_at=now))
    if result.rowcount:
        append(tx, connection, "alert cleared", entity or code, now, detail=code)
    return bool(result.rowcount)


def begin_run(tx: Connection, connection: str, name: str, now: datetime) -> int:
    """A scheduled run begins; its id."""
    created = tx.execute(
        schedule_run.insert()
        .values(connection=connection, name=name, started_at=now)
        .returning(schedule_run.c.id)
    ).scalar_one()
    return int(created)


def end_run(tx: Connection, run_id: int, outcome: str, detail: str, now: datetime) -> None:
    """A scheduled run ended."""
    row = tx.execute(
        schedule_run.update()
        .where(schedule_run.c.id == run_id)
        .values(ended_at=now, outcome=outcome, detail=detail)
        .returning(schedule_run.c.connection, schedule_run.c.name)
    ).one()
    append(tx, row.connection, f"run {outcome}", f"run:{row.name}", now, detail=detail)


def _open_gap(connection: str, kind: str, name: str) -> tuple[ColumnElement[bool], ...]:
    here = (mapping_gap.c.connection == connection, mapping_gap.c.kind == kind, mapping_gap.c.name == name)
    return (*here, mapping_gap.c.closed_at.is_(None))


def _open_alert(connection: str, code: str, entity: str) -> tuple[ColumnElement[bool], ...]:
    here = (alert.c.connection == connection, alert.c.code == code, alert.c.entity == entity)
    return (*here, alert.c.cleared_at.is_(None))
