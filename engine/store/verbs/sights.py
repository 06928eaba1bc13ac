"""What was seen of a cell and is not explained yet: the date from which a listing must tell of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from engine.model.stock import CellKey
from engine.store.tables import stock
from engine.store.verbs.stock import ONE, named


def sight_anew(tx: Connection, connection: str, cells: Collection[CellKey], now: datetime) -> None:
    """A movement became known at these cells: what is unexplained there counts as seen now, and looks start over.

    The unexplained is a sum. When one movement is told and another nobody told us of happens meanwhile, the sum
    stands still although it stands for something younger; judged by its old date, that younger sale would be taken
    as agreed (at first sight) or as explained by an old rise, and its unit would be listed again.
    """
    if cells:
        unexplained = stock.update().where(ONE, stock.c.seen_at.is_not(None))
        values = unexplained.values(seen_at=now, ver=stock.c.ver + 1)
        tx.execute(values, [named(connection, key) for key in cells])
