"""What came of looking at a stock cell: written, equal, failed, or decided by a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engine.model.stock import CellKey
from engine.stock.memory import Memory, fall_decided, rise_decided, written
from engine.store.rows import CellState, FailureNote, LedgerLine, Published
from engine.store.verbs.aside import put_aside, take_back
from engine.store.verbs.history import Change, keep
from engine.store.verbs.ledger import append, append_many
from engine.store.verbs.levels import figures
from engine.store.verbs.notes import CLEAN, note_values
from engine.store.verbs.stock import change, held

MILLISECOND = timedelta(milliseconds=1)
LATER = 4
"""Lane of a look that nothing but time asks for."""


def publish(
    tx: Connection, connection: str, cells: Sequence[Published], now: datetime, reference: str = ""
) -> list[bool]:
    """The shop took these figures: move the base, remember rises, count the version up.

    `reference` names the write, for the ledger and the history: `effect:7`.

    False for a cell whose version moved meanwhile: the write is recorded on top of what moved it, and the
    cell stays marked so that it is computed anew. False too for a cell that is not known.
    """
    answers: list[bool] = []
    lines: list[LedgerLine] = []
    changes: list[Change] = []
    rows, written_to, mended = held(tx, connection, [cell.key for cell in cells]), dict[CellKey, Any](), []
    for cell in cells:
        row = rows.get(cell.key)
        if row is None:
            answers.append(False)
            continue
        present = _memory(row)
        same = present.ver == cell.read.ver
        values = _remembered(written(present, cell.read, cell.agreed)) | figures(cell)
        values |= {
            "target": cell.target,
            "on_hand": cell.target,
            "terms": cell.terms_json,
            "published_at": now,
            "agreed_at": now,
        }
        if row.available is not None:
            values["available"] = row.available + cell.target - (row.on_hand or 0)
        if row.dirty_at is not None:
            values["push_ms"] = max((now - row.dirty_at) // MILLISECOND, 0)
        if same:
            values |= _settled(row, cell, now)
        else:
            values |= {"dirty_lane": row.dirty_lane or 0, "dirty_at": now, "due_at": now}
        written_to[cell.key] = values
        if same and row.failed_at is not None:
            mended.append(cell.key)
        detail = f"{cell.on_hand} to {cell.target}" + _because(row.dirty_reason, reference)
        lines.append(LedgerLine("engine", "published", cell_entity(cell.key), detail))
        lines += _told(row, cell)
        changes.append(Change(cell.key, row.dirty_reason, reference))
        answers.append(same)
    change(tx, connection, written_to)
    take_back(tx, connection, mended, now)
    append_many(tx, connection, lines, now)
    keep(tx, connection, "published", changes, now)
    return answers


def agree(tx: Connection, connection: str, cells: Sequence[Published], now: datetime) -> list[bool]:
    """Both sides hold the same figure: clear the mark and keep what was seen; the base moves only at first."""
    answers: list[bool] = []
    lines: list[LedgerLine] = []
    changes: list[Change] = []
    rows, equal, mended = held(tx, connection, [cell.key for cell in cells]), dict[CellKey, Any](), []
    for cell in cells:
        row = rows.get(cell.key)
        if row is None or row.ver != cell.read.ver:
            answers.append(False)
            continue
        values = figures(cell) | {
            "seen_low": cell.agreed.seen_low,
            "seen_at": cell.agreed.seen_at,
            "target": cell.target,
            "on_hand": cell.on_hand,
            "terms": cell.terms_json,
            "agreed_at": now,
        }
        if row.base is None and cell.agreed.base is not None:
            values |= {"base": cell.agreed.base, "pos": cell.agreed.pos}
            lines.append(LedgerLine("engine", "agreed", cell_entity(cell.key), f"at {cell.target}"))
        equal[cell.key] = values | _settled(row, cell, now)
        if row.failed_at is not None:
            mended.append(cell.key)
        if row.terms != cell.terms_json or row.base is None:
            changes.append(Change(cell.key, row.dirty_reason))
            lines += _told(row, cell)
        answers.append(True)
    change(tx, connection, equal)
    take_back(tx, connection, mended, now)
    append_many(tx, connection, lines, now)
    keep(tx, connection, "agreed", changes, now)
    return answers


def leave(tx: Connection, connection: str, cells: Sequence[CellState], now: datetime) -> None:
    """Cells that neither side stocks: nothing is owed there until something marks them anew."""
    rows = held(tx, connection, [cell.key for cell in cells])
    left = [cell for cell in cells if cell.key in rows]
    change(tx, connection, {cell.key: _settled(rows[cell.key], cell, now) for cell in left})
    take_back(tx, connection, [cell.key for cell in left if rows[cell.key].failed_at is not None], now)


def cell_failed(
    tx: Connection,
    connection: str,
    key: CellKey,
    failure: FailureNote,
    now: datetime,
    *,
    due_at: datetime | None = None,
    dirty_seq: int | None = None,
) -> bool:
    """A look went wrong: looked at again at `due_at`; with None only when something marks the cell anew.

    Then its cause waits as a record for a person, until the cell is settled. `dirty_seq` is the cell's as the look
    found it: a mark made meanwhile stays.
    """
    row = _locked(tx, connection, key)
    if row is None:
        return False
    marked = dirty_seq is not None and row.dirty_seq != dirty_seq
    values = note_values(failure) | {
        "failed_at": now,
        "attempt": row.attempt + 1,
        "due_at": now if marked else due_at,
    }
    if due_at is None and not marked:
        values |= {"dirty_lane": None, "dirty_at": None}
    _update(tx, connection, key, values)
    append(tx, connection, "cell failed", cell_entity(key), now, detail=failure.cause)
    if due_at is None and not marked:
        put_aside(tx, connection, key, failure, row.attempt + 1, now)
    return True


def decide_rise(
    tx: Connection, connection: str, key: CellKey, units: int, *, real: bool, operator: str, now: datetime
) -> bool:
    """A person says whether units that appeared in the shop exist; ours is noted before the back office's."""
    row = _locked(tx, connection, key)
    after = None if row is None else rise_decided(_memory(row), units)
    if after is None:
        return False
    _decided(tx, connection, row, after, now)
    word = "real" if real else "not real"
    append(tx, connection, "rise decided", cell_entity(key), now, actor=operator, detail=f"{units} {word}")
    keep(tx, connection, "decided", [Change(key, f"{units} {word}, {operator}")], now)
    return True


