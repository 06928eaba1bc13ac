"""A cell at any moment: its state, the terms of its figure, and what lies behind each of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, or_, select

from engine.model.explanation import CellMoment, Explanation, Write
from engine.stock.explain import Behind, components_of, terms_of
from engine.store.queries.discarded import discarded
from engine.store.tables import LOOKS, cell_event, effect, lease, place, shop_order

SHOWN = 20
"""Changes that are listed with an explanation."""


def explanations(tx: Connection, sku: str, location: str, at: datetime, asked: datetime) -> list[Explanation]:
    """The cell of each connection that has it, up to `at`; `location` is an id or a name."""
    named = select(place.c.id).where(
        place.c.side == "shop", or_(place.c.id == location, func.lower(place.c.name) == location.lower())
    )
    ids = {location, *tx.execute(named).scalars()}
    cells = (
        select(cell_event.c.connection, cell_event.c.location)
        .where(cell_event.c.sku == sku, cell_event.c.location.in_(ids))
        .distinct()
        .order_by(cell_event.c.connection, cell_event.c.location)
    )
    found = [_explained(tx, row.connection, sku, row.location, at, asked) for row in tx.execute(cells).all()]
    return [one for one in found if one is not None]


def _explained(
    tx: Connection, connection: str, sku: str, location: str, at: datetime, asked: datetime
) -> Explanation | None:
    of = _of(connection, sku, location).where(cell_event.c.at <= at)
    newest = of.order_by(cell_event.c.id.desc())  # as committed: two writers may date a moment apart
    history = [_moment(row) for row in tx.execute(newest.limit(SHOWN))]
    if not history:
        return None
    look = tx.execute(newest.where(cell_event.c.kind.in_(LOOKS)).limit(1)).first()
    written = tx.execute(newest.where(cell_event.c.kind == "published").limit(1)).first()
    name = select(place.c.name).where(
        place.c.connection == connection, place.c.side == "shop", place.c.id == location
    )
    return Explanation(
        connection=connection,
        sku=sku,
        location=location,
        location_name=tx.execute(name).scalar() or location,
        asked=asked,
        figure=None if look is None else look.target,
        figure_at=None if look is None else look.at,
        terms=() if look is None else _terms(tx, look),
        write=None if written is None else _write(tx, written),
        state=history[0],
        history=tuple(history),
        components=() if look is None else components_of(orjson.loads(look.terms)),
    )


def _of(connection: str, sku: str, location: str) -> Select[Any]:
    return select(cell_event).where(
        cell_event.c.connection == connection, cell_event.c.sku == sku, cell_event.c.location == location
    )


def _terms(tx: Connection, look: Any) -> Any:
    kept = orjson.loads(look.terms)
    names = _names(tx, look.connection, kept.get("orders", {}))
    shelf = _since(tx, look, "erp_on_hand", "erp_reserved")
    fallen = look if look.seen_at is None else _since(tx, look, "seen_at")
    behind = Behind(
        order=lambda order: names.get(order, order),
        shelf=(f"event:{shelf.id}", look.erp_at),
        level=(f"event:{fallen.id}", look.seen_at),
        look=f"event:{look.id}",
        taken_out=(
            discarded(tx, look.connection, look.sku, look.location, look.seen_at)
            if kept.get("remainder", 0) < 0
            else {}
        ),
    )
    return terms_of(kept, behind)


def _since(tx: Connection, look: Any, *names: str) -> Any:
    """The first event of the unbroken run up to `look` in which these columns held what they hold there."""
    of = _of(look.connection, look.sku, look.location).where(cell_event.c.id <= look.id)
    other = or_(*(cell_event.c[name].is_distinct_from(getattr(look, name)) for name in names))
    before = tx.execute(of.where(other).order_by(cell_event.c.id.desc()).limit(1)).first()
    run = of if before is None else of.where(cell_event.c.id > before.id)
    return tx.execute(run.order_by(cell_event.c.id).limit(1)).first() or look


def _names(tx: Connection, connection: str, orders: Collection[str]) -> dict[str, str]:
    """What orders are called, with the shop where it is another one: the numbers of orders are Shopify's own."""
    columns = (shop_order.c.connection, shop_order.c.order_id, shop_order.c.name, shop_order.c.document_id)
    led = select(lease.c.name)  # every connection there is: the primary key begins with it
    rows = tx.execute(
        select(*columns).where(shop_order.c.connection.in_(led), shop_order.c.order_id.in_(orders))
    ).all()
    names = dict[str, str]()
    for row in sorted(rows, key=lambda row: row.connection == connection):
        shop = "" if row.connection == connection else f" of {row.connection}"
        booked = f"document {row.document_id}" if row.document_id else "not booked"
        names[row.order_id] = f"{row.name}{shop}, {booked}"
    return names


def _write(tx: Connection, row: Any) -> Write:
    _, _, number = row.reference.partition("effect:")
    key = tx.execute(select(effect.c.key).where(effect.c.id == int(number))).scalar() if number else None
    return Write(row.id, row.at, key or "", row.cause)


def _moment(row: Any) -> CellMoment:
    return CellMoment(
        event=row.id, at=row.at, kind=row.kind, cause=row.cause, reference=row.reference, on_hand=row.on_hand,
        available=row.available, committed=row.committed, erp_on_hand=row.erp_on_hand,
        erp_reserved=row.erp_reserved, erp_at=row.erp_at, base=row.base, pos=row.pos, ver=row.ver,
        seen_low=row.seen_low, seen_at=row.seen_at, target=row.target, terms_json=row.terms,
    )  # fmt: skip
