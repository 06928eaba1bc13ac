"""Orders as a face sees them: the list, and everything known of one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Text, and_, case, cast, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from engine.desk.listing import Look, Page
from engine.desk.orders import BookedLine, OrderDetail, OrderLineRow, OrderUnits, SentLine, SentPayment
from engine.desk.trail import TimelineRow
from engine.model.ids import WorkId
from engine.store.queries.narrowed import Fields, narrowed, ordered
from engine.store.queries.stock import place_names
from engine.store.tables import effect, ledger, order_cell, shop_order, work

STUCK = ("held", "dead_lettered", "uncertain", "retry_scheduled")
"""States of an order's record that say more than the order's own."""
TIMELINE = 200
NOTHING = Decimal(0)


def order_page(tx: Connection, look: Look, now: datetime) -> Page[OrderLineRow]:
    """Orders that fit the filter."""
    listing, fields = _listing()
    wanted = narrowed(
        listing, look.filter, fields, [fields["order"], fields["document"], fields["cause"]], now
    )
    total = tx.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = ordered(tx, wanted, fields, look.sort or "placed", descending=look.descending)
    rows = rows.order_by(shop_order.c.order_id.desc()).offset(look.offset).limit(look.limit)
    found = tx.execute(rows).all()
    units = _units(tx, [(row.connection, row.order_id) for row in found])
    return Page(now, int(total), look.offset, tuple(_row(row, units) for row in found))


def order_detail(tx: Connection, connection: str, order: str) -> OrderDetail | None:
    """One order; None when it is not known."""
    listing, _ = _listing()
    mine = and_(shop_order.c.connection == connection, shop_order.c.order_id == order)
    row = tx.execute(listing.where(mine)).first()
    if row is None:
        return None
    places = place_names(tx)
    cells = tx.execute(
        select(order_cell)
        .where(order_cell.c.connection == connection, order_cell.c.order_id == order)
        .order_by(order_cell.c.sku, order_cell.c.location)
    )
    sent = sent_body(tx, connection, order)
    story = tx.execute(
        select(ledger)
        .where(ledger.c.connection == connection, ledger.c.entity.in_([f"order:{order}", order]))
        .order_by(ledger.c.seq.desc())
        .limit(TIMELINE)
    ).all()
    waits = row.work_state in ("held", "dead_lettered") or (
        row.work_state == "uncertain" and row.due_at is None
    )
    return OrderDetail(
        row=_row(row, _units(tx, [(connection, order)])),
        waiting=WorkId(row.work_id) if waits else None,
        units=tuple(
            OrderUnits(
                cell.sku, places.get(cell.location, cell.location), cell.committed, cell.fulfilled, cell.restocked
            )
            for cell in cells
        ),
        booked=tuple(
            BookedLine(
                str(line.get("sku", "")), str(line.get("warehouse", "")), int(line.get("quantity", 0)),
                int(line.get("shipped", 0)), int(line.get("returned", 0)),
            )
            for line in orjson.loads(row.document_lines)
        ),
        lines=tuple(_line(line, bool(sent.get("taxes_included"))) for line in sent.get("lines", ())),
        payments=tuple(
            SentPayment(str(paid.get("kind", "")), str(paid.get("gateway", "")), _amount(paid.get("amount")))
            for paid in sent.get("payments", ())
        ),
        sent_total=_amount(sent["total"]) if "total" in sent else None,
        timeline=tuple(TimelineRow(one.at, one.actor, one.action, one.detail) for one in reversed(story)),
    )  # fmt: skip


def _listing() -> tuple[Select[Any], Fields]:
    """Orders with what their record says, and the fields they can be narrowed and sorted by."""
    of_order = and_(
        work.c.connection == shop_order.c.connection,
        work.c.kind == "order",
        work.c.key == shop_order.c.order_id,
    )
    stuck = work.c.state.in_(STUCK)
    own = case((shop_order.c.state == "", literal("open")), else_=shop_order.c.state)
    state = case((stuck, work.c.state), else_=own).label("shown_state")
    cause = case((stuck, work.c.cause), else_=literal("")).label("shown_cause")
    query = select(
        shop_order, state, cause, work.c.id.label("work_id"), work.c.state.label("work_state"), work.c.due_at
    ).select_from(shop_order.outerjoin(work, of_order))
    fields: Fields = {
        "order": shop_order.c.name,
        "state": cast(state, Text),
        "total": shop_order.c.total,
        "placed": shop_order.c.first_seen_at,
        "updated": shop_order.c.updated_at,
        "document": func.coalesce(shop_order.c.document_id, "", type_=Text()),
        "status": shop_order.c.document_status,
        "connection": shop_order.c.connection,
        "cause": cast(cause, Text),
        "units": _of_cells(func.coalesce(func.sum(order_cell.c.committed + order_cell.c.fulfilled), 0)),
        "left": _of_cells(func.coalesce(func.sum(order_cell.c.fulfilled), 0)),
        "sku": _of_cells(func.coalesce(func.aggregate_strings(order_cell.c.sku, " "), "", type_=Text())),
    }
    return query, fields


def _of_cells(figure: ColumnElement[Any]) -> ColumnElement[Any]:
    """What all the cells of an order come to."""
    mine = and_(
        order_cell.c.connection == shop_order.c.connection, order_cell.c.order_id == shop_order.c.order_id
    )
    return select(figure).where(mine).correlate(shop_order).scalar_subquery()


def _units(tx: Connection, orders: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """(units not given back, units that left) of each order."""
    rows = tx.execute(
        select(
            order_cell.c.connection,
            order_cell.c.order_id,
            func.sum(order_cell.c.committed + order_cell.c.fulfilled).label("units"),
            func.sum(order_cell.c.fulfilled).label("shipped"),
        )
        .where(order_cell.c.order_id.in_({order for _, order in orders}))
        .group_by(order_cell.c.connection, order_cell.c.order_id)
    )
    return {(row.connection, row.order_id): (int(row.units or 0), int(row.shipped or 0)) for row in rows}


def _row(row: Any, units: dict[tuple[str, str], tuple[int, int]]) -> OrderLineRow:
    ordered_units, shipped = units.get((row.connection, row.order_id), (0, 0))
    return OrderLineRow(
        connection=row.connection,
        id=row.order_id,
        name=row.name or row.order_id,
        state=row.shown_state,
        total=row.total,
        currency=str(orjson.loads(row.body).get("currency", "")),
        placed=row.first_seen_at,
        updated=row.updated_at,
        units=ordered_units,
        shipped=shipped,
        document=row.document_id or "",
        status=row.document_status,
        cause=row.shown_cause,
    )


def sent_body(tx: Connection, connection: str, order: str) -> dict[str, Any]:
    """The document as last written for this order; empty when none was."""
    body = tx.execute(
        select(effect.c.body)
        .where(
            effect.c.connection == connection,
            effect.c.remote == "back_office",
            effect.c.op.in_(("create", "amend")),
            effect.c.ext_ref == order,
        )
        .order_by(effect.c.id.desc())
        .limit(1)
    ).scalar()
    found = orjson.loads(body) if body else {}
    return found if isinstance(found, dict) else {}


def _line(line: dict[str, Any], taxes_included: bool) -> SentLine:
    quantity = int(line.get("quantity", 0))
    price, discount, tax = (_amount(line.get(name)) for name in ("unit_price", "discount", "tax"))
    amount = price * quantity - discount + (NOTHING if taxes_included else tax)
    return SentLine(
        str(line.get("kind", "")), str(line.get("sku") or ""), str(line.get("title", "")), quantity, price, discount,
        tax, amount,
    )  # fmt: skip


def _amount(text: object) -> Decimal:
    return Decimal(str(text)) if text is not None else NOTHING
