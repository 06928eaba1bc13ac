"""The records that wait for a person."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Text, and_, func, literal, or_, select, text

from engine.desk import CauseRow, Chosen, FailedDetail, FailedPage, FailedRow, TimelineRow
from engine.model.ids import WorkId
from engine.store.queries.narrowed import Fields, narrowed, ordered
from engine.store.tables import (
    OPEN_EFFECT,
    WAITS_FOR_PERSON,
    effect,
    ledger,
    order_cell,
    place,
    shop_order,
    work,
    work_mark,
)
from engine.store.verbs.aside import CELL, LOCATION
from engine.store.verbs.person import PERSON

MONEY = "money"
"""Records of payments, credit memos and refunds; each is of one order, whose goods do not wait for it."""
TIMELINE = 200
"""Newest ledger lines shown of one record."""


def _marked(name: str) -> Any:
    return func.coalesce(work_mark.c[name], "", type_=Text())


FIELDS: Fields = {
    "id": work.c.id,
    "kind": work.c.kind,
    "connection": work.c.connection,
    "record": func.coalesce(shop_order.c.name, place.c.name, work.c.key, type_=Text()),
    "state": work.c.state,
    "cause": work.c.cause,
    "code": work.c.code,
    "tries": work.c.attempt,
    "first": work.c.first_failed_at,
    "last": work.c.last_failed_at,
    "assignee": _marked("assignee"),
    "tag": _marked("tags"),
    "parked": _marked("parked"),
}
FREE = (shop_order.c.name, place.c.name, work.c.key, work.c.kind, work.c.cause, work.c.code)


def failed_page(
    tx: Connection,
    *,
    filter: str,
    limit: int,
    now: datetime,
    offset: int = 0,
    sort: str = "",
    descending: bool = True,
) -> FailedPage:
    """Records that wait for a person and fit the filter, newest first by default."""
    waiting = _wanted(filter, now)
    inner = waiting.subquery()
    total = tx.execute(select(func.count()).select_from(inner)).scalar_one()
    causes = select(inner.c.kind, inner.c.code, inner.c.cause_if_no_code).distinct().subquery()
    groups = tx.execute(select(func.count()).select_from(causes)).scalar_one()
    rows = ordered(tx, waiting, FIELDS, sort or "last", descending=descending)
    rows = rows.order_by(work.c.id.desc()).offset(offset).limit(limit)
    return FailedPage(now, int(total), int(groups), tuple(_row(row) for row in tx.execute(rows)), offset)


def failed_chosen(tx: Connection, *, filter: str, now: datetime) -> tuple[Chosen, ...]:
    """Every record that fits the filter, newest first, as it is at this moment."""
    rows = tx.execute(_wanted(filter, now).order_by(work.c.last_failed_at.desc(), work.c.id.desc()))
    return tuple(Chosen(WorkId(row.id), row.version, _reference(row)) for row in rows)


def failed_causes(tx: Connection, *, filter: str, now: datetime) -> tuple[CauseRow, ...]:
    """The same by kind and code (by cause where there is none), with what hangs on them; most records first."""
    inner = _wanted(filter, now).add_columns(shop_order.c.total, shop_order.c.body).subquery()
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for row in tx.execute(select(inner).order_by(inner.c.last_failed_at.desc())):
        groups.setdefault((row.kind, row.code, row.cause_if_no_code), []).append(row)
    units = _committed(tx, {row.key for rows in groups.values() for row in rows if row.kind == "order"})
    asked = _asked(tx, [row.id for rows in groups.values() for row in rows if row.kind == MONEY])
    causes = [_cause(rows, units, asked) for rows in groups.values()]
    return tuple(sorted(causes, key=lambda cause: -cause.records))


def _cause(
    rows: list[Any], units: dict[tuple[str, str], int], asked: dict[int, dict[str, Decimal]]
) -> CauseRow:
    newest = rows[0]
    orders = [row for row in rows if row.kind in ("order", MONEY)]
    held: dict[str, Decimal] = {}
    for row in orders:
        amounts = asked.get(row.id, {})
        if not amounts and row.total is not None:
            amounts = {str(orjson.loads(row.body).get("currency", "")): row.total}
        for currency, amount in amounts.items():
            held[currency] = held.get(currency, Decimal(0)) + amount
    return CauseRow(
        kind=newest.kind,
        code=newest.code,
        cause=newest.cause,
        remedy=newest.remedy,
        records=len(rows),
        orders=len(orders),
        units=sum(units.get((row.connection, row.key), 0) for row in orders if row.kind == "order"),
        held=tuple(sorted(held.items())),
        first_at=min(row.first_failed_at or row.changed_at for row in rows),
        last_at=max(row.last_failed_at or row.changed_at for row in rows),
    )


def _asked(tx: Connection, records: list[int]) -> dict[int, dict[str, Decimal]]:
    """By record of work, the amounts a person is asked to enter, by currency."""
    found: dict[int, dict[str, Decimal]] = {}
    if not records:
        return found
    open_ = (effect.c.work_id.in_(records), effect.c.remote == PERSON, text(OPEN_EFFECT))
    for row in tx.execute(select(effect.c.work_id, effect.c.body).where(*open_)):
        entry, mine = orjson.loads(row.body), found.setdefault(row.work_id, {})
        mine[entry["currency"]] = mine.get(entry["currency"], Decimal(0)) + Decimal(entry["amount"])
    return found


def _committed(tx: Connection, orders: set[str]) -> dict[tuple[str, str], int]:
    """Committed units by order."""
    query = (
        select(
            order_cell.c.connection, order_cell.c.order_id, func.sum(order_cell.c.committed).label("units")
        )
        .where(order_cell.c.order_id.in_(orders))
        .group_by(order_cell.c.connection, order_cell.c.order_id)
    )
    return {(row.connection, row.order_id): int(row.units or 0) for row in tx.execute(query)}


def _wanted(filter: str, now: datetime) -> Select[Any]:
    return narrowed(_waiting(), filter, FIELDS, FREE, now)


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
        select(
            work,
            shop_order.c.name.label("order_name"),
            place.c.name.label("place_name"),
            cause,
            *(_marked(name).label(name) for name in ("assignee", "tags", "parked")),
        )
        .select_from(
            work.outerjoin(shop_order, order_of)
            .outerjoin(place, place_of)
            .outerjoin(work_mark, work_mark.c.work_id == work.c.id)
        )
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
        version=row.version,
        assignee=row.assignee,
        tags=row.tags,
        parked=row.parked,
    )


def _reference(row: Any) -> str:
    """What people call the record: the order's name, the location's, or the SKU and the location's."""
    if row.kind == CELL:
        sku, _, location = row.key.rpartition("|")
        return f"{sku} at {row.place_name or location}"
    return str(row.order_name or row.place_name or row.key)
