"""What was taken over from another connector, and differences between what it wrote and what TrueUp would have."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, select, text

from engine.model.ids import LocationId
from engine.model.remit import SHADOW, Remit, Subject
from engine.model.shadow import Taken
from engine.model.stock import CellKey
from engine.store.columns import UtcTime
from engine.store.rows import Published
from engine.store.tables import STILL, cursor, difference, stock, takeover
from engine.store.verbs.aside import take_back
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.ledger import append
from engine.store.verbs.levels import figures
from engine.store.verbs.notes import CLEAN
from engine.store.verbs.stock import change, held

BEGAN = "shadow"
"""Cursor: since when TrueUp has worked beside another connector."""
ALONE = "alone"
"""Cursor: from when on orders are ours, since the other connector is gone."""
LANE = 1
CHUNK = 400
"""Keys per statement."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One field as TrueUp would write it and as it is; with equal texts it agrees."""

    key: str
    location: str
    field: str
    ours: str
    theirs: str


def began(tx: Connection, connection: str, now: datetime) -> datetime:
    """Since when this connection has been served beside another connector: from now on, unless it was before."""
    stored = get_cursor(tx, connection, BEGAN)
    if stored is None:
        set_cursor(tx, connection, BEGAN, now.isoformat(), now)
    return now if stored is None else datetime.fromisoformat(stored)


def alone_since(tx: Connection, connection: str, now: datetime) -> datetime | None:
    """Since when no other connector is there; None where none ever was.

    Orders placed before we took them over are the other connector's for ever: whoever booked them, it was not us.
    """
    if get_cursor(tx, connection, BEGAN) is not None:
        since = [row.since for row in taken(tx, connection) if row.subject == Subject.ORDERS]
        set_cursor(tx, connection, ALONE, max(since, default=now).isoformat(), now)
        tx.execute(delete(cursor).where(cursor.c.connection == connection, cursor.c.name == BEGAN))
        tx.execute(delete(takeover).where(takeover.c.connection == connection))
        tx.execute(
            difference.update().where(difference.c.connection == connection, text(STILL)).values(until=now)
        )
        append(tx, connection, "no other connector", "takeover:everything", now)
    stored = get_cursor(tx, connection, ALONE)
    return None if stored is None else datetime.fromisoformat(stored)


def taken(tx: Connection, connection: str | None = None) -> list[Taken]:
    """What is taken over, of one connection or of all."""
    query = select(takeover).order_by(takeover.c.connection, takeover.c.subject, takeover.c.location)
    if connection is not None:
        query = query.where(takeover.c.connection == connection)
    return [
        Taken(row.connection, row.subject, row.location, row.taken_at, row.taken_by, row.since)
        for row in tx.execute(query)
    ]


def remit_of(rows: Collection[Taken]) -> Remit:
    """What may be written by these."""
    if not rows:
        return SHADOW
    whole = frozenset(Subject(row.subject) for row in rows if not row.location)
    return Remit(False, whole, frozenset(LocationId(row.location) for row in rows if row.location))


def take_over(
    tx: Connection,
    connection: str,
    subject: str,
    location: str,
    since: datetime,
    operator: str,
    now: datetime,
) -> bool:
    """From this transaction on it is ours to write; False when it was before. Cells there are looked at."""
    here = _row(connection, subject, location)
    if tx.execute(select(takeover.c.subject).where(here)).first() is not None:
        return False
    tx.execute(
        takeover.insert().values(
            connection=connection, subject=subject, location=location, taken_at=now, taken_by=operator,
            since=since,
        )
    )  # fmt: skip
    detail = f"{subject} {location}".strip()
    append(tx, connection, "taken over", f"takeover:{detail}", now, actor=operator, detail=since.isoformat())
    if subject == Subject.STOCK:
        _begin_anew(tx, connection, location, "taken over", now)
    ends = difference.update().where(*_of(connection, subject, location), text(STILL))
    tx.execute(ends.values(until=now))
    return True


def give_back(
    tx: Connection, connection: str, subject: str, location: str, operator: str, now: datetime
) -> bool:
    """It is the other connector's again; False when it was. What was agreed on at cells there does not count any more."""
    here = _row(connection, subject, location)
    if not tx.execute(delete(takeover).where(here)).rowcount:
        return False
    append(tx, connection, "given back", f"takeover:{f'{subject} {location}'.strip()}", now, actor=operator)
    if subject == Subject.STOCK:
        _begin_anew(tx, connection, location, "given back", now)
    return True


