"""Ledger lines worth showing, in words."""

from sqlalchemy import Connection, select, tuple_

from engine.desk import EventRow
from engine.store.queries.stock import place_names
from engine.store.rows import LedgerRow
from engine.store.tables import shop_order
from engine.store.verbs.ledger import tail

SHOWN = 12
REPEATED = 4
"""Lines looked at for each that is shown."""
LOOKED_AT = 300
"""Newest ledger lines among which events are sought."""

WORDS = {
    "published": ("ok", "Stock of {who} set from {detail}"),
    "agreed": ("ok", "Stock of {who} agreed {detail}"),
    "cell failed": ("fail", "Stock of {who} not set: {detail}"),
    "rise decided": ("ok", "Rise of {who} decided: {detail}"),
    "fall decided": ("ok", "Fall of {who} decided: {detail}"),
    "document": ("ok", "Order {who} in the back office: {detail}"),
    "succeeded": ("ok", "{kind} {who} done"),
    "retry_scheduled": ("warn", "{kind} {who} is tried again: {detail}"),
    "uncertain": ("warn", "{kind} {who} may have been applied: {detail}"),
    "held": ("fail", "{kind} {who} waits for a person: {detail}"),
    "dead_lettered": ("fail", "{kind} {who} given up: {detail}"),
    "quarantined": ("fail", "{kind} {who} quarantined after three crashes"),
    "redriven": ("ok", "{kind} {who} asked again by {actor}"),
    "resolved": ("ok", "{kind} {who} resolved by {actor}: {detail}"),
    "rescued": ("warn", "{kind} {who} rescued after a stop"),
    "healed": ("warn", "{who} found without a webhook"),
    "alert": ("fail", "Alert: {detail}"),
    "gap": ("warn", "No mapping for {who}"),
    "lease taken": ("ok", "Engine of {who} started"),
    "lease released": ("warn", "Engine of {who} stopped"),
    "remote OK": ("ok", "The {who} answers"),
    "remote SLOW": ("warn", "The {who} is slow: {detail}"),
    "remote FAIL": ("fail", "The {who} fails: {detail}"),
    "remote PAUSED": ("warn", "The {who} is paused: {detail}"),
    "remote STALE": ("warn", "The {who} is stale: {detail}"),
}


def recent_events(tx: Connection) -> tuple[EventRow, ...]:
    """The newest lines worth showing, newest first; what happened again in the same words is shown once."""
    lines = [line for line in tail(tx, LOOKED_AT) if line.action in WORDS][: SHOWN * REPEATED]
    names = place_names(tx) if any(line.entity.startswith("cell:") for line in lines) else {}
    orders = _order_names(tx, lines)
    found: dict[str, EventRow] = {}
    for line in lines:
        text = _text(line, names, orders).rstrip(": ")
        found.setdefault(text, EventRow(line.at, WORDS[line.action][0], text))
    return tuple(found.values())[:SHOWN]


def _text(line: LedgerRow, places: dict[str, str], orders: dict[tuple[str, str], str]) -> str:
    kind, _, ref = line.entity.partition(":")
    if kind == "cell":
        sku, _, location = ref.partition("|")
        who = f"{sku} at {places.get(location, location)}"
    else:
        who = orders.get((line.connection, ref), ref or kind)
    words = WORDS[line.action][1]
    return words.format(kind=kind.capitalize(), who=who, detail=line.detail, actor=line.actor)


def _order_names(tx: Connection, lines: list[LedgerRow]) -> dict[tuple[str, str], str]:
    refs = {(line.connection, line.entity.partition(":")[2]) for line in lines}
    query = select(shop_order.c.connection, shop_order.c.order_id, shop_order.c.name).where(
        tuple_(shop_order.c.connection, shop_order.c.order_id).in_(sorted(refs))
    )
    return {(row.connection, row.order_id): row.name for row in tx.execute(query)} if refs else {}
