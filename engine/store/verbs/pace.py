"""How a remote is treated after trouble, kept over a restart: a crash loop must not become a storm of retries."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from engine.delivery.breaker import Breaker, Circuit, Kind
from engine.delivery.budget import Budget
from engine.store.tables import pace, tally
from engine.store.upsert import insert

Gate = tuple[str, Kind]
"""A remote and a class of operations."""
BUDGET = "budget"
AT_RISK, OVER = "cells at risk", "cells oversold"
"""Tallies: what the engine last reckoned."""
LAG = "lag in milliseconds"
"""Tally: how long a change of the back office takes to be confirmed by the shop, as measured."""
ALLOWANCE = "allowance left in percent: "
"""Tallies, followed by the remote: how much of its allowance of calls is left."""
NOBODY, PROVEN = "", "seconds since 1970 of the last proof that this database can be written"
"""Tally of no connection."""
UNMEASURED = timedelta(seconds=3)
"""The lag of a connection that has not measured any: a poll and a write."""
SILENT = timedelta(seconds=30)
"""An engine that has not told its lag for so long is not at work, and the lag grows."""
MILLISECOND = timedelta(milliseconds=1)


def keep_pace(
    tx: Connection, connection: str, breakers: Mapping[Gate, Breaker], budget: Budget, now: datetime
) -> None:
    """Write down every breaker and the retry budget of a connection."""
    rows: list[dict[str, Any]] = [
        {
            "remote": remote, "kind": kind.value, "circuit": breaker.circuit.value, "failures": breaker.failures,
            "openings": breaker.openings, "opened_until": breaker.opened_until, "tokens": 0.0,
        }
        for (remote, kind), breaker in breakers.items()
    ]  # fmt: skip
    spent: dict[str, Any] = {
        "circuit": "",
        "failures": 0,
        "openings": 0,
        "opened_until": None,
        "tokens": budget.tokens,
    }
    for row in (*rows, {"remote": "", "kind": BUDGET, **spent}):
        statement = insert(tx, pace).values(connection=connection, changed_at=now, **row)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "remote", "kind"], set_={**row, "changed_at": now}
            )
        )


def kept_pace(tx: Connection, connection: str) -> tuple[dict[Gate, Breaker], Budget]:
    """What was written down; a trial that was under way is to be made again."""
    breakers: dict[Gate, Breaker] = {}
    budget = Budget()
    for row in tx.execute(select(pace).where(pace.c.connection == connection)):
        if row.kind == BUDGET:
            budget = Budget(row.tokens)
            continue
        kind, circuit = Kind(row.kind), Circuit(row.circuit)
        if circuit is Circuit.HALF_OPEN:
            circuit = Circuit.OPEN
        breakers[row.remote, kind] = Breaker(kind, circuit, row.failures, row.opened_until, row.openings)
    return breakers, budget


def keep_lag(tx: Connection, connection: str, lag: timedelta, now: datetime) -> None:
    """Write down how long changes travel."""
    _set_tally(tx, connection, LAG, lag // MILLISECOND, now)


def keep_risk(tx: Connection, connection: str, at_risk: int, over: int, now: datetime) -> None:
    """Write down how many cells are at risk, and how many of them have sold too much already."""
    for name, value in ((AT_RISK, at_risk), (OVER, over)):
        _set_tally(tx, connection, name, value, now)


def keep_allowances(tx: Connection, connection: str, left: Mapping[str, int], now: datetime) -> None:
    """Write down how much of each remote's allowance of calls is left, in percent."""
    for remote, percent in left.items():
        _set_tally(tx, connection, ALLOWANCE + remote, percent, now)


def prove_writable(tx: Connection, now: datetime) -> None:
    """Write something that was not there before: what only reads succeeds on a database that takes no write."""
    _set_tally(tx, NOBODY, PROVEN, int(now.timestamp()), now)


def _set_tally(tx: Connection, connection: str, name: str, value: int, now: datetime) -> None:
    values = {"value": value, "changed_at": now}
    statement = insert(tx, tally).values(connection=connection, name=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["connection", "name"], set_=values))


def measured_lag(tx: Connection, connection: str, now: datetime) -> timedelta:
    """How long a change will travel: as last measured, and for as long as nobody is at work at least as long again."""
    row = tx.execute(select(tally).where(tally.c.connection == connection, tally.c.name == LAG)).first()
    if row is None:
        return UNMEASURED
    silent = now - row.changed_at
    lag: timedelta = row.value * MILLISECOND
    return lag + silent if silent > SILENT else lag
