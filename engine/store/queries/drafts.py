"""Products that were made of articles, and those that are to be made."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from engine.desk.gaps import DRAFT, GapRow
from engine.store.product_rows import DraftRow
from engine.store.tables import ledger, work
from engine.store.verbs.drafts import KIND, MADE

OVER = ("succeeded", "resolved", "superseded")
"""States of a record of which nothing is to be done any more."""


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


def waiting_drafts(tx: Connection, connections: Collection[str]) -> tuple[GapRow, ...]:
    """Those that are to be made on these connections, as rows of the screen for what only one side knows."""
    open_ones = select(
        work.c.connection, work.c.key, work.c.state, work.c.cause, work.c.attempt, work.c.created_at, work.c.changed_at
    ).where(work.c.connection.in_(connections), work.c.kind == KIND, work.c.state.not_in(OVER))  # fmt: skip
    return tuple(
        GapRow(
            row.connection, DRAFT, row.key, f"{row.state}: {row.cause or 'the shop lacks it'}", max(row.attempt, 1),
            row.created_at, row.changed_at,
        )
        for row in tx.execute(open_ones.order_by(work.c.changed_at.desc()))
    )  # fmt: skip
