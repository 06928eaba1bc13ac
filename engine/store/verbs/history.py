"""The history of cells: what a cell is after each change, so that every past second can be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, and_, bindparam, delete, literal, select

from engine.model.stock import CellKey
from engine.store.columns import UtcTime
from engine.store.tables import LOOKS, cell_event, stock

STATE = (
    "connection", "sku", "location", "active", "on_hand", "available", "committed", "erp_on_hand", "erp_reserved",
    "erp_at", "base", "pos", "ver", "seen_low", "seen_at", "target", "terms",
)  # fmt: skip
"""Columns of a cell that are kept with each change."""


_KEEP = cell_event.insert().from_select(
    ["cause", "reference", "kind", "at", *STATE],
    select(
        bindparam("of_cause", type_=Text),
        bindparam("of_reference", type_=Text),
        bindparam("of_kind", type_=Text),
        bindparam("of_at", type_=UtcTime),
        *(stock.c[name] for name in STATE),
    ).where(
        stock.c.connection == bindparam("of_connection"),
        stock.c.sku == bindparam("of_sku"),
        stock.c.location == bindparam("of_location"),
    ),
)
"""Copies a cell, as it stands, into its history."""


@dataclass(frozen=True, slots=True)
class Change:
    """Why a cell is other than before."""

    key: CellKey
    cause: str
    reference: str = ""
    """What it can be looked up by: `effect:7` for our own write."""


def keep(tx: Connection, connection: str, kind: str, changes: Sequence[Change], now: datetime) -> None:
    """Add these cells, as the transaction has just left them, to their history."""
    if not changes:
        return
    of = {"of_connection": connection, "of_kind": kind, "of_at": now}
    tx.execute(
        _KEEP,
        [
            {
                **of,
                "of_cause": change.cause,
                "of_reference": change.reference,
                "of_sku": change.key.sku,
                "of_location": change.key.location,
            }
            for change in changes
        ],
    )


def forget(tx: Connection, before: datetime, limit: int) -> int:
    """Drop history older than this, except what tells how each cell stood then; how many rows went."""
    newer = cell_event.alias("newer")
    told_since = (
        select(literal(1))
        .where(
            and_(*(newer.c[name] == cell_event.c[name] for name in ("connection", "sku", "location"))),
            newer.c.at <= before,
            newer.c.id > cell_event.c.id,
            newer.c.kind.in_(LOOKS),
        )
        .exists()
    )
    old = select(cell_event.c.id).where(cell_event.c.at < before, told_since).limit(limit)
    return int(tx.execute(delete(cell_event).where(cell_event.c.id.in_(old.scalar_subquery()))).rowcount)
