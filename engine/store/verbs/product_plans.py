"""Rows of plans of products, made page by page and settled one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine.model.plan import FieldRow
from engine.store.rows import LedgerLine
from engine.store.tables import plan, product_plan_row
from engine.store.verbs.ledger import append_many
from engine.store.verbs.products import entity

Key = tuple[str, str]
"""SKU and field."""


def add_field_rows(tx: Connection, plan_id: int, rows: Sequence[FieldRow], compared: int) -> None:
    """Rows that were found among so many more products."""
    if rows:
        tx.execute(
            product_plan_row.insert(),
            [
                {
                    "plan_id": plan_id, "sku": row.sku, "field": row.field, "before": row.before, "after": row.after,
                    "rule": row.rule, "cause": row.cause, "state": row.state, "note": row.note,
                }
                for row in rows
            ],
        )  # fmt: skip
    tx.execute(plan.update().where(plan.c.id == plan_id).values(compared=plan.c.compared + compared))


def settle_field_rows(
    tx: Connection, plan_id: int, outcomes: Mapping[Key, tuple[str, str]], operator: str, now: datetime
) -> None:
    """What came of planned rows: (`applied` or `refused`, why); each one is a line of the ledger."""
    connection = tx.execute(plan.select().where(plan.c.id == plan_id)).one().connection
    lines = []
    for (sku, field), (state, note) in outcomes.items():
        row = tx.execute(
            product_plan_row.update()
            .where(
                product_plan_row.c.plan_id == plan_id, product_plan_row.c.sku == sku,
                product_plan_row.c.field == field, product_plan_row.c.state == "planned",
            )
            .values(state=state, note=note, settled_at=now)
            .returning(product_plan_row.c.before, product_plan_row.c.after)
        ).first()  # fmt: skip
        if row is not None:
            detail = f"plan {plan_id}: {field} {row.before or '–'} to {row.after or '–'}"
            told = f"{detail}; {note}" if note else detail
            lines.append(LedgerLine(operator, f"plan {state}", entity(sku), told))
    append_many(tx, connection, lines, now)