def decide_fall(
    tx: Connection, connection: str, key: CellKey, units: int, *, real: bool, operator: str, now: datetime
) -> bool:
    """A person says that an unexplained fall is settled; a real one is booked in the back office first."""
    row = _locked(tx, connection, key)
    after = None if row is None else fall_decided(_memory(row), units)
    if after is None:
        return False
    _decided(tx, connection, row, after, now)
    word = "real" if real else "not real"
    append(tx, connection, "fall decided", cell_entity(key), now, actor=operator, detail=f"{units} {word}")
    keep(tx, connection, "decided", [Change(key, f"{units} {word}, {operator}")], now)
    return True


def _because(cause: str, reference: str) -> str:
    """Cause and reference of a change, for the ledger."""
    said = ", ".join(filter(None, (cause, reference)))
    return f" ({said})" if said else ""


def _told(row: Any, cell: Published) -> list[LedgerLine]:
    """The back office's figures, when they are others than before."""
    before, after = (row.erp_on_hand, row.erp_reserved), (cell.erp_on_hand, cell.erp_reserved)
    if before == after or None in after:
        return []
    detail = f"on hand {before[0]} to {after[0]}, reserved {before[1]} to {after[1]}"
    return [
        LedgerLine(
            "back office", "shelf moved", cell_entity(cell.key), detail + _because(row.dirty_reason, "")
        )
    ]


def cell_entity(key: CellKey) -> str:
    """How the ledger names a cell."""
    return f"cell:{key.sku}|{key.location}"


def _locked(tx: Connection, connection: str, key: CellKey) -> Any:
    return held(tx, connection, [key]).get(key)


def _update(tx: Connection, connection: str, key: CellKey, values: dict[str, Any]) -> None:
    change(tx, connection, {key: values})


def _memory(row: Any) -> Memory:
    return Memory(row.ver, row.base, row.pos, row.seen_low, row.seen_at)


def _remembered(memory: Memory) -> dict[str, Any]:
    return {name: getattr(memory, name) for name in memory.__slots__}


def _settled(row: Any, cell: Published | CellState, now: datetime) -> dict[str, Any]:
    """Failures are over; the mark goes unless the cell is open, or another was made since it was read."""
    values: dict[str, Any] = {"failed_at": None, "attempt": 0, **CLEAN}
    stays = isinstance(cell, Published) and cell.open
    if row.dirty_seq == cell.dirty_seq and not stays:
        again = cell.again_at if isinstance(cell, Published) else None
        if again is not None:
            mark = {"dirty_lane": LATER, "dirty_at": again, "due_at": again, "dirty_reason": "buffer"}
            return values | mark
        return values | {"dirty_lane": None, "dirty_at": None, "due_at": None}
    return values | {"dirty_at": now, "due_at": now}


def _decided(tx: Connection, connection: str, row: Any, after: Memory, now: datetime) -> None:
    """A decision voids every look under way and asks for a new one."""
    mark = {
        "dirty_seq": row.dirty_seq + 1,
        "dirty_lane": 0,
        "dirty_at": row.dirty_at or now,
        "due_at": now,
        "dirty_reason": "decided",
    }
    _update(tx, connection, CellKey(row.sku, row.location), _remembered(after) | mark)
