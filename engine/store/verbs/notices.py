"""The life of an alert in the store: it opens, is counted, told step by step, acknowledged, and is over.

Several processes on one database may judge at the same time: an alert opens once by a unique index, a step is told
once because it is moved on by compare-and-swap, and a telling is taken by one of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, text

from engine.alerts.course import Notice, Turn, again
from engine.alerts.judge import STORE, Finding, Key
from engine.alerts.rule import Rule
from engine.store.rows import Telling
from engine.store.tables import MUTED, STANDS, mute, notice, telling
from engine.store.upsert import insert
from engine.store.verbs.ledger import append


def note_findings(tx: Connection, found: Sequence[tuple[Finding, Rule]], now: datetime) -> list[Notice]:
    """Open what is new, count what stands, mark what is gone; everything that stands afterwards."""
    standing = {_key(row): row for row in tx.execute(select(notice).where(text(STANDS)))}
    keys = {finding.key for finding, _ in found}
    for finding, rule in found:
        row = standing.get(finding.key)
        if row is None:
            _open(tx, finding, rule, now)
        elif row.gone_at is not None or (row.figure, row.text) != (finding.figure, finding.text):
            values = {
                "figure": finding.figure,
                "text": finding.text,
                "remedy": finding.remedy,
                "gone_at": None,
            }
            tx.execute(notice.update().where(notice.c.id == row.id).values(**values))
    for key, row in standing.items():
        if key not in keys and row.gone_at is None:
            tx.execute(notice.update().where(notice.c.id == row.id).values(gone_at=now))
    return [_notice(row) for row in tx.execute(select(notice).where(text(STANDS)).order_by(notice.c.id))]


def _open(tx: Connection, finding: Finding, rule: Rule, now: datetime) -> None:
    key = finding.key
    created = tx.execute(
        insert(tx, notice)
        .values(
            rule=key.rule, connection=key.connection, cause=key.cause, severity=rule.severity.value,
            figure=finding.figure, text=finding.text, remedy=finding.remedy, opened_at=now,
        )
        .on_conflict_do_nothing()
        .returning(notice.c.id)
    ).first()  # fmt: skip
    if created is not None:
        append(tx, key.connection, "alert opened", f"alert:{created.id}", now, detail=finding.text)


def take_turn(tx: Connection, due: Turn, now: datetime) -> bool:
    """Put down who is to be told; False when another process did meanwhile."""
    one = due.notice
    values: dict[str, Any] = {"step": due.step}
    if due.tell:
        values["told_at"] = now
    if due.over:
        values["over_at"] = now
    mine = (notice.c.id == one.id, notice.c.step == one.step, text(STANDS))
    same = notice.c.told_at.is_(None) if one.told_at is None else notice.c.told_at == one.told_at
    if not tx.execute(notice.update().where(*mine, same).values(**values)).rowcount:
        return False
    if due.tell:
        rows = [
            {"notice_id": one.id, "channel": channel, "word": word.value, "due_at": now}
            for channel, word in due.tell
        ]
        tx.execute(telling.insert(), rows)
    if due.over:
        append(tx, one.key.connection, "alert over", f"alert:{one.id}", now, detail=one.key.rule)
    return True


def take_tellings(tx: Connection, now: datetime, *, seconds: float, at_most: int) -> list[Telling]:
    """Messages that are due, ours for so many seconds."""
    free = or_(telling.c.taken_until.is_(None), telling.c.taken_until <= now)
    query = (
        select(*_OF_TELLING)
        .join_from(telling, notice, notice.c.id == telling.c.notice_id)
        .where(telling.c.told_at.is_(None), telling.c.given_up_at.is_(None), telling.c.due_at <= now, free)
        .order_by(telling.c.due_at, telling.c.id)
        .limit(at_most)
        .with_for_update(of=telling, skip_locked=True)
    )
    found = []
    for row in tx.execute(query).all():
        tx.execute(
            telling.update()
            .where(telling.c.id == row.id)
            .values(taken_until=now + timedelta(seconds=seconds), attempt=row.attempt + 1)
        )
        found.append(
            Telling(
                row.id, row.channel, row.word, row.attempt + 1, row.notice_id, row.rule, row.connection,
                row.cause, row.severity, row.figure, row.text, row.remedy, row.opened_at, row.over_at, row.acked_by,
            )
        )  # fmt: skip
    return found


_OF_TELLING = (
    telling.c.id, telling.c.channel, telling.c.word, telling.c.attempt, telling.c.notice_id,
    *(notice.c[name] for name in (
        "rule", "connection", "cause", "severity", "figure", "text", "remedy", "opened_at", "over_at", "acked_by",
    )),
)  # fmt: skip


def told(tx: Connection, one: Telling, now: datetime) -> None:
    """It reached the channel."""
    tx.execute(
        telling.update().where(telling.c.id == one.id).values(told_at=now, taken_until=None, trouble="")
    )
    detail = f"{one.channel}: {one.word}"
    append(tx, one.connection, "alert told", f"alert:{one.notice}", now, detail=detail)


def not_told(tx: Connection, one: Telling, trouble: str, now: datetime) -> bool:
    """It did not; it is tried again later, or given up. True when it is given up."""
    later = again(one.attempt)
    values: dict[str, Any] = {"trouble": trouble, "taken_until": None}
    values |= {"given_up_at": now} if later is None else {"due_at": now + later}
    tx.execute(telling.update().where(telling.c.id == one.id).values(**values))
    if one.attempt == 1 or later is None:
        what = "alert not told" if later is not None else "alert given up"
        append(tx, one.connection, what, f"alert:{one.notice}", now, detail=f"{one.channel}: {trouble}")
    return later is None


def acknowledge(tx: Connection, notice_id: int, operator: str, now: datetime) -> bool:
    """Somebody looks after it: nobody further is told until it is over. False when it does not stand, or is theirs."""
    return _acknowledge(tx, notice.c.id == notice_id, operator, now) == 1


def acknowledge_all(tx: Connection, operator: str, now: datetime) -> int:
    """The same of every alert that stands and is nobody's; how many."""
    return _acknowledge(tx, notice.c.acked_at.is_(None), operator, now)


