"""Products that were made of articles, and those that are to be made."""

from sqlalchemy import Connection, select

from engine.store.product_rows import DraftRow
from engine.store.tables import ledger, work
from engine.store.verbs.drafts import KIND, MADE


def drafts(tx: Connection, connection: str, limit: int) -> list[DraftRow]:
    """Those that wait or need a person first, then those that were made, the newest first."""
    waiting = select(work.c.key, work.c.state, work.c.cause, work.c.changed_at).where(
        work.c.connection == connection, work.c.kind == KIND, work.c.state != "succeeded"
    )
    found = [
        DraftRow(row.key, row.state, row.cause or "", row.changed_at)
        for row in tx.execute(waiting.order_by(work.c.changed_at.desc()).limit(limit))
    ]
    made = select(ledger.c.entity, ledger.c.detail, ledger.c.at).where(
        ledger.c.connection == connection, ledger.c.action == MADE
    )
    for row in tx.execute(made.order_by(ledger.c.seq.desc()).limit(limit - len(found))):
        found.append(DraftRow(row.entity.removeprefix("product:"), "made", row.detail, row.at))
    return found