def compare(
    tx: Connection, connection: str, subject: str, sights: Iterable[Sight], now: datetime
) -> tuple[int, int]:
    """Begin and end differences by what was just seen; how many began and how many ended."""
    sights = list(sights)
    standing = _standing(tx, connection, subject, {sight.key for sight in sights})
    begun = ended = 0
    for sight in sights:
        row = standing.get((sight.key, sight.location, sight.field))
        same = row is not None and (row[1], row[2]) == (sight.ours, sight.theirs)
        if sight.ours == sight.theirs:
            if row is not None:
                tx.execute(difference.update().where(difference.c.id == row[0]).values(until=now))
                ended += 1
        elif row is None:
            tx.execute(
                difference.insert().values(
                    connection=connection, subject=subject, key=sight.key, location=sight.location,
                    field=sight.field, ours=sight.ours, theirs=sight.theirs, since=now,
                )
            )  # fmt: skip
            begun += 1
        elif not same:
            values = {"ours": sight.ours, "theirs": sight.theirs}
            tx.execute(difference.update().where(difference.c.id == row[0]).values(**values))
    if begun or ended:
        said = f"{begun} fields differ, {ended} agree again"
        append(tx, connection, "compared", f"shadow:{subject}", now, detail=said)
    return begun, ended


def compare_cells(
    tx: Connection,
    connection: str,
    seen: Collection[tuple[Published, int]],
    again_at: datetime,
    now: datetime,
) -> None:
    """Cells that another connector writes, each with the figure TrueUp would write: kept, and written nowhere.

    One that differs is looked at again at `again_at`; a mark made since the cell was read stays.
    """
    rows = held(tx, connection, [cell.key for cell, _ in seen])
    values, mended, sights = dict[CellKey, Mapping[str, object]](), list[CellKey](), list[Sight]()
    for cell, ours in seen:
        row = rows.get(cell.key)
        if row is None or row.ver != cell.read.ver:
            continue
        same = ours == cell.on_hand
        mark: dict[str, object] = {"dirty_lane": None, "dirty_at": None, "due_at": None}
        if row.dirty_seq != cell.dirty_seq:
            mark = {"dirty_at": now, "due_at": now}
        elif not same:
            mark = {
                "dirty_lane": LANE + 3,
                "dirty_at": again_at,
                "due_at": again_at,
                "dirty_reason": "shadow",
            }
        values[cell.key] = {
            **figures(cell), **CLEAN, **mark, "target": ours, "terms": cell.terms_json, "agreed_at": now,
            "failed_at": None, "attempt": 0,
        }  # fmt: skip
        if row.failed_at is not None:
            mended.append(cell.key)
        sights.append(Sight(cell.key.sku, cell.key.location, "on_hand", str(ours), str(cell.on_hand)))
    change(tx, connection, values)
    take_back(tx, connection, mended, now)
    compare(tx, connection, Subject.STOCK, sights, now)


def differing(tx: Connection, connection: str, subject: str) -> list[str]:
    """Keys of what differs now."""
    query = select(difference.c.key).where(
        difference.c.connection == connection, difference.c.subject == subject, text(STILL)
    )
    return list(tx.execute(query.distinct().order_by(difference.c.key)).scalars())


def standing_in(tx: Connection, connection: str, subject: str, location: str) -> int:
    """How many fields of what is to be taken over differ now."""
    return len(
        tx.execute(select(difference.c.id).where(*_of(connection, subject, location), text(STILL))).all()
    )


def forget_differences(tx: Connection, before: datetime, limit: int) -> int:
    """Drop what ended before this; how many rows went."""
    old = select(difference.c.id).where(difference.c.until < before).limit(limit)
    return int(tx.execute(delete(difference).where(difference.c.id.in_(old.scalar_subquery()))).rowcount)


def _row(connection: str, subject: str, location: str) -> ColumnElement[bool]:
    return and_(
        takeover.c.connection == connection, takeover.c.subject == subject, takeover.c.location == location
    )


def _of(connection: str, subject: str, location: str) -> tuple[ColumnElement[bool], ...]:
    """Differences of a subject, or of it at one location."""
    mine = (difference.c.connection == connection, difference.c.subject == subject)
    return (*mine, difference.c.location == location) if location else mine


def _standing(
    tx: Connection, connection: str, subject: str, keys: Collection[str]
) -> dict[tuple[str, str, str], tuple[int, str, str]]:
    """What differs now of these keys: id, ours and theirs by key, location and field."""
    found = dict[tuple[str, str, str], tuple[int, str, str]]()
    wanted = sorted(keys)
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        query = select(difference).where(
            difference.c.connection == connection, difference.c.subject == subject,
            difference.c.key.in_(chunk), text(STILL),
        )  # fmt: skip
        for row in tx.execute(query):
            found[row.key, row.location, row.field] = (row.id, row.ours, row.theirs)
    return found


def _begin_anew(tx: Connection, connection: str, location: str, reason: str, now: datetime) -> None:
    """What was agreed on at these cells was somebody else's level, or will be: the first sight starts over."""
    here = (stock.c.connection == connection, *((stock.c.location == location,) if location else ()))
    tx.execute(
        stock.update()
        .where(*here)
        .values(
            base=None, pos=0, seen_low=None, seen_at=None, ver=stock.c.ver + 1, dirty_lane=LANE,
            dirty_at=func.coalesce(stock.c.dirty_at, literal(now, UtcTime)), due_at=now, dirty_seq=stock.c.dirty_seq + 1,
            dirty_reason=reason,
        )
    )  # fmt: skip
