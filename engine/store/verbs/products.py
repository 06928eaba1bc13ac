"""Adopting variants, marking them, and keeping what a look found; each step is a line of the ledger."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from engine.model.ids import Sku
from engine.model.product import Value
from engine.products.deciding import adopted, wanted_back
from engine.products.fields import shown
from engine.store.bulk import moment, upsert_all
from engine.store.product_rows import FieldSeen, Link, Looked
from engine.store.queries.products import memory_of, value_of
from engine.store.rows import LedgerLine
from engine.store.tables import product_field, product_link
from engine.store.verbs.ledger import ENGINE, append, append_many
from engine.store.verbs.work import enqueue

KEY = ("connection", "sku", "field")
COLUMNS = (
    *KEY, "office", "shop", "office_then", "shop_then", "known", "recent", "recent_since", "restore", "state", "since",
    "rule", "note", "snoozed_until", "overwrites",
)  # fmt: skip
LANE = 3
"""Price and product: below stock, orders and what follows orders."""
FEW = 500
_ONE = (
    product_link.c.connection == bindparam("of_connection"),
    product_link.c.sku == bindparam("of_sku"),
)
_MARK = product_link.update().where(*_ONE).values(
    seq=product_link.c.seq + 1, due_at=bindparam("to_due"), reason=bindparam("to_reason")
)  # fmt: skip
_LOOKED = product_link.update().where(*_ONE).values(
    looked_at=bindparam("to_looked"), discontinued=bindparam("to_discontinued"), title=bindparam("to_title"),
    troubled=bindparam("to_troubled"),
)  # fmt: skip
_THEM = (
    product_link.c.connection == bindparam("of_connection"),
    product_link.c.sku.in_(bindparam("of_skus", expanding=True)),
)
_KNOWN = select(product_link.c.sku, product_link.c.discontinued).where(*_THEM)
_KEPT = select(*(product_field.c[name] for name in COLUMNS)).where(
    product_field.c.connection == bindparam("of_connection"),
    product_field.c.sku.in_(bindparam("of_skus", expanding=True)),
)
_CLEAR = product_link.update().where(*_ONE, product_link.c.seq == bindparam("of_seq")).values(due_at=None)


def entity(sku: str) -> str:
    """What the ledger calls an adopted variant."""
    return f"product:{sku}"


def adopt(tx: Connection, connection: str, links: Sequence[Link], operator: str, now: datetime) -> int:
    """A person confirmed these matches; those that are adopted already, either side of them, are left out."""
    taken: set[str] = set()
    for start in range(0, len(links), FEW):
        some = links[start : start + FEW]
        either = or_(
            product_link.c.sku.in_([link.sku for link in some]),
            product_link.c.variant.in_([link.variant for link in some]),
        )
        mine = select(product_link.c.sku, product_link.c.variant).where(
            product_link.c.connection == connection
        )
        for row in tx.execute(mine.where(either)):
            taken |= {row.sku, row.variant}
    fresh = [link for link in links if link.sku not in taken and link.variant not in taken]
    if fresh:
        tx.execute(
            product_link.insert(),
            [
                {
                    "connection": connection, "sku": link.sku, "office_id": link.office_id, "variant": link.variant,
                    "product": link.product, "item": link.item, "title": link.title, "adopted_by": operator,
                    "adopted_at": now, "due_at": now, "reason": "adopted",
                }
                for link in fresh
            ],
        )  # fmt: skip
    lines = [LedgerLine(operator, "adopted", entity(link.sku), f"as {link.variant}") for link in fresh]
    append_many(tx, connection, lines, now)
    return len(fresh)


def release(tx: Connection, connection: str, skus: Collection[str], operator: str, now: datetime) -> int:
    """Keep these no longer: nothing of them is written any more."""
    gone = 0
    for sku in skus:
        mine = product_link.delete().where(product_link.c.connection == connection, product_link.c.sku == sku)
        if tx.execute(mine).rowcount:
            fields = (product_field.c.connection == connection, product_field.c.sku == sku)
            tx.execute(product_field.delete().where(*fields))
            append(tx, connection, "released", entity(sku), now, actor=operator)
            gone += 1
    return gone


def mark_skus(tx: Connection, connection: str, skus: Collection[Sku], reason: str, due: datetime) -> None:
    """Look at these again, as far as they are adopted."""
    rows = [
        {"of_connection": connection, "of_sku": sku, "to_due": due, "to_reason": reason}
        for sku in sorted(skus)
    ]
    if rows:
        tx.execute(_MARK, rows)


def mark_variants(tx: Connection, connection: str, ids: Collection[str], reason: str, due: datetime) -> None:
    """Look at these variants, or at the variants of these products, again, as far as they are adopted.

    One that is due later already keeps its time: a busy product is looked at once in a while, not all the time.
    """
    wanted = sorted(ids)
    for start in range(0, len(wanted), FEW):
        some = wanted[start : start + FEW]
        tx.execute(
            product_link.update()
            .where(
                product_link.c.connection == connection,
                or_(product_link.c.variant.in_(some), product_link.c.product.in_(some)),
                product_link.c.due_at.is_(None),
            )
            .values(seq=product_link.c.seq + 1, due_at=due, reason=reason)
        )


def mark_all(tx: Connection, connection: str, reason: str, now: datetime) -> None:
    """Every adopted variant is compared again."""
    mine = product_link.update().where(
        product_link.c.connection == connection, product_link.c.due_at.is_(None)
    )
    tx.execute(mine.values(seq=product_link.c.seq + 1, due_at=now, reason=reason))


def later(tx: Connection, connection: str, links: Sequence[Link], due: datetime) -> None:
    """Trouble that passes: these are looked at again then."""
    for link in links:
        tx.execute(
            product_link.update()
            .where(
                product_link.c.connection == connection, product_link.c.sku == link.sku,
                product_link.c.seq == link.seq,
            ).values(due_at=due)
        )  # fmt: skip


def renamed(tx: Connection, connection: str, old: Sku, new: Sku, now: datetime) -> bool:
    """The back office calls an article otherwise now; False when the new name is taken already."""
    taken = select(product_link.c.sku).where(
        product_link.c.connection == connection, product_link.c.sku == new
    )
    if tx.execute(taken).first() is not None:
        return False
    for table in (product_link, product_field):
        tx.execute(table.update().where(table.c.connection == connection, table.c.sku == old).values(sku=new))
    append(tx, connection, "renamed", entity(new), now, detail=f"was {old}")
    mark_skus(tx, connection, [new], "renamed", now)
    return True


def keep_looked(tx: Connection, connection: str, looked: Sequence[Looked], now: datetime) -> None:
    """What a look found and wrote, of each variant; a mark that came meanwhile stays, as does a partial look's.

    One that was renamed or released since it was looked at is left as it is.
    """
    if not looked:
        return
    them = {"of_connection": connection, "of_skus": [one.link.sku for one in looked]}
    known = {row.sku: row.discontinued for row in tx.execute(_KNOWN, them)}
    kept: dict[str, dict[str, Any]] = {}
    for row in tx.execute(_KEPT, them):
        kept.setdefault(row.sku, {})[row.field] = row
    looked = [one for one in looked if one.link.sku in known]
    lines: list[LedgerLine] = []
    values: list[tuple[object, ...]] = []
    for one in looked:
        link = one.link
        if known[link.sku] is not link.discontinued and not one.partial:
            word = "discontinued" if link.discontinued else "sold again"
            lines.append(LedgerLine(ENGINE, word, entity(link.sku), "by the back office"))
        changed, said = _changed(connection, one, kept.get(link.sku, {}), now)
        values += changed
        lines += said
    whole = [one for one in looked if not one.partial]
    _put(tx, connection, whole, values, now)
    for one in whole:
        if one.cause or one.link.troubled:
            # what went wrong once is one record, which closes itself by the same look
            enqueue(
                tx, connection=connection, kind="product", key=one.link.sku, lane=LANE, due_at=now, now=now,
                reason=one.cause or "again", force=not one.cause,
            )  # fmt: skip
    append_many(tx, connection, lines, now)


def _put(
    tx: Connection,
    connection: str,
    looked: Sequence[Looked],
    values: Sequence[tuple[object, ...]],
    now: datetime,
) -> None:
    if looked:
        of = [{"of_connection": connection, "of_sku": one.link.sku} for one in looked]
        tx.execute(
            _LOOKED,
            [
                each | {"to_looked": now, "to_discontinued": one.link.discontinued, "to_title": one.link.title,
                        "to_troubled": bool(one.cause)}
                for each, one in zip(of, looked, strict=True)
            ],
        )  # fmt: skip
        tx.execute(_CLEAR, [each | {"of_seq": one.link.seq} for each, one in zip(of, looked, strict=True)])
    if values:
        rows = [tuple(_driven(tx, value) for value in row) for row in values]
        upsert_all(tx, product_field.name, KEY, COLUMNS, rows)


def _driven(tx: Connection, value: object) -> object:
    return moment(tx, value) if isinstance(value, datetime) else value


def _changed(
    connection: str, one: Looked, before: Mapping[str, Any], now: datetime
) -> tuple[list[tuple[object, ...]], list[LedgerLine]]:
    """Fields that are not as they were kept, as `COLUMNS` have them, and what the ledger is told of them."""
    lines, values = [], []
    for name, seen in one.fields.items():
        was = before.get(name)
        row = (connection, one.link.sku, name, *_row(seen, was, now))
        if was is None or tuple(was) != row:
            values.append(row)
        if line := _line(one.link.sku, name, seen, was):
            lines.append(line)
    return values, lines


def _row(seen: FieldSeen, was: Any, now: datetime) -> tuple[object, ...]:
    """A field as it is kept, in the order of `COLUMNS` behind the key; `since` stays as long as state and values do."""
    memory = seen.memory
    first = was is None
    fresh = first or (was.state, was.shop, was.office) != (
        seen.state, _text(seen.shop), _text(seen.office),
    )  # fmt: skip
    snoozed = None if first or fresh else was.snoozed_until
    begun = None if first else was.recent_since
    if begun is None or memory.recent <= 1:
        begun = now if memory.recent else None
    return (
        _text(seen.office), _text(seen.shop), _text(memory.office), _text(memory.shop), memory.known, memory.recent,
        begun, memory.restore, str(seen.state), now if fresh else was.since, seen.rule, seen.note, snoozed,
        (0 if first else was.overwrites) + (seen.moved and fresh),
    )  # fmt: skip


def _line(sku: str, name: str, seen: FieldSeen, was: Any) -> LedgerLine | None:
    values = f"{name}: back office {shown(seen.office) or '–'}, shop {shown(seen.shop) or '–'}; {seen.rule}"
    if seen.written:
        return LedgerLine(ENGINE, "field written", entity(sku), values)
    if seen.state in ("conflict", "fight", "invalid") and (was is None or was.state != seen.state):
        return LedgerLine(ENGINE, f"field {seen.state}", entity(sku), values)
    return None


def _text(value: Value) -> str | None:
    return None if value is None else shown(value)


def decide_field(
    tx: Connection,
    connection: str,
    sku: str,
    name: str,
    what: str,
    until: datetime | None,
    operator: str,
    now: datetime,
) -> bool:
    """`restore` the back office's value, `adopt` the shop's, or `snooze`; False when nothing is to be decided."""
    of = (
        product_field.c.connection == connection,
        product_field.c.sku == sku,
        product_field.c.field == name,
    )
    row = tx.execute(
        select(product_field).where(*of, product_field.c.state.in_(("conflict", "fight", "alert")))
    ).first()
    if row is None:
        return False
    values: dict[str, object]
    memory = memory_of(row, now)
    if what == "snooze":
        values = {"snoozed_until": until}
    elif what == "adopt":
        after = adopted(memory, value_of(name, row.office), value_of(name, row.shop))
        values = {
            "office_then": _text(after.office), "shop_then": _text(after.shop), "known": after.known,
            "recent": 0, "restore": False, "state": "left",
        }  # fmt: skip
    elif row.state == "alert":
        return False
    else:
        values = {"restore": wanted_back(memory).restore, "recent": 0}
    tx.execute(product_field.update().where(*of).values(**values))
    detail = f"{name}: back office {row.office or '–'}, shop {row.shop or '–'}"
    append(tx, connection, what, entity(sku), now, actor=operator, detail=detail)
    mark_skus(tx, connection, [Sku(sku)], f"{what} by {operator}", now)
    return True
