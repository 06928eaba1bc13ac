"""What was seen of a cell and is not explained yet: the date from which a listing must tell of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, text

from engine.model.stock import CellKey
from engine.store.tables import DIRTY, stock
from engine.store.verbs.stock import ONE, named

_AGREED = stock.c.base.is_not(None)
_ANEW = (
    stock.update()
    .where(stock.c.seen_at.is_not(None))
    .values(
        seen_at=case((_AGREED, bindparam("seen_now", type_=stock.c.seen_at.type)), else_=None),
        seen_low=case((_AGREED, stock.c.seen_low), else_=None),
        ver=stock.c.ver + 1,
    )
)


def sight_anew(tx: Connection, connection: str, cells: Collection[CellKey], now: datetime) -> None:
    """A movement became known at these cells: what is unexplained there counts as seen now, and looks start over.

    The unexplained is a sum. When one movement is told and another nobody told us of happens meanwhile, the sum
    stands still although it stands for something younger; judged by its old date, that younger sale would be taken
    as explained by an old rise, and its unit would be listed again. Before the first agreement what was seen is the
    whole level: with the movement it is another, so nothing was seen yet.
    """
    if cells:
        tx.execute(_ANEW.where(ONE), [{**named(connection, key), "seen_now": now} for key in cells])


def sights_anew(tx: Connection, connection: str, now: datetime) -> None:
    """The dates of what is unexplained cannot be compared with those of listings any more: all counts as seen now.

    Cells on which nothing was agreed yet are looked at once more: no listing rings for what was not seen.
    """
    ours = stock.c.connection == connection
    waiting = (text(DIRTY), stock.c.base.is_(None), stock.c.due_at > now, stock.c.failed_at.is_(None))
    tx.execute(stock.update().where(ours, stock.c.seen_at.is_not(None), *waiting).values(due_at=now))
    tx.execute(_ANEW.where(ours), {"seen_now": now})
