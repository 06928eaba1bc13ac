"""What the shop's webhooks told lately, by topic."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from engine.delivery.hearing import hour_of
from engine.desk.sync import TopicRow
from engine.store.tables import webhook_hour

HOUR = timedelta(hours=1)


def topics(tx: Connection, now: datetime, connection: str = "") -> tuple[TopicRow, ...]:
    """Of this hour and the one before; when each topic was heard last, however long ago."""
    recent = webhook_hour.c.hour >= hour_of(now) - HOUR
    lately = {
        (row.connection, row.topic): row
        for row in tx.execute(
            select(
                webhook_hour.c.connection, webhook_hour.c.topic, func.sum(webhook_hour.c.heard).label("heard"),
                func.sum(webhook_hour.c.expected).label("expected"), func.sum(webhook_hour.c.missed).label("missed"),
            ).where(recent).group_by(webhook_hour.c.connection, webhook_hour.c.topic)
        )
    }  # fmt: skip
    ever = select(
        webhook_hour.c.connection,
        webhook_hour.c.topic,
        func.max(webhook_hour.c.heard_at, type_=webhook_hour.c.heard_at.type).label("at"),
    ).group_by(webhook_hour.c.connection, webhook_hour.c.topic)
    if connection:
        ever = ever.where(webhook_hour.c.connection == connection)
    found = []
    for name, topic, at in tx.execute(ever.order_by(webhook_hour.c.connection, webhook_hour.c.topic)):
        row = lately.get((name, topic))
        figures = (0, 0, 0) if row is None else (int(row.heard), int(row.expected), int(row.missed))
        found.append(TopicRow(name, topic, figures[0], at, figures[1], figures[2]))
    return tuple(found)
