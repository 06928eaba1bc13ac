"""Both sides of one record as they were last seen."""

from sqlalchemy import Connection, or_, select

from engine.desk.mapping import CompareRow, Comparison, MappingRow, NameTrial, Subject
from engine.orders.atlas import Atlas, mapping_rows
from engine.orders.kept_sides import compare_order
from engine.orders.name_trial import tried
from engine.store.product_rows import FieldKept
from engine.store.queries.gaps import open_gaps
from engine.store.queries.orders import order_detail, sent_body
from engine.store.queries.products import fields_of
from engine.store.queries.stock import place_names
from engine.store.tables import shop_order
from engine.store.verbs.wording import wordings, words_of

TRIED = 100
"""Orders a name is tried on before it may be put down."""
RESULTS = {"": "same", "conflict": "differs", "fight": "differs", "alert": "differs", "invalid": "differs"}


def mappings(tx: Connection, atlas: Atlas) -> tuple[MappingRow, ...]:
    """The whole mapping as it is in force, what is missing first."""
    return mapping_rows(atlas, wordings(tx), open_gaps(tx), place_names(tx))


def name_trial(tx: Connection, connection: str, kind: str, name: str, said: str) -> NameTrial:
    """What a name would have changed in the newest orders' documents."""
    newest = (
        select(shop_order.c.order_id)
        .where(shop_order.c.connection == connection)
        .order_by(shop_order.c.placed_at.desc())
        .limit(TRIED)
    )
    bodies = [sent_body(tx, connection, order) for order in tx.execute(newest).scalars().all()]
    return tried([body for body in bodies if body], kind, name, said)


def comparison(tx: Connection, subject: Subject, atlas: Atlas) -> Comparison | None:
    """One record field by field; None when it is not known."""
    return _product(tx, subject) if subject.kind == "product" else _order(tx, subject, atlas)


def _order(tx: Connection, subject: Subject, atlas: Atlas) -> Comparison | None:
    order = shop_order.c.order_id
    found = tx.execute(
        select(order)
        .where(
            shop_order.c.connection == subject.connection,
            or_(order == subject.ref, shop_order.c.name == subject.ref),
        )
        .limit(1)
    ).scalar()
    detail = order_detail(tx, subject.connection, str(found)) if found is not None else None
    if detail is None:
        return None
    names = atlas.in_force(wordings(tx)).get(subject.connection, {})
    lacking = [
        (gap.kind, gap.name)
        for gap in open_gaps(tx)
        if gap.connection == subject.connection and f"“{gap.name}”" in detail.row.cause
    ]
    rows = compare_order(
        detail,
        sent_body(tx, subject.connection, detail.row.id),
        words_of(tx, subject.connection, detail.row.id),
        names,
        lacking,
        atlas.fields().get(subject.connection, {}),
    )
    return Comparison(subject, f"order {detail.row.name}", rows)


def _product(tx: Connection, subject: Subject) -> Comparison | None:
    kept = fields_of(tx, subject.connection, subject.ref)
    if not kept:
        return None
    rows = tuple(
        CompareRow(one.field, one.note or one.office or "", one.shop or "", one.rule, _result(one))
        for one in kept
    )
    return Comparison(subject, f"{subject.ref} {kept[0].title}", rows)


def _result(one: FieldKept) -> str:
    if one.state in RESULTS and one.state:
        return RESULTS[one.state]
    return "same" if one.shop == one.office else "differs"
