"""Editing what will be sent for a record, and trying it again, in one transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.model.ids import WorkId
from engine.model.wording import ORDER, Stale, Wording
from engine.orders.rewording import fault
from engine.store.tables import work
from engine.store.verbs.asked import VERBS
from engine.store.verbs.wording import put_down, take_back


def edit_and_retry(
    tx: Connection,
    connection: str,
    args: dict[str, Any],
    tables: Collection[str],
    operator: str,
    now: datetime,
) -> str:
    """All of it or nothing; what came of it. `tables`: kinds of values that the connection has names for."""
    number, seen = args["work"], args["seen"]
    if seen is not None:
        version = tx.execute(select(work.c.version).where(work.c.id == number).with_for_update()).scalar()
        if version != seen:
            return "nothing edited: the record changed meanwhile"
    words = [
        Wording(connection, kind, name, field, said or "", before, Stale(args["stale"]), operator)
        for kind, name, field, said, before in args["words"]
    ]
    keep = [said is not None for *_, said, _ in args["words"]]
    for wanted, kept in zip(words, keep, strict=True):
        wrong = fault(wanted.kind, wanted.field, wanted.said) if kept else ""
        if not wrong and wanted.kind != ORDER and wanted.kind not in tables:
            wrong = f"{connection} has no table {wanted.kind}: it is told Shopify's own names."
        if wrong:
            return f"nothing edited: {wanted.field or wanted.name}: {wrong}"
    for wanted, kept in zip(words, keep, strict=True):
        if kept:
            put_down(tx, wanted, now)
        else:
            take_back(tx, wanted, actor=operator, now=now)
    said = f"{len(words)} edited"
    if number is None:
        return said
    tried = VERBS["retry"](tx, WorkId(number), "", operator=operator, now=now)
    return f"{said}, tried again" if tried else f"{said}; the record does not wait any more"
