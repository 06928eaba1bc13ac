"""The inverse of what a person did, where there is one and nobody has done anything about it since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from engine.model.ids import WorkId
from engine.model.wording import Stale
from engine.store.tables import IN_FORCE, hold, ledger, wording, work, work_mark
from engine.store.verbs.asked import args_of

MARKS = {"assigned": "assign", "tagged": "tag", "parked": "park", "unparked": "park"}
"""Actions about marks, and the verb that sets them to what they were."""
COLUMNS = {"assigned": "assignee", "tagged": "tags", "parked": "parked", "unparked": "parked"}
NOTHING = "-"
CHANGED = "It was changed again since: undo that first."
NONE = "What was done there has no inverse."


@dataclass(frozen=True, slots=True)
class Inverse:
    """A command that takes back what a line of the ledger says."""

    connection: str
    verb: str
    args_json: str


def inverse(tx: Connection, seq: int, now: datetime) -> Inverse | str:
    """The command; or in a sentence why there is none."""
    line = tx.execute(select(ledger).where(ledger.c.seq == seq)).first()
    if line is None:
        return f"There is no line {seq}."
    if line.action in MARKS:
        return _mark(tx, line)
    match line.action:
        case "reworded":
            return _words(tx, line)
        case "held back":
            mine = tx.execute(_hold(line).where(text(IN_FORCE), hold.c.set_at == line.at)).first()
            return CHANGED if mine is None else _cell(mine, "let go", {})
        case "let go":
            return _held(tx, line, now)
    return NONE


def _mark(tx: Connection, line: Any) -> Inverse | str:
    before, _, after = line.detail.partition(" -> ")
    before, after = ("" if side == NOTHING else side for side in (before, after))
    kind, _, key = line.entity.partition(":")
    column = COLUMNS[line.action]
    row = tx.execute(
        select(work.c.id, work.c.version, work_mark.c[column])
        .select_from(work.join(work_mark, work_mark.c.work_id == work.c.id))
        .where(work.c.connection == line.connection, work.c.kind == kind, work.c.key == key)
    ).first()
    if row is None or row[2] != after:
        return CHANGED
    verb = "unpark" if MARKS[line.action] == "park" and not before else MARKS[line.action]
    return Inverse(line.connection, verb, args_of([(WorkId(row.id), row.version)], before))


def _words(tx: Connection, line: Any) -> Inverse | str:
    """What was told before is told again."""
    kind, _, name = line.entity.removeprefix("mapping:").partition(":")
    subject = (
        wording.c.connection == line.connection, wording.c.kind == kind, wording.c.name == name,
    )  # fmt: skip
    begun = tx.execute(select(wording).where(*subject, wording.c.set_at == line.at)).all()
    begun = [row for row in begun if not row.field or line.detail.startswith(f"{row.field}: ")]
    ended = tx.execute(select(wording).where(*subject, wording.c.ended_at == line.at)).all()
    ended = [row for row in ended if not row.field or line.detail.startswith(f"{row.field}: ")]
    field = (begun or ended)[0].field if begun or ended else ""
    stands = tx.execute(select(wording).where(*subject, wording.c.field == field, text(IN_FORCE))).first()
    if (begun and (stands is None or stands.id != begun[0].id)) or (not begun and stands is not None):
        return CHANGED
    if not begun and not ended:
        return NONE
    row = ended[0] if ended else begun[0]
    said = row.said if ended else None
    words = [[kind, name, field, said, row.instead_of]]
    args = {"work": None, "seen": None, "words": words, "stale": row.stale or Stale.SKIP.value}
    return Inverse(line.connection, "edit", orjson.dumps(args).decode())


def _held(tx: Connection, line: Any, now: datetime) -> Inverse | str:
    """What was let go is held back again for what is left of its time."""
    row = tx.execute(_hold(line).where(hold.c.ended_at == line.at)).first()
    if row is None or tx.execute(_hold(line).where(text(IN_FORCE))).first() is not None:
        return CHANGED
    minutes = None if row.ends is None else int((row.ends - now).total_seconds() // 60)
    if minutes is not None and minutes < 1:
        return "Its time is over."
    return _cell(row, "hold", {"units": None if row.everything else row.units, "minutes": minutes})


def _hold(line: Any) -> Any:
    sku, _, location = line.entity.removeprefix("cell:").rpartition("|")
    return select(hold).where(
        hold.c.connection == line.connection, hold.c.sku == sku, hold.c.location == location
    )


def _cell(row: Any, verb: str, said: dict[str, int | None]) -> Inverse:
    args = {"sku": row.sku, "location": row.location, **said}
    return Inverse(row.connection, verb, orjson.dumps(args).decode())
