"""The hand-over: counted from the ledger by its index, with what people did and what is left."""

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from engine.desk.shift import ActRow, Shift
from engine.store.queries.measures import measures
from engine.store.queries.notices import notices
from engine.store.tables import BY_PEOPLE, ledger

COUNTED = (
    "succeeded", "published", "held", "dead_lettered", "uncertain", "quarantined", "redriven", "resolved", "healed",
    "cell failed", "rise decided", "fall decided", "held back", "let go", "lease taken", "rescued",
)  # fmt: skip
ACTS = 50
ALERTS = 500


def shift(tx: Connection, since: datetime, now: datetime) -> Shift:
    """What happened since then."""
    counted = (
        select(ledger.c.action, func.count().label("times"))
        .where(ledger.c.action.in_(COUNTED), ledger.c.at >= since)
        .group_by(ledger.c.action)
    )
    done = {str(row.action): int(row.times) for row in tx.execute(counted)}
    acts = tx.execute(
        select(ledger)
        .where(text(BY_PEOPLE), ledger.c.action != "command done", ledger.c.at >= since)
        .order_by(ledger.c.seq.desc())
        .limit(ACTS)
    )
    return Shift(
        since,
        now,
        {action: done[action] for action in COUNTED if action in done},
        tuple(ActRow(row.at, row.actor, row.connection, row.action, row.entity, row.detail) for row in acts),
        tuple(
            one
            for one in notices(tx, over=True, limit=ALERTS)
            if one.over_at is None or one.opened_at >= since or one.over_at >= since
        ),
        measures(tx, now).rows,
    )
