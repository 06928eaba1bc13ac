"""Stock that cannot be kept true until a person changes something: a cell that fails for good becomes a record.

One record per cause and subject: what concerns a whole location or a whole SKU is one record, not one per cell.
The record goes when one of its cells has been settled, and waits again when a look fails again.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from engine.model.ids import LocationId, Sku, WorkId
from engine.model.stock import CellKey
from engine.store.rows import FailureNote
from engine.store.tables import stock, work
from engine.store.verbs.ledger import append
from engine.store.verbs.notes import note_values
from engine.store.verbs.stock import mark_dirty
from engine.store.verbs.work import redrive

CELL, SKU, LOCATION = "cell", "sku", "location"
KINDS = (CELL, SKU, LOCATION)
"""Kinds of records about stock; the key is `SKU|location`, the SKU, or the location."""
SUBJECT = {"sku_unknown": SKU, "location_unmapped": LOCATION}
"""What a failure is about, by its code; by default one cell."""
LANE = 0


def put_aside(
    tx: Connection, connection: str, cell: CellKey, note: FailureNote, tries: int, now: datetime
) -> None:
    """A cell is left alone until something marks it anew: its cause is a record that waits for a person."""
    kind = SUBJECT.get(note.code, CELL)
    key = _keys(cell)[kind]
    known = tx.execute(
        select(work.c.id, work.c.state, work.c.attempt)
        .where(work.c.connection == connection, work.c.kind == kind, work.c.key == key)
        .with_for_update()
    ).first()
    values = note_values(note) | {"state": "held", "due_at": None, "changed_at": now, "last_failed_at": now}
    if known is None:
        row = {"connection": connection, "kind": kind, "key": key, "lane": LANE, "attempt": tries}
        tx.execute(work.insert().values({**row, **values, "created_at": now, "first_failed_at": now}))
    else:
        waited = known.state != "succeeded"
        again = {"attempt": max(known.attempt, tries) if waited else tries, "version": work.c.version + 1}
        first = {} if waited else {"first_failed_at": now}
        tx.execute(work.update().where(work.c.id == known.id).values({**values, **again, **first}))
    if known is None or known.state != "held":
        append(tx, connection, "held", f"{kind}:{key}", now, detail=note.cause)


def take_back(tx: Connection, connection: str, cells: Collection[CellKey], now: datetime) -> None:
    """These cells have been settled: what was put aside for them no longer waits."""
    for key in cells:
        mine = or_(*(and_(work.c.kind == kind, work.c.key == name) for kind, name in _keys(key).items()))
        waiting = and_(work.c.connection == connection, work.c.state == "held", mine)
        values = {"state": "succeeded", "due_at": None, "changed_at": now, "version": work.c.version + 1}
        done = tx.execute(work.update().where(waiting).values(values).returning(work.c.kind, work.c.key))
        for row in done.all():
            append(tx, connection, "settled", f"{row.kind}:{row.key}", now)


def try_again(tx: Connection, work_id: WorkId, *, operator: str, now: datetime) -> bool:
    """A person says: try again. Cells are marked for a look, work is due; False when it does not wait for a person."""
    row = tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()
    if row is None or row.kind not in KINDS:
        return redrive(tx, work_id, operator=operator, now=now)
    if row.state != "held":
        return False
    mine = and_(stock.c.connection == row.connection, _of(row.kind, row.key))
    cells = [
        CellKey(Sku(cell.sku), LocationId(cell.location))
        for cell in tx.execute(select(stock.c.sku, stock.c.location).where(mine))
    ]
    mark_dirty(tx, row.connection, cells, reason="retried by a person", lane=LANE, now=now)
    values = {"state": "resolved", "due_at": None, "changed_at": now, "version": row.version + 1}
    tx.execute(work.update().where(work.c.id == work_id).values(values))
    append(tx, row.connection, "redriven", f"{row.kind}:{row.key}", now, actor=operator)
    return True


def _keys(key: CellKey) -> dict[str, str]:
    """The records a cell may belong to."""
    return {CELL: f"{key.sku}|{key.location}", SKU: key.sku, LOCATION: key.location}


def _of(kind: str, key: str) -> ColumnElement[bool]:
    """The cells of a record."""
    match kind:
        case "sku":
            return stock.c.sku == key
        case "location":
            return stock.c.location == key
        case _:
            sku, _, location = key.rpartition("|")
            return and_(stock.c.sku == sku, stock.c.location == location)
