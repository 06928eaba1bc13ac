"""Is the store still what was written to it? Asked at the start, before anything is done by what it says."""

from sqlalchemy import Connection, select, text

from engine.store.faults import DAMAGED
from engine.store.rows import LedgerLine
from engine.store.tables import ledger, ledger_head
from engine.store.trouble import StoreBroken
from engine.store.verbs.ledger import GENESIS, line_hash

LAST = 500
"""Lines of each chain that are followed; `trueup audit verify` follows all of them."""


def examine(tx: Connection) -> None:
    """StoreBroken when a page is damaged or a ledger does not end as it was written.

    SQLite has no checksums of its own: quick_check reads every page and finds what is not in order, the chain finds a
    changed line. A PostgreSQL server looks after its pages itself.
    """
    if tx.dialect.name == "sqlite":
        found = str(tx.execute(text("PRAGMA quick_check(1)")).scalar())
        if found != "ok":
            raise StoreBroken(f"{DAMAGED[0][:-1]} ({' '.join(found.split())[:120]}).", DAMAGED[1])
    for head in tx.execute(select(ledger_head)).all():
        if not _ends(tx, head.connection, head.n, head.hash):
            raise StoreBroken(
                f"The ledger of {head.connection} does not end as it was written.",
                "Run trueup audit verify to see where it breaks; restore the newest backup (trueup restore).",
            )


def _ends(tx: Connection, connection: str, n: int, last: str) -> bool:
    """The newest lines follow from each other and lead to the head."""
    query = (
        select(ledger)
        .where(ledger.c.connection == connection, ledger.c.n > n - LAST)
        .order_by(ledger.c.n.desc())
    )
    expected, number = last, n
    for row in tx.execute(query):
        line = LedgerLine(row.actor, row.action, row.entity, row.detail)
        own = line_hash(row.prev_hash, connection, row.n, row.at, line)
        if (row.n, row.hash, own) != (number, expected, expected):
            return False
        expected, number = row.prev_hash, number - 1
    return number == max(0, n - LAST) and (number > 0 or expected == GENESIS)
