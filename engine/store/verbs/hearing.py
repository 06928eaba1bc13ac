"""Counting what webhooks told, and setting it beside what there was to tell."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from engine.delivery.hearing import Window, hour_of
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.columns import minute_of
from engine.store.tables import cell_event, inbox, order_cell, shop_order, stock, webhook_hour
from engine.store.upsert import insert
from engine.store.verbs.cursor import get_cursor, set_cursor
from engine.store.verbs.ledger import append
from engine.store.verbs.stock import mark_dirty
from engine.store.verbs.watch import clear_alert, raise_alert

COUNTED = "webhooks counted"
"""Cursor: the last message that was counted."""
SILENT, INCOMPLETE = "webhooks_silent", "webhooks_incomplete"
"""Codes of the alarms; their entity is the topic."""
FEW = 400
"""Resources in one statement."""
KEPT = timedelta(days=15)
SECOND = timedelta(seconds=2)
"""Shopify dates to the second: a message may have come this much before the change it tells of."""
CREATED, UPDATED, SENT, LEVEL = (
    "orders/create",
    "orders/updated",
    "fulfillments/create",
    "inventory_levels/update",
)
Changed = Mapping[str, datetime]
"""Resources with when each of them changed."""


def count_heard(tx: Connection, connection: str, now: datetime) -> None:
    """Add the messages that came since the last count, by topic and hour; what is older than two weeks is dropped."""
    before = int(get_cursor(tx, connection, COUNTED) or 0)
    fresh = (inbox.c.id > before, inbox.c.connection == connection, inbox.c.source == "shop")
    last = tx.execute(select(func.max(inbox.c.id)).where(*fresh)).scalar()
    if last is None:
        return
    minute = minute_of(inbox.c.received_at).label("minute")
    grouped = (
        select(inbox.c.topic, minute, func.count().label("many"), func.max(inbox.c.received_at).label("last"))
        .where(*fresh, inbox.c.id <= last)
        .group_by(inbox.c.topic, minute)
    )
    for topic, at, many, heard_at in tx.execute(grouped).all():
        hour = hour_of(datetime.fromtimestamp(int(at) * 60, UTC))
        _add(tx, connection, topic, hour, heard=many, heard_at=heard_at)
    set_cursor(tx, connection, COUNTED, str(last), now)
    tx.execute(
        webhook_hour.delete().where(webhook_hour.c.connection == connection, webhook_hour.c.hour < now - KEPT)
    )


def prove(
    tx: Connection, connection: str, begin: datetime, end: datetime, now: datetime
) -> dict[str, Window]:
    """Of what changed after one moment and up to the other, by topic: how much there was, and what nobody told.

    Levels of which nobody told are looked at.
    """
    found: dict[str, Window] = {}
    levels = _levels(tx, connection, begin, end)
    for topic, changed in (
        (CREATED, _placed(tx, connection, begin, end)),
        (UPDATED, _updated(tx, connection, begin, end)),
        (SENT, _sent(tx, connection, begin, end)),
        (LEVEL, levels),
    ):
        # whatever else tells of an order has us read it again: only a change that nothing tells of was missed
        untold = set(changed) - _told(tx, connection, topic, changed, others=topic == UPDATED)
        found[topic] = Window(len(changed), len(untold))
        if changed:
            _add(tx, connection, topic, hour_of(end), expected=len(changed), missed=len(untold))
        if topic == LEVEL and untold:
            _look_at(tx, connection, untold, now)
    return found


def heard_of(tx: Connection, connection: str) -> tuple[dict[str, dict[datetime, int]], dict[str, datetime]]:
    """Messages by topic and hour, and when each topic was heard last."""
    hours: dict[str, dict[datetime, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    for row in tx.execute(select(webhook_hour).where(webhook_hour.c.connection == connection)):
        if row.heard:
            hours[row.topic][row.hour] = row.heard
            last[row.topic] = max(row.heard_at, last.get(row.topic, row.heard_at))
    return dict(hours), last


def sound(
    tx: Connection,
    connection: str,
    code: str,
    alarms: Mapping[str, tuple[str, str]],
    topics: Collection[str],
    now: datetime,
) -> list[str]:
    """Raise an alarm for each of these topics (cause and remedy), clear it for the others; those that are new."""
    for topic in sorted(set(topics) - set(alarms)):
        clear_alert(tx, connection, code, topic, now)
    return [
        topic
        for topic, (cause, remedy) in sorted(alarms.items())
        if raise_alert(tx, connection, code, topic, cause, remedy, now)
    ]


def note_subscribed(tx: Connection, connection: str, topic: str, *, anew: bool, now: datetime) -> None:
    """A topic has a subscription; `anew` when the shop had dropped the one it had."""
    detail = "the shop had dropped it" if anew else ""
    append(
        tx, connection, "subscribed anew" if anew else "subscribed", f"webhook:{topic}", now, detail=detail
    )


def _add(
    tx: Connection,
    connection: str,
    topic: str,
    hour: datetime,
    *,
    heard_at: datetime | None = None,
    **more: int,
) -> None:
    mine = (
        webhook_hour.c.connection == connection, webhook_hour.c.topic == topic, webhook_hour.c.hour == hour
    )  # fmt: skip
    tx.execute(
        insert(tx, webhook_hour)
        .values(connection=connection, topic=topic, hour=hour)
        .on_conflict_do_nothing()
    )
    values: dict[str, object] = {name: webhook_hour.c[name] + count for name, count in more.items()}
    if heard_at is not None:
        values["heard_at"] = heard_at
    tx.execute(webhook_hour.update().where(and_(*mine)).values(**values))


def _placed(tx: Connection, connection: str, begin: datetime, end: datetime) -> Changed:
    at = shop_order.c.placed_at
    query = select(shop_order.c.order_id, at).where(
        shop_order.c.connection == connection, at > begin, at <= end
    )
    return {row.order_id: row.placed_at for row in tx.execute(query)}


def _updated(tx: Connection, connection: str, begin: datetime, end: datetime) -> Changed:
    """Orders that changed after they were placed."""
    at = shop_order.c.updated_at
    query = select(shop_order.c.order_id, at, shop_order.c.placed_at).where(
        shop_order.c.connection == connection, at > begin, at <= end, shop_order.c.placed_at.is_not(None)
    )
    return {
        row.order_id: row.updated_at for row in tx.execute(query) if row.updated_at - row.placed_at > SECOND
    }


def _sent(tx: Connection, connection: str, begin: datetime, end: datetime) -> Changed:
    at = func.max(order_cell.c.fulfilled_at, type_=order_cell.c.fulfilled_at.type).label("at")
    query = (
        select(order_cell.c.order_id, at)
        .where(
            order_cell.c.connection == connection,
            order_cell.c.fulfilled_at > begin,
            order_cell.c.fulfilled_at <= end,
        )
        .group_by(order_cell.c.order_id)
    )
    return {row.order_id: row.at for row in tx.execute(query)}


def _levels(tx: Connection, connection: str, begin: datetime, end: datetime) -> Changed:
    """Items of which we wrote a level: whoever writes, the shop tells."""
    query = (
        select(stock.c.item, func.max(cell_event.c.at, type_=cell_event.c.at.type).label("at"))
        .join(
            stock,
            and_(
                stock.c.connection == cell_event.c.connection, stock.c.sku == cell_event.c.sku,
                stock.c.location == cell_event.c.location,
            ),
        )
        .where(
            cell_event.c.connection == connection, cell_event.c.kind == "published", cell_event.c.at > begin,
            cell_event.c.at <= end,
        )
        .group_by(stock.c.item)
    )  # fmt: skip
    return {row.item: row.at for row in tx.execute(query)}


def _told(tx: Connection, connection: str, topic: str, changed: Changed, *, others: bool) -> set[str]:
    """Those of which a message of that topic came since they changed; with `others`, one of any topic."""
    told: set[str] = set()
    for some in _some(changed):
        query = select(inbox.c.resource, func.max(inbox.c.received_at, type_=inbox.c.received_at.type)).where(
            inbox.c.connection == connection, inbox.c.source == "shop", inbox.c.resource.in_(some),
            inbox.c.received_at >= min(changed[name] for name in some) - SECOND,
        )  # fmt: skip
        if not others:
            query = query.where(inbox.c.topic == topic)
        rows = tx.execute(query.group_by(inbox.c.resource)).all()
        told |= {str(name) for name, at in rows if at >= changed[name] - SECOND}
    return told


def _look_at(tx: Connection, connection: str, items: Collection[str], now: datetime) -> None:
    keys: list[CellKey] = []
    for some in _some(items):
        rows = tx.execute(
            select(stock.c.sku, stock.c.location).where(
                stock.c.connection == connection, stock.c.item.in_(some)
            )
        )
        keys += [CellKey(Sku(row.sku), LocationId(row.location)) for row in rows]
    mark_dirty(tx, connection, keys, reason="no webhook told of it", lane=4, now=now)


def _some(names: Collection[str]) -> Iterator[list[str]]:
    """Few enough for one statement at a time."""
    ordered = sorted(names)
    yield from (ordered[start : start + FEW] for start in range(0, len(ordered), FEW))
