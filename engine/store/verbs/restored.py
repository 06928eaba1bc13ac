"""What a store forgets when it is put back to an earlier moment: whatever else happened since is read anew by reference."""

from datetime import datetime

from sqlalchemy import Connection, select, text

from engine.store.tables import OPEN_EFFECT, effect, stock
from engine.store.verbs.ledger import append

LANE = 0


def restored(tx: Connection, taken_from: str, now: datetime) -> None:
    """The next look at each cell agrees anew, and level writes without an answer are not sent again.

    What was agreed on lies behind the writes made since, so a difference from it would be taken for a sale. Orders
    need nothing: each is looked up by its reference before anything is created.
    """
    here = effect.c.op == "set_on_hand"
    tx.execute(effect.update().where(here, text(OPEN_EFFECT)).values(outcome="superseded", settled_at=now))
    tx.execute(
        stock.update().values(
            base=None,
            seen_low=None,
            seen_at=None,
            ver=stock.c.ver + 1,
            dirty_seq=stock.c.dirty_seq + 1,
            dirty_lane=LANE,
            dirty_at=now,
            due_at=now,
            dirty_reason="restored from a backup",
        )
    )
    connections = tx.execute(select(stock.c.connection).distinct()).scalars().all()
    for connection in connections:
        append(tx, connection, "restored", "store", now, detail=taken_from)
