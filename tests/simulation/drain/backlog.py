"""What a store holds after hours without the back office: every order seen, remembered, and waiting for its next try."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import orjson

from engine.model.ids import LocationId, Sku
from engine.store.bulk import Values, insert_all, moment
from engine.store.tx import Tx
from tests.simulation.drain.shop import PRICE, item_of, order_id

CELL = (
    "connection", "sku", "location", "item", "active", "tracked", "on_hand", "available", "committed", "base", "pos",
    "ver", "target", "dirty_seq",
)  # fmt: skip
ORDER = ("connection", "order_id", "name", "updated_at", "body", "state", "total", "first_seen_at")
UNITS = ("connection", "order_id", "sku", "location", "committed", "fulfilled", "restocked")
WORK = (
    "connection",
    "kind",
    "key",
    "lane",
    "state",
    "due_at",
    "reason",
    "attempt",
    "created_at",
    "changed_at",
)
LONGEST_WAIT = 30.0
"""Seconds for which an open breaker puts a record off."""


def agreed(tx: Tx, connection: str, skus: Sequence[Sku], location: LocationId, on_hand: int) -> None:
    """Cells on which both sides agree."""
    rows = [
        (connection, sku, location, item_of(sku), True, True, on_hand, on_hand, 0, on_hand, 0, 1, on_hand, 0)
        for sku in skus
    ]
    insert_all(tx, "stock", CELL, rows)


def waiting(
    tx: Tx,
    connection: str,
    orders: Sequence[tuple[int, Sku, datetime]],
    location: LocationId,
    now: datetime,
) -> None:
    """These orders (number, SKU, placed when), each put off by the breaker for up to half a minute from now."""
    chance = Random(0)
    seen: list[Values] = []
    units: list[Values] = []
    work: list[Values] = []
    for number, sku, placed in orders:
        key, name, at = order_id(number), f"#{number}", moment(tx, placed)
        body = orjson.dumps({"name": name, "total": str(PRICE), "currency": "EUR"}).decode()
        seen.append((connection, key, name, at, body, "open", str(PRICE), at))
        units.append((connection, key, sku, location, 1, 0, 0))
        due = moment(tx, now + timedelta(seconds=chance.uniform(0, LONGEST_WAIT)))
        work.append((connection, "order", key, 1, "pending", due, "listed", 0, at, at))
    insert_all(tx, "shop_order", ORDER, seen)
    insert_all(tx, "order_cell", UNITS, units)
    insert_all(tx, "work", WORK, work)
