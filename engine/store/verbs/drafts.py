"""Products to be made of articles that the shop lacks: asked for by a person, and made once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine.store.product_rows import Link
from engine.store.rows import LedgerLine
from engine.store.verbs.effect import open_effects, settle_effect
from engine.store.verbs.ledger import ENGINE, append_many
from engine.store.verbs.products import LANE, adopt, entity
from engine.store.verbs.work import enqueue

KIND = "draft"
"""Kind of the record that makes one; its key is the SKU."""
MADE = "drafted"
"""How the ledger says that a product was made."""


def ask_drafts(tx: Connection, connection: str, skus: Sequence[str], operator: str, now: datetime) -> None:
    """Make products of these."""
    for sku in skus:
        enqueue(
            tx, connection=connection, kind=KIND, key=sku, lane=LANE, due_at=now, now=now,
            reason=f"asked for by {operator}", force=True,
        )  # fmt: skip
    lines = [LedgerLine(operator, "draft asked for", entity(sku)) for sku in skus]
    append_many(tx, connection, lines, now)


def keep_made(
    tx: Connection, connection: str, link: Link, op: str, handle: str, told: str, now: datetime
) -> None:
    """The product is there with what it is born with; it is kept in agreement from now on."""
    for each in open_effects(tx, connection, "shop", op):
        if each.ext_ref == handle:
            settle_effect(tx, each.id, "applied", link.product, "found in the shop", now)
    if adopt(tx, connection, [link], ENGINE, now):
        detail = f"{link.product} as {link.variant}; {told}"
        append_many(tx, connection, [LedgerLine(ENGINE, MADE, entity(link.sku), detail)], now)
