"""The records that wait for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, or_, select, text

from engine.desk import FailedDetail, FailedPage, FailedRow, TimelineRow
from engine.model.ids import WorkId
from engine.store.tables import WAITS_FOR_PERSON, effect, ledger, place, shop_order, work
from engine.store.verbs.aside import CELL, LOCATION

TIMELINE = 200
"""Newest ledger lines shown of one record."""


def failed_page(tx: Connection, *, filter: str, limit: int, now: datetime) -> FailedPage:
    """Records that wait for a person, newest first; `filter` is sought in name, key, kind, cause and code."""
    waiting = _waiting()
    if filter:
        sought = filter.lower()
        places = (shop_order.c.name, place.c.name, work.c.key, work.c.kind, work.c.cause, work.c.code)
        waiting = waiting.where(
            or_(*(func.lower(column).contains(sought, autoescape=True) for column in places))
        )
    inner = waiting.subquery()
    total = tx.execute(select(func.count()).select_from(inner)).scalar_one()
    causes = select(inner.c.kind, inner.c.code, inner.c.cause_if_no_code).distinct().subquery()
    groups = tx.execute(select(func.count()).select_from(causes)).scalar_one()
    newest = waiting.order_by(work.c.last_failed_at.desc(), work.c.id.desc()).limit(limit)
    return FailedPage(now, int(total), int(groups), tuple(_row(row) for row in tx.execute(newest)))


def failed_detail(tx: Connection, work_id: WorkId) -> FailedDetail | None:
    """One of them with its last call and its timeline; None when it no longer waits."""
    row = tx.execute(_waiting().where(work.c.id == work_id)).first()
    if row is None:
        return None
    call = tx.execute(
        select(effect.c.body, effect.c.evidence)
        .where(effect.c.work_id == work_id)
        .order_by(effect.c.id.desc())
        .limit(1)
    ).first()
    lines = tx.execute(
        select(ledger)
        .where(ledger.c.connection == row.connection, ledger.c.entity.in_([f"{row.kind}:{row.key}", row.key]))
        .order_by(ledger.c.seq.desc())
        .limit(TIMELINE)
    ).all()
    same = work.c.code == row.code if row.code else and_(work.c.code == "", work.c.cause == row.cause)
    others = (
        select(func.count())
        .select_from(work)
        .where(text(WAITS_FOR_PERSON), work.c.kind == row.kind, same, work.c.id != work_id)
    )
    return FailedDetail(
        row=_row(row),
        sent="" if call is None else call.body,
        got=row.log if call is None or not call.evidence else call.evidence,
        timeline=tuple(
            TimelineRow(line.at, line.actor, line.action, line.detail) for line in reversed(lines)
        ),
        same_cause=int(tx.execute(others).scalar_one()),
    )


def _waiting() -> Select[Any]:
    """Rows waiting for a person, with the shop's name of the order or of the location where the record is one."""
    order_of = and_(shop_order.c.connection == work.c.connection, shop_order.c.order_id == work.c.key)
    place_of = and_(
        place.c.connection == work.c.connection,
        place.c.side == "shop",
        or_(
            and_(work.c.kind == LOCATION, place.c.id == work.c.key),
            and_(work.c.kind == CELL, work.c.key.endswith(literal("|").concat(place.c.id))),
        ),
    )
    cause = func.coalesce(func.nullif(work.c.code, ""), work.c.cause).label("cause_if_no_code")
    return (
        select(work, shop_order.c.name.label("order_name"), place.c.name.label("place_name"), cause)
        .select_from(work.outerjoin(shop_order, order_of).outerjoin(place, place_of))
        .where(text(WAITS_FOR_PERSON.replace("state", "work.state").replace("due_at", "work.due_at")))
    )


def _row(row: Any) -> FailedRow:
    return FailedRow(
        id=WorkId(row.id),
        connection=row.connection,
        kind=row.kind,
        ref=_reference(row),
        state=row.state,
        cause=row.cause,
        remedy=row.remedy,
        code=row.code,
        tries=max(row.attempt, 1) + row.crash_count,
        first_at=row.first_failed_at or row.changed_at,
        last_at=row.last_failed_at or row.changed_at,
    )


def _reference(row: Any) -> str:
    """What people call the record: the order's name, the location's, or the SKU and the location's."""
    if row.kind == CELL:
        sku, _, location = row.key.rpartition("|")
        return f"{sku} at {row.place_name or location}"
    return str(row.order_name or row.place_name or row.key)
