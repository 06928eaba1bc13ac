"""Stock that cannot be kept true until a person changes something: a cell that fails for good becomes a record.

One record per cause and subject: what concerns a whole location or a whole SKU is one record, not one per cell.
The record goes when one of its cells has been settled, and waits again when a look fails again.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from engine.delivery.states import Move, State
from engine.model.ids import LocationId, Sku, WorkId
from engine.model.stock import CellKey
from engine.store.rows import FailureNote
from engine.store.tables import stock, work
from engine.store.verbs.ledger import append
from engine.store.verbs.moves import move
from engine.store.verbs.notes import note_values
from engine.store.verbs.person import redrive
from engine.store.verbs.stock import mark_dirty

CELL, SKU, LOCATION = "cell", "sku", "location"
KINDS = (CELL, SKU, LOCATION)
"""Kinds of records about stock; the key is `SKU|location`, the SKU, or the location."""
SUBJECT = {
    "sku_unknown": SKU, "sku_twice": SKU, "location_unmapped": LOCATION, "location_shut": LOCATION,
}  # fmt: skip
"""What a failure is about, by its code; by default one cell."""
LANE = 0


def put_aside(
    tx: Connection, connection: str, cell: CellKey, note: FailureNote, tries: int, now: datetime
) -> None:
    """A cell is left alone until something marks it anew: its cause is a record that waits for a person."""
    kind = SUBJECT.get(note.code, CELL)
    key = _keys(cell)[kind]
    if kind != CELL:
        _supersede(tx, connection, _keys(cell)[CELL], key, now)
    known = tx.execute(
        select(work.c.id, work.c.state, work.c.attempt)
        .where(work.c.connection == connection, work.c.kind == kind, work.c.key == key)
        .with_for_update()
    ).first()
    values = note_values(note) | {"due_at": None, "last_failed_at": now}
    if known is None:
        row = {"connection": connection, "kind": kind, "key": key, "lane": LANE, "attempt": tries}
        times = {"created_at": now, "changed_at": now, "first_failed_at": now}
        tx.execute(work.insert().values({**row, **values, **times, "state": State.HELD.value}))
    else:
        waited = known.state != State.SUCCEEDED
        again = {"attempt": max(known.attempt, tries) if waited else tries}
        first = {} if waited else {"first_failed_at": now}
        move(tx, known, Move.PUT_ASIDE, State.HELD, now, {**values, **again, **first})
    if known is None or known.state != State.HELD:
        append(tx, connection, "held", f"{kind}:{key}", now, detail=note.cause)


def take_back(tx: Connection, connection: str, cells: Collection[CellKey], now: datetime) -> None:
    """These cells have been settled: what was put aside for them no longer waits."""
    for key in cells:
        mine = or_(*(and_(work.c.kind == kind, work.c.key == name) for kind, name in _keys(key).items()))
        waiting = and_(work.c.connection == connection, work.c.state == State.HELD.value, mine)
        for row in tx.execute(select(work).where(waiting).with_for_update()).all():
            move(tx, row, Move.TAKE_BACK, State.SUCCEEDED, now, {"due_at": None})
            append(tx, connection, "settled", f"{row.kind}:{row.key}", now)


def try_again(tx: Connection, work_id: WorkId, *, operator: str, now: datetime) -> bool:
    """A person says: try again. Cells are marked for a look, work is due; False when it does not wait for a person."""
    row = tx.execute(select(work).where(work.c.id == work_id).with_for_update()).first()
    if row is None or row.kind not in KINDS:
        return redrive(tx, work_id, operator=operator, now=now)
    if row.state != State.HELD:
        return False
    mine = and_(stock.c.connection == row.connection, _of(row.kind, row.key))
    cells = [
        CellKey(Sku(cell.sku), LocationId(cell.location))
        for cell in tx.execute(select(stock.c.sku, stock.c.location).where(mine))
    ]
    mark_dirty(tx, row.connection, cells, reason="retried by a person", lane=LANE, now=now)
    move(tx, row, Move.RESOLVE, State.RESOLVED, now, {"due_at": None})
    append(tx, row.connection, "redriven", f"{row.kind}:{row.key}", now, actor=operator)
    return True


def _supersede(tx: Connection, connection: str, cell: str, by: str, now: datetime) -> None:
    """What waited for this cell alone is covered by the record of its SKU or location."""
    here = and_(work.c.connection == connection, work.c.kind == CELL, work.c.key == cell)
    row = tx.execute(select(work).where(here, work.c.state == State.HELD.value).with_for_update()).first()
    if row is not None:
        move(tx, row, Move.SUPERSEDE, State.SUPERSEDED, now, {"due_at": None})
        append(tx, connection, "superseded", f"{CELL}:{cell}", now, detail=f"by {by}")


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
