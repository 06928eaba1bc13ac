"""What the shop's webhooks told us, hour by hour, beside what there was to tell."""

from sqlalchemy import Column, Table, Text

from engine.store.columns import UtcTime
from engine.store.tables.parts import connection, count, metadata

webhook_hour = Table(
    "webhook_hour",
    metadata,
    connection(primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    count("heard"),
    count("expected"),
    count("missed"),
    Column("heard_at", UtcTime),
)
"""`heard` counts messages; of the changes found by other ways `expected` should have been told, `missed` were not."""
