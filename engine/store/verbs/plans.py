"""Plans are made row by row, completed, and settled row by row when they are run."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine.model.plan import PlanRow
from engine.model.stock import CellKey
from engine.store.rows import LedgerLine
from engine.store.tables import plan, plan_row
from engine.store.verbs.ledger import append, append_many
from engine.store.verbs.publish import cell_entity
from engine.store.verbs.stock import change

BECAUSE = "plan {plan} of {operator}"


def begin_plan(tx: Connection, connection: str, subject: str, operator: str, now: datetime) -> int:
    """A plan is being made; its id."""
    created = tx.execute(
        plan.insert()
        .values(connection=connection, subject=subject, made_by=operator, made_at=now)
        .returning(plan.c.id)
    ).scalar_one()
    return int(created)


def add_plan_rows(tx: Connection, plan_id: int, rows: Sequence[PlanRow], compared: int) -> None:
    """Rows that were found among so many more cells."""
    if rows:
        tx.execute(
            plan_row.insert(),
            [
                {
                    "plan_id": plan_id, "sku": row.sku, "location": row.location, "before": row.before,
                    "after": row.after, "cause": row.cause, "state": row.state, "note": row.note,
                }
                for row in rows
            ],
        )  # fmt: skip
    tx.execute(plan.update().where(plan.c.id == plan_id).values(compared=plan.c.compared + compared))


def complete_plan(tx: Connection, plan_id: int, now: datetime) -> None:
    """Every cell was looked at: the plan may be run."""
    row = tx.execute(
        plan.update()
        .where(plan.c.id == plan_id)
        .values(ready_at=now)
        .returning(plan.c.connection, plan.c.subject, plan.c.made_by, plan.c.compared)
    ).one()
    detail = f"{row.subject}, {row.compared} cells compared"
    append(tx, row.connection, "planned", f"plan:{plan_id}", now, actor=row.made_by, detail=detail)


def because(tx: Connection, connection: str, cells: Sequence[CellKey], plan_id: int, operator: str) -> None:
    """The next write of these cells is somebody's act: its history and its ledger line say whose."""
    reason = BECAUSE.format(plan=plan_id, operator=operator)
    change(tx, connection, {key: {"dirty_reason": reason} for key in cells})


def settle_plan_rows(
    tx: Connection, plan_id: int, outcomes: Mapping[CellKey, tuple[str, str]], operator: str, now: datetime
) -> None:
    """What came of planned rows: (`applied` or `refused`, why); each one is a line of the ledger."""
    connection = tx.execute(plan.select().where(plan.c.id == plan_id)).one().connection
    lines = []
    for key, (state, note) in outcomes.items():
        row = tx.execute(
            plan_row.update()
            .where(
                plan_row.c.plan_id == plan_id,
                plan_row.c.sku == key.sku,
                plan_row.c.location == key.location,
                plan_row.c.state == "planned",
            )
            .values(state=state, note=note, settled_at=now)
            .returning(plan_row.c.before, plan_row.c.after, plan_row.c.cause)
        ).first()
        if row is not None:
            detail = f"plan {plan_id}: {row.before} to {row.after}, {row.cause}"
            lines.append(
                LedgerLine(
                    operator, f"plan {state}", cell_entity(key), f"{detail}; {note}" if note else detail
                )
            )
    append_many(tx, connection, lines, now)


def close_plan(tx: Connection, plan_id: int, operator: str, now: datetime) -> None:
    """It was run."""
    row = tx.execute(
        plan.update()
        .where(plan.c.id == plan_id)
        .values(applied_by=operator, applied_at=now)
        .returning(plan.c.connection)
    ).one()
    append(tx, row.connection, "plan run", f"plan:{plan_id}", now, actor=operator)
