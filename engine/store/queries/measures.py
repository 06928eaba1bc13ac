"""What is measured of each connection, read by indexes alone: it is asked for every few seconds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from engine.delivery.breaker import Circuit
from engine.desk.measures import AlarmRow, GateRow, Measured, Measures, RemoteRow, WaitingRow
from engine.desk.sync import SyncRow
from engine.store.queries.sync import sync_page
from engine.store.tables import (
    DIRTY,
    KEPT,
    OVER,
    WAITS_FOR_PERSON,
    alert,
    breaker,
    mapping_gap,
    pace,
    stock,
    tally,
    work,
)
from engine.store.verbs.pace import ALLOWANCE, AT_RISK, BUDGET, measured_lag

CELLS = {
    "kept": KEPT,
    "waiting": DIRTY,
    "failed": "failed_at IS NOT NULL",
    "conflict": "pos > 0",
    "oversold": OVER,
}
"""Conditions of partial indexes, by the name of the state."""
CAUSES = 200
"""Most causes that are told apart; those with most records."""


def measures(tx: Connection, now: datetime) -> Measures:
    """Everything, of all connections that were ever worked on or heard of."""
    return Measures(now, tuple(_measured(tx, row, now) for row in sync_page(tx, now).rows))


def _measured(tx: Connection, row: SyncRow, now: datetime) -> Measured:
    name = row.connection
    tallies = _tallies(tx, name)
    gates, retries = _gates(tx, name)
    return Measured(
        connection=name,
        led=row.live,
        lag_seconds=measured_lag(tx, name, now).total_seconds(),
        lanes=row.lanes,
        topics=row.topics,
        healed=row.healed,
        cells={
            **{state: _count(tx, stock, name, where) for state, where in CELLS.items()},
            "at_risk": tallies.get(AT_RISK, 0),
        },
        waiting=_waiting(tx, name),
        gaps=_count(tx, mapping_gap, name, "closed_at IS NULL"),
        alarms=_alarms(tx, name),
        gates=gates,
        remotes=tuple(
            RemoteRow(found.remote, found.state, found.detail, found.last_ok)
            for found in tx.execute(
                select(breaker).where(breaker.c.connection == name).order_by(breaker.c.remote)
            )
        ),
        retries=retries,
        allowances={
            tally_name.removeprefix(ALLOWANCE): value
            for tally_name, value in tallies.items()
            if tally_name.startswith(ALLOWANCE)
        },
    )


def _count(tx: Connection, table: Any, connection: str, where: str) -> int:
    query: Select[Any] = select(func.count()).select_from(table).where(table.c.connection == connection)
    return int(tx.execute(query.where(text(where))).scalar_one())


def _tallies(tx: Connection, connection: str) -> Mapping[str, int]:
    query = select(tally.c.name, tally.c.value).where(tally.c.connection == connection)
    return {str(row.name): int(row.value) for row in tx.execute(query)}


def _waiting(tx: Connection, connection: str) -> tuple[WaitingRow, ...]:
    """By cause, those with most records first; one that has been set aside by a person counts all the same.

    Grouped in the database: fifty thousand records of one cause are one row. Its words are those of its last record.
    """
    since = func.coalesce(work.c.first_failed_at, work.c.changed_at, type_=work.c.changed_at.type)
    grouped = (
        select(
            work.c.code,
            func.count().label("records"),
            func.min(since, type_=work.c.changed_at.type).label("since"),
            func.max(work.c.id).label("last"),
        )
        .where(work.c.connection == connection, text(WAITS_FOR_PERSON))
        .group_by(work.c.code)
        .order_by(func.count().desc(), work.c.code)
        .limit(CAUSES)
        .subquery()
    )
    query = select(grouped, work.c.cause, work.c.remedy).join(work, work.c.id == grouped.c.last)
    return tuple(
        WaitingRow(row.code or "other", row.records, row.cause, row.remedy, row.since)
        for row in tx.execute(query.order_by(grouped.c.records.desc(), grouped.c.code))
    )


def _alarms(tx: Connection, connection: str) -> tuple[AlarmRow, ...]:
    query = select(alert).where(alert.c.connection == connection, alert.c.cleared_at.is_(None))
    return tuple(
        AlarmRow(row.code, row.entity, row.cause, row.remedy, row.raised_at)
        for row in tx.execute(query.order_by(alert.c.id))
    )


def _gates(tx: Connection, connection: str) -> tuple[tuple[GateRow, ...], float]:
    """Breakers, and the retries that can be paid for."""
    gates, retries = [], 0.0
    for row in tx.execute(
        select(pace).where(pace.c.connection == connection).order_by(pace.c.remote, pace.c.kind)
    ):
        if row.kind == BUDGET:
            retries = float(row.tokens)
        else:
            gates.append(GateRow(row.remote, row.kind, row.circuit != Circuit.CLOSED.value, row.changed_at))
    return tuple(gates), retries
