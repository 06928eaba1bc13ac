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
    """By cause, those with most records first; one that has been set aside by a person counts all the same."""
    since = func.coalesce(work.c.first_failed_at, work.c.changed_at, type_=work.c.changed_at.type)
    last = func.coalesce(work.c.last_failed_at, work.c.changed_at, type_=work.c.changed_at.type)
    query = (
        select(work.c.code, work.c.cause, work.c.remedy, since.label("since"))
        .where(work.c.connection == connection, text(WAITS_FOR_PERSON))
        .order_by(last, work.c.id)
    )
    found: dict[str, WaitingRow] = {}
    for row in tx.execute(query):
        code = row.code or "other"
        before = found.get(code)
        found[code] = WaitingRow(
            code,
            1 if before is None else before.records + 1,
            row.cause,
            row.remedy,
            row.since if before is None else min(before.since, row.since),
        )
    return tuple(sorted(found.values(), key=lambda each: (-each.records, each.code)))


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
