"""Alerts with whom they were told to, and the mutes in force."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, select, text

from engine.desk.notices import MuteRow, NoticeRow, TellingRow
from engine.store.tables import MUTED, STANDS, mute, notice, telling


def notices(tx: Connection, *, over: bool, limit: int) -> tuple[NoticeRow, ...]:
    """Those that stand, newest first; with `over` also those that ended."""
    query = select(notice).order_by(notice.c.id.desc()).limit(limit)
    rows = tx.execute(query if over else query.where(text(STANDS))).all()
    messages: dict[int, list[TellingRow]] = defaultdict(list)
    mine = select(telling).where(telling.c.notice_id.in_([row.id for row in rows])).order_by(telling.c.id)
    for one in tx.execute(mine) if rows else ():
        messages[one.notice_id].append(
            TellingRow(
                one.channel, one.word, one.due_at, one.told_at, one.given_up_at, one.attempt, one.trouble
            )
        )
    return tuple(
        NoticeRow(
            row.id, row.rule, row.connection, row.cause, row.severity, row.figure, row.text, row.remedy,
            row.opened_at, row.over_at, row.acked_at, row.acked_by, tuple(messages[row.id]),
        )
        for row in rows
    )  # fmt: skip


def unheeded(tx: Connection, limit: int) -> tuple[str, ...]:
    """The newest that stand and nobody looks after, each as a sentence."""
    query = select(notice).where(text(STANDS), notice.c.acked_at.is_(None)).order_by(notice.c.id.desc())
    return tuple(f"{row.severity}, {row.connection}: {row.text}" for row in tx.execute(query.limit(limit)))


def mutes(tx: Connection, now: datetime) -> tuple[MuteRow, ...]:
    """Those in force at this moment."""
    query = select(mute).where(text(MUTED), mute.c.begins <= now, mute.c.ends > now).order_by(mute.c.id)
    return tuple(
        MuteRow(row.id, row.connection, row.begins, row.ends, row.set_by, row.reason)
        for row in tx.execute(query)
    )