def _acknowledge(tx: Connection, which: ColumnElement[bool], operator: str, now: datetime) -> int:
    rows = tx.execute(
        notice.update()
        .where(which, notice.c.acked_at.is_(None), text(STANDS))
        .values(acked_at=now, acked_by=operator)
        .returning(notice.c.id, notice.c.connection, notice.c.text)
    ).all()
    for row in sorted(rows):
        about = f"alert:{row.id}"
        append(tx, row.connection, "alert acknowledged", about, now, actor=operator, detail=row.text)
    return len(rows)


def put_mute(
    tx: Connection, connection: str, ends: datetime, reason: str, operator: str, now: datetime
) -> int:
    """Nobody is told until then; its id."""
    created = tx.execute(
        mute.insert()
        .values(connection=connection, begins=now, ends=ends, set_by=operator, reason=reason)
        .returning(mute.c.id)
    ).scalar_one()
    detail = f"until {ends:%Y-%m-%d %H:%M} UTC. {reason}".strip()
    append(tx, connection or STORE, "alerts muted", f"mute:{created}", now, actor=operator, detail=detail)
    return int(created)


def end_mutes(tx: Connection, operator: str, now: datetime) -> int:
    """People are told again; how many mutes that ended."""
    rows = tx.execute(
        mute.update()
        .where(text(MUTED), mute.c.ends > now)
        .values(ended_at=now)
        .returning(mute.c.id, mute.c.connection)
    ).all()
    for row in rows:
        append(tx, row.connection or STORE, "alerts heard again", f"mute:{row.id}", now, actor=operator)
    return len(rows)


def _key(row: Any) -> Key:
    return Key(row.rule, row.connection, row.cause)


def _notice(row: Any) -> Notice:
    acked = row.acked_at is not None
    return Notice(row.id, _key(row), row.opened_at, row.gone_at, row.step, row.told_at, acked)
