"""What of a record may be edited before it is tried again, and which records were overtaken meanwhile."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, and_, select, text

from engine.desk.editing import EditField, EditForm, Overtaken
from engine.desk.failures import Chosen
from engine.model.ids import WorkId
from engine.model.wording import ORDER, Wording
from engine.orders.rewording import FIELDS, label, told
from engine.orders.values import Kind, ValueMaps
from engine.store.queries.gaps import open_gaps
from engine.store.tables import WAITS_FOR_PERSON, effect, shop_order, work
from engine.store.verbs.wording import words_of

Row = Any


def edit_form(tx: Connection, work_id: WorkId, names: dict[str, ValueMaps]) -> EditForm | None:
    """The fields of its document and the values that lack a name; None when it no longer waits.

    `names`: the tables of each connection, as they are in force.
    """
    row = tx.execute(select(work).where(work.c.id == work_id, text(WAITS_FOR_PERSON))).first()
    if row is None:
        return None
    ref = tx.execute(
        select(shop_order.c.name).where(
            shop_order.c.connection == row.connection, shop_order.c.order_id == row.key
        )
    ).scalar()
    fields = (*_lacking(tx, row, names.get(row.connection, {})), *_of_document(tx, row))
    return EditForm(Chosen(work_id, row.version, ref or row.key), row.connection, row.cause, fields)


def _lacking(tx: Connection, row: Row, names: ValueMaps) -> list[EditField]:
    """Values that its failure names and no table does."""
    return [
        EditField(
            gap.kind, gap.name, "", label(gap.kind, gap.name, ""), gap.name,
            names.get(Kind(gap.kind), {}).get(gap.name, ""),
            known=tuple(sorted(set(names.get(Kind(gap.kind), {}).values()))),
        )
        for gap in open_gaps(tx)
        if gap.connection == row.connection and gap.kind in set(Kind) and f"“{gap.name}”" in row.cause
    ]  # fmt: skip


def _of_document(tx: Connection, row: Row) -> list[EditField]:
    """Fields of the document as it was sent last."""
    if row.kind != ORDER:
        return []
    body = tx.execute(
        select(effect.c.body)
        .where(effect.c.work_id == row.id, effect.c.op.in_(("create", "amend")))
        .order_by(effect.c.id.desc())
        .limit(1)
    ).scalar()
    if body is None:
        return []
    sent = told(orjson.loads(body))
    words: dict[str, Wording] = {one.field: one for one in words_of(tx, row.connection, row.key)}
    found = []
    for field in FIELDS:
        one = words.get(field)
        shop, now = (sent[field], sent[field]) if one is None else (one.instead_of, one.said)
        found.append(EditField(ORDER, row.key, field, field, shop, now, "" if one is None else one.set_by))
    return found


def overtaken(tx: Connection, chosen: Collection[Chosen]) -> tuple[Overtaken, ...]:
    """Those that changed since they were seen, and those whose order changed in Shopify after the attempt.

    The order's date is Shopify's, the attempt's is ours; a retry sends the newest in any case.
    """
    of_order = and_(
        work.c.kind == ORDER,
        shop_order.c.connection == work.c.connection,
        shop_order.c.order_id == work.c.key,
    )
    seen = {one.id: one for one in chosen}
    rows = tx.execute(
        select(work.c.id, work.c.kind, work.c.version, work.c.last_failed_at, shop_order.c.updated_at)
        .select_from(work.outerjoin(shop_order, of_order))
        .where(work.c.id.in_(seen))
    )
    known = {WorkId(row.id): row for row in rows}
    waiting = set(tx.execute(select(work.c.id).where(work.c.id.in_(seen), text(WAITS_FOR_PERSON))).scalars())
    found = []
    for one in chosen:
        row = known.get(one.id)
        if row is None or one.id not in waiting:
            found.append(Overtaken(one, "does not wait any more", waits=False))
        elif row.version != one.version:
            now = Chosen(one.id, row.version, one.ref)
            words = row.kind == ORDER
            found.append(Overtaken(now, "changed since it was seen", waits=True, asks=words))
        elif _later(row.updated_at, row.last_failed_at):
            found.append(
                Overtaken(one, f"changed in Shopify {row.updated_at:%H:%M:%S}Z", waits=True)
            )  # fmt: skip
    return tuple(found)


def _later(changed: datetime | None, tried: datetime | None) -> bool:
    return changed is not None and tried is not None and changed > tried
