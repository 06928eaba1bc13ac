"""When cells were compared: the last comparisons, what moved since, and which cells have no proof."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, text

from engine.model.comparison import Proof
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.tables import KEPT, cell_event, schedule_run, stock

LEFT_ALONE = ("location_unmapped", "location_shut", "sku_unknown", "sku_twice", "untracked", "inactive")
"""Codes of cells that have nothing to be compared with; each waits for a person under its own name."""


def last_comparison(tx: Connection, connection: str, names: Collection[str]) -> datetime | None:
    """When the last comparison of these kinds that was completed began; None when there was none."""
    query = (
        select(schedule_run.c.started_at)
        .where(
            schedule_run.c.connection == connection,
            schedule_run.c.name.in_(names),
            schedule_run.c.outcome == "ok",
        )
        .order_by(schedule_run.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).scalar()


def moved_since(tx: Connection, connection: str, since: datetime) -> list[CellKey]:
    """Cells with something in their history since then, in order."""
    query = (
        select(cell_event.c.sku, cell_event.c.location)
        .where(cell_event.c.at >= since, cell_event.c.connection == connection)
        .distinct()
        .order_by(cell_event.c.sku, cell_event.c.location)
    )
    return [CellKey(Sku(row.sku), LocationId(row.location)) for row in tx.execute(query)]


def proof(tx: Connection, name: str, hours: float, now: datetime) -> Proof:
    """Whether every cell that is kept true was compared within so many hours, by all that is written down.

    A completed full comparison (runs called `name`) that began since then proves every cell of its connection that
    was known when it began; the others prove themselves by the last look that found or made both sides equal.
    """
    since, cells, count = now - timedelta(hours=hours), 0, 0
    fulls: list[datetime] = []
    connections = tx.execute(select(stock.c.connection).distinct()).scalars().all()
    for connection in connections:
        kept = select(func.count()).where(stock.c.connection == connection, text(KEPT))
        cells += int(tx.execute(kept).scalar_one())
        begun = last_comparison(tx, connection, (name,))
        fulls += [begun] if begun else []
        if begun is not None and begun >= since:
            continue
        late = and_(
            or_(stock.c.agreed_at.is_(None), stock.c.agreed_at < since), stock.c.code.not_in(LEFT_ALONE)
        )
        count += int(tx.execute(kept.where(late)).scalar_one())
    return Proof(hours, since, cells, count, min(fulls, default=None))
