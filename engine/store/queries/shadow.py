"""How far another connector agrees with TrueUp: what differs now, and for how much of the time it did."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text

from engine.model.remit import Subject
from engine.model.shadow import Difference, Score, ShadowReport, agreement
from engine.store.queries.stock import place_names
from engine.store.tables import STILL, cursor, difference, product_link, shop_order, stock
from engine.store.verbs.shadow import BEGAN, taken

FIELDS = {
    Subject.ORDERS: ("booked", "content", "total", "cancelled"),
    Subject.FULFILMENT: ("shipped", "returned", "told"),
}
"""What is compared of every order."""
UNKNOWN_REFERENCES = "Orders cannot be judged: no document of the other connector bears a reference TrueUp looks for (see prefix)."


def shadow_report(tx: Connection, hours: float, shown: int, now: datetime) -> ShadowReport:
    """The agreement of every connection that another connector serves too, over so many hours."""
    begun = {
        row.connection: datetime.fromisoformat(row.value)
        for row in tx.execute(select(cursor).where(cursor.c.name == BEGAN).order_by(cursor.c.connection))
    }
    first = max(min(begun.values(), default=now), now - timedelta(hours=hours))
    scores = [score for name, since in begun.items() for score in _scores(tx, name, max(since, first), now)]
    unjudged = [(name, UNKNOWN_REFERENCES) for name in begun if _blind(tx, name)]
    standing = select(func.count()).select_from(difference).where(text(STILL), _judged(begun, unjudged))
    rows = select(difference).where(text(STILL), _judged(begun, unjudged)).order_by(difference.c.since)
    return ShadowReport(
        as_of=now,
        hours=(now - first).total_seconds() / 3600,
        scores=tuple(scores),
        differing=tuple(
            Difference(
                row.connection, row.subject, row.key, row.location, row.field, row.ours, row.theirs, row.since
            )
            for row in tx.execute(rows.order_by(difference.c.id).limit(shown))
        ),
        total=int(tx.execute(standing).scalar_one()),
        unjudged=tuple(unjudged),
    )


def _judged(begun: Collection[str], unjudged: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    blind = [name for name, _ in unjudged]
    of_orders = difference.c.subject.in_((Subject.ORDERS, Subject.FULFILMENT))
    return and_(
        difference.c.connection.in_(list(begun)), or_(~of_orders, difference.c.connection.not_in(blind))
    )


def _blind(tx: Connection, connection: str) -> bool:
    """Orders were seen, and of none a document was known."""
    seen = select(func.count(), func.count(shop_order.c.document_id)).where(
        shop_order.c.connection == connection
    )
    orders, documents = tx.execute(seen).one()
    return bool(orders) and not documents


def _scores(tx: Connection, connection: str, begin: datetime, now: datetime) -> Iterator[Score]:
    ours = {(row.subject, row.location) for row in taken(tx, connection)}
    spans, still = _spans(tx, connection, begin, now)
    for subject, location, field, judged in _asked(tx, connection):
        if (subject, "") in ours or (subject, location) in ours:
            continue
        key = (subject, location, field)
        share = agreement(judged, spans.get(key, ()), begin, now)
        yield Score(connection, subject, location, field, judged, still.get(key, 0), share)


Key = tuple[str, str, str]
Spans = dict[Key, list[tuple[datetime, datetime]]]


def _spans(tx: Connection, connection: str, begin: datetime, now: datetime) -> tuple[Spans, dict[Key, int]]:
    """When anything differed, by subject, location and field; and how many differ now."""
    mine = select(difference).where(
        difference.c.connection == connection, or_(text(STILL), difference.c.until >= begin)
    )
    spans, still = defaultdict(list), dict[Key, int]()
    for row in tx.execute(mine):
        key = (row.subject, row.location, row.field)
        spans[key].append((row.since, row.until or now))
        if row.until is None:
            still[key] = still.get(key, 0) + 1
    return spans, still


def _asked(tx: Connection, connection: str) -> Iterator[tuple[str, str, str, int]]:
    """What has been compared: subject, location, field, and of how many."""
    cells = (
        select(stock.c.location, func.count().label("cells"))
        .where(stock.c.connection == connection, stock.c.agreed_at.is_not(None), stock.c.active)
        .group_by(stock.c.location)
        .order_by(stock.c.location)
    )
    for row in tx.execute(cells):
        yield Subject.STOCK.value, row.location, "on_hand", int(row.cells)
    known = select(func.count()).where(shop_order.c.connection == connection)
    orders = int(tx.execute(known.select_from(shop_order)).scalar_one())
    if orders and not _blind(tx, connection):
        for subject, fields in FIELDS.items():
            for field in fields:
                yield subject.value, "", field, orders
    looked = select(func.count()).where(
        product_link.c.connection == connection, product_link.c.looked_at.is_not(None)
    )
    if products := int(tx.execute(looked).scalar_one()):
        named = select(difference.c.field).where(
            difference.c.connection == connection, difference.c.subject == Subject.PRODUCTS.value
        )
        for field in sorted({*tx.execute(named.distinct()).scalars()}) or ["every field"]:
            yield Subject.PRODUCTS.value, "", field, products


def remits(tx: Connection) -> tuple[str, ...]:
    """A sentence for each connection that another connector serves too: what TrueUp writes of it."""
    beside = select(cursor.c.connection).where(cursor.c.name == BEGAN).order_by(cursor.c.connection)
    names = place_names(tx)
    said = []
    for connection in tx.execute(beside).scalars():
        ours = [
            f"{row.subject} at {names.get(row.location, row.location)}" if row.location else row.subject
            for row in taken(tx, connection)
        ]
        said.append(
            f"{connection}: in the shadow of another connector, writes {', '.join(ours) or 'nothing'}"
        )
    return tuple(said)
