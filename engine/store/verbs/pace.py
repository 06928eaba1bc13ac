"""How a remote is treated after trouble, kept over a restart: a crash loop must not become a storm of retries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.delivery.breaker import Breaker, Circuit, Kind
from engine.delivery.budget import Budget
from engine.store.tables import pace
from engine.store.upsert import insert

Gate = tuple[str, Kind]
"""A remote and a class of operations."""
BUDGET = "budget"


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
