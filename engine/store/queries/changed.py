"""What changed since a line of the ledger, for systems that are told of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.store.tables import ledger, ledger_head

CELLS = ("level moved", "shelf moved", "published", "agreed")
"""A level of the shop or the stock behind it is another than before."""
ORDERS = ("seen", "document")
"""An order of the shop or its document is another than before."""
MOST = 2000
"""Lines looked at at once."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes between two lines of a connection's ledger."""

    upto: int
    """Number of the last line that was looked at."""
    last: str
    """Hash of the last line of these; empty when there are none."""
    at: datetime | None
    skus: tuple[str, ...]
    refs: tuple[str, ...]


def changed_since(tx: Connection, connection: str, after: int) -> Changed:
    """SKUs and orders named by the lines after one, each once and in order."""
    head = last_line(tx, connection)
    query = (
        select(ledger.c.n, ledger.c.at, ledger.c.action, ledger.c.entity, ledger.c.hash)
        .where(ledger.c.connection == connection, ledger.c.n > after, ledger.c.n <= after + MOST)
        .order_by(ledger.c.n)
    )
    lines = tx.execute(query).all() if head > after else []
    told = [line for line in lines if line.action in (*CELLS, *ORDERS)]
    skus = [line.entity.removeprefix("cell:").rpartition("|")[0] for line in told if line.action in CELLS]
    refs = [line.entity.removeprefix("order:") for line in told if line.action in ORDERS]
    return Changed(
        min(head, after + MOST),
        told[-1].hash if told else "",
        told[-1].at if told else None,
        tuple(dict.fromkeys(filter(None, skus))),
        tuple(dict.fromkeys(refs)),
    )


def last_line(tx: Connection, connection: str) -> int:
    """Number of the newest line of a connection's ledger; 0 when there is none."""
    head = tx.execute(select(ledger_head.c.n).where(ledger_head.c.connection == connection)).scalar()
    return int(head or 0)
