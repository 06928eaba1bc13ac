"""Plans as faces and the engine read them, and the cells about which something is under way."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, and_, func, literal, select, text, tuple_

from engine.desk.plans import PlanLine
from engine.model.ids import LocationId, Sku
from engine.model.plan import FieldRow, Plan, PlanRow
from engine.model.stock import CellKey
from engine.store.rows import CellState
from engine.store.tables import (
    OPEN_EFFECT,
    cell_event,
    effect,
    order_cell,
    place,
    plan,
    plan_row,
    product_plan_row,
    stock,
    work,
)
from engine.store.verbs.plans import BECAUSE
from engine.store.verbs.stock import cell_state

UNDER_WAY = ("pending", "in_flight", "probing", "retry_scheduled", "uncertain")
"""States of a record that the engine is working on by itself."""

LISTED = 50
"""Plans that a face lists."""


def read_plan(tx: Connection, plan_id: int) -> Plan | None:
    """A plan with its rows by cell; None when there is no such plan."""
    head = tx.execute(select(plan).where(plan.c.id == plan_id)).first()
    if head is None:
        return None
    named = and_(
        place.c.connection == head.connection, place.c.side == "shop", place.c.id == plan_row.c.location
    )
    rows = tx.execute(
        select(plan_row, place.c.name)
        .join(place, named, isouter=True)
        .where(plan_row.c.plan_id == plan_id)
        .order_by(plan_row.c.sku, plan_row.c.location)
    )
    fields = (
        select(product_plan_row)
        .where(product_plan_row.c.plan_id == plan_id)
        .order_by(product_plan_row.c.sku, product_plan_row.c.field)
    )
    return Plan(
        fields=tuple(
            FieldRow(row.sku, row.field, row.before, row.after, row.rule, row.cause, row.state, row.note)
            for row in tx.execute(fields)
        ),
        id=head.id, connection=head.connection, subject=head.subject, made_by=head.made_by, made_at=head.made_at,
        ready_at=head.ready_at, compared=head.compared, applied_by=head.applied_by, applied_at=head.applied_at,
        rows=tuple(
            PlanRow(
                row.sku, row.location, row.before, row.after, row.cause, row.state, row.note, row.name or row.location
            ) for row in rows
        ),
    )  # fmt: skip


def plan_lines(tx: Connection) -> list[PlanLine]:
    """The newest plans, the newest first, with how many rows are in which state."""
    heads = tx.execute(select(plan).order_by(plan.c.id.desc()).limit(LISTED)).all()
    states: dict[int, dict[str, int]] = {head.id: {} for head in heads}
    counts = (
        select(plan_row.c.plan_id, plan_row.c.state, func.count().label("rows"))
        .where(plan_row.c.plan_id.in_(list(states)))
        .group_by(plan_row.c.plan_id, plan_row.c.state)
    )
    fields = (
        select(product_plan_row.c.plan_id, product_plan_row.c.state, func.count().label("rows"))
        .where(product_plan_row.c.plan_id.in_(list(states)))
        .group_by(product_plan_row.c.plan_id, product_plan_row.c.state)
    )
    for row in (*tx.execute(counts), *tx.execute(fields)):
        states[row.plan_id][row.state] = row.rows
    return [_line(head, states[head.id]) for head in heads]


def _line(head: Any, rows: Mapping[str, int]) -> PlanLine:
    return PlanLine(
        id=head.id, connection=head.connection, subject=head.subject, made_by=head.made_by, made_at=head.made_at,
        ready_at=head.ready_at, compared=head.compared, planned=rows.get("planned", 0), shown=rows.get("shown", 0),
        applied=rows.get("applied", 0), refused=rows.get("refused", 0), applied_by=head.applied_by,
        applied_at=head.applied_at,
    )  # fmt: skip


def cells_after(tx: Connection, connection: str, after: CellKey | None, limit: int) -> list[CellState]:
    """The next cells that are tracked, in the order of their keys."""
    query = select(stock).where(stock.c.connection == connection, stock.c.tracked.is_(True))
    if after is not None:
        query = query.where(
            tuple_(stock.c.sku, stock.c.location) > tuple_(literal(after.sku), literal(after.location))
        )
    return [cell_state(row) for row in tx.execute(query.order_by(stock.c.sku, stock.c.location).limit(limit))]


def written_by(tx: Connection, plan_id: int) -> dict[CellKey, int]:
    """Cells that a plan has written, with the figure it wrote last; for a run that ended before it could say so."""
    head = tx.execute(select(plan.c.connection, plan.c.made_at).where(plan.c.id == plan_id)).one()
    events = (
        select(cell_event.c.sku, cell_event.c.location, cell_event.c.target)
        .where(
            cell_event.c.connection == head.connection,
            cell_event.c.kind == "published",
            cell_event.c.at >= head.made_at,
            cell_event.c.cause.startswith(BECAUSE.format(plan=plan_id, operator=""), autoescape=True),
        )
        .order_by(cell_event.c.id)
    )
    return {CellKey(Sku(row.sku), LocationId(row.location)): row.target for row in tx.execute(events)}


def busy_cells(tx: Connection, connection: str, skus: Sequence[Sku]) -> frozenset[CellKey]:
    """Cells of these SKUs of which an order or a write of ours is being worked on."""
    orders = (
        select(order_cell.c.sku, order_cell.c.location)
        .join(
            work,
            (work.c.connection == order_cell.c.connection)
            & (work.c.kind == "order")
            & (work.c.key == order_cell.c.order_id),
        )
        .where(
            order_cell.c.connection == connection,
            order_cell.c.sku.in_(skus),
            work.c.state.in_(UNDER_WAY),
        )
    )
    found = {CellKey(Sku(row.sku), LocationId(row.location)) for row in tx.execute(orders)}
    bodies = select(effect.c.body).where(
        effect.c.connection == connection, effect.c.op == "set_on_hand", text(OPEN_EFFECT)
    )
    found.update(key for body in tx.execute(bodies).scalars() for key in _written(body))
    return frozenset(found)


def _written(body: str) -> Iterator[CellKey]:
    for row in orjson.loads(body or "[]"):
        yield CellKey(Sku(row["sku"]), LocationId(row["location"]))
