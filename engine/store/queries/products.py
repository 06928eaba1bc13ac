"""Adopted variants as the engine and the faces read them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, select, text

from engine.desk.gaps import PRODUCT, GapRow
from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, VariantId
from engine.products.deciding import FIGHT_HOURS, Memory
from engine.products.fields import kept
from engine.store.columns import UtcTime
from engine.store.product_rows import FieldKept, Link
from engine.store.tables import DUE, TOLD, product_field, product_link

MOST = 250
"""Variants of one product that one call of the shop takes."""
FIGHT = timedelta(hours=FIGHT_HOURS)


_DUE = select(product_link).where(
    product_link.c.connection == bindparam("of_connection"),
    text(DUE),
    product_link.c.due_at <= bindparam("of_now", type_=UtcTime),
)
_LONGEST_DUE = _DUE.order_by(product_link.c.due_at, product_link.c.product, product_link.c.sku).limit(
    bindparam("of_most", type_=Integer)
)
_DUE_OF_PRODUCT = (
    _DUE.where(product_link.c.product == bindparam("of_product")).order_by(product_link.c.sku).limit(MOST)
)
"""Put together once: an engine asks for what is due all the time."""


def due_links(tx: Connection, connection: str, now: datetime, limit: int) -> list[Link]:
    """Adopted variants that are to be looked at, those due longest first.

    Variants of a product that are due together come together, as one call writes them: fewer than `limit` rather than
    a part of a product, and more where a single product has more.
    """
    mine = {"of_connection": connection, "of_now": now}
    rows = tx.execute(_LONGEST_DUE, {**mine, "of_most": limit + 1}).all()
    if len(rows) <= limit:
        return [link_of(row) for row in rows]
    cut = rows[limit].product
    whole = [row for row in rows[:limit] if row.product != cut]
    if not whole:
        whole = list(tx.execute(_DUE_OF_PRODUCT, {**mine, "of_product": cut}))
    return [link_of(row) for row in whole]


def links(tx: Connection, connection: str, skus: Collection[str]) -> list[Link]:
    """These, as far as they are adopted."""
    query = select(product_link).where(product_link.c.connection == connection, product_link.c.sku.in_(skus))
    return [link_of(row) for row in tx.execute(query)]


def links_after(tx: Connection, connection: str, after: str, limit: int) -> list[Link]:
    """The next adopted variants by SKU."""
    query = select(product_link).where(product_link.c.connection == connection, product_link.c.sku > after)
    return [link_of(row) for row in tx.execute(query.order_by(product_link.c.sku).limit(limit))]


def adopted_count(tx: Connection, connection: str) -> int:
    """How many variants are adopted."""
    mine = select(func.count()).select_from(product_link).where(product_link.c.connection == connection)
    return int(tx.execute(mine).scalar_one())


def adopted_variants(tx: Connection, connection: str) -> tuple[frozenset[str], frozenset[str]]:
    """SKUs of the back office and variants of the shop that are adopted already."""
    query = select(product_link.c.sku, product_link.c.variant).where(product_link.c.connection == connection)
    rows = tx.execute(query).all()
    return frozenset(row.sku for row in rows), frozenset(row.variant for row in rows)


def by_office_id(tx: Connection, connection: str, ids: Collection[str]) -> dict[str, Link]:
    """Adopted variants by the back office's own id."""
    query = select(product_link).where(
        product_link.c.connection == connection, product_link.c.office_id.in_([each for each in ids if each])
    )
    return {row.office_id: link_of(row) for row in tx.execute(query)}


def memories(
    tx: Connection, connection: str, skus: Collection[str], now: datetime
) -> Mapping[str, Mapping[str, Memory]]:
    """What is remembered of each field, by SKU."""
    found: dict[str, dict[str, Memory]] = {}
    query = select(product_field).where(
        product_field.c.connection == connection, product_field.c.sku.in_(skus)
    )
    for row in tx.execute(query):
        found.setdefault(row.sku, {})[row.field] = memory_of(row, now)
    return found


def memory_of(row: Any, now: datetime) -> Memory:
    """What is remembered of a field; writes longer ago than an hour count no more."""
    over = row.recent_since is None or now - row.recent_since >= FIGHT
    return Memory(
        value_of(row.field, row.office_then), value_of(row.field, row.shop_then), row.known,
        0 if over else row.recent, row.restore,
    )  # fmt: skip


def field_conflicts(tx: Connection, now: datetime) -> list[FieldKept]:
    """Fields that a person has to judge, those the shop overwrote most often first."""
    query = _kept().where(
        text(TOLD), (product_field.c.snoozed_until.is_(None)) | (product_field.c.snoozed_until <= now)
    )
    rows = tx.execute(
        query.order_by(product_field.c.overwrites.desc(), product_field.c.since, product_field.c.sku)
    )
    return [_field(row) for row in rows]


def waiting_fields(tx: Connection, now: datetime) -> tuple[GapRow, ...]:
    """The same as rows of the screen that lists what the two sides do not agree to call the same."""
    return tuple(
        GapRow(
            each.connection, PRODUCT, f"{each.sku} {each.field}",
            f"{each.state}: back office {each.note or each.office or '–'}, shop {each.shop or '–'}; {each.rule}",
            max(each.overwrites, 1), each.since or now, each.since or now,
        )
        for each in field_conflicts(tx, now)
    )  # fmt: skip


def fields_of(tx: Connection, connection: str | None, sku: str) -> list[FieldKept]:
    """Every field of an adopted variant as it was last seen."""
    query = _kept().where(product_field.c.sku == sku)
    if connection:
        query = query.where(product_field.c.connection == connection)
    return [
        _field(row) for row in tx.execute(query.order_by(product_field.c.connection, product_field.c.field))
    ]


def _kept() -> Any:
    of = (product_link.c.connection == product_field.c.connection) & (
        product_link.c.sku == product_field.c.sku
    )
    return select(product_field, product_link.c.title).join(product_link, of)


def _field(row: Any) -> FieldKept:
    return FieldKept(
        row.connection, row.sku, row.title, row.field, row.office, row.shop, row.state, row.since, row.rule,
        row.note, row.overwrites, row.snoozed_until,
    )  # fmt: skip


def value_of(name: str, said: str | None) -> Any:
    """A value as it was written down; the shop may hold what its own rules forbid, which stays a text."""
    if said is None:
        return None
    try:
        return kept(name, said)
    except ValueError:
        return said


def link_of(row: Any) -> Link:
    """An adopted variant."""
    return Link(
        Sku(row.sku), VariantId(row.variant), ProductId(row.product), ItemId(row.item), row.office_id, row.title,
        row.discontinued, row.troubled, row.seq, row.reason,
    )  # fmt: skip
