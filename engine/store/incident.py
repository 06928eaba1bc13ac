"""A copy of the store for somebody else's eyes: everything that happened, without what buyers said of themselves.

Rows are copied one by one out of one snapshot, from either database into a SQLite file, so nothing that is taken out
can be left behind in a free page.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Table, Text, select

from engine.model.clock import Clock
from engine.store.rows import LedgerLine
from engine.store.session import Store
from engine.store.tables import ledger, ledger_head, metadata
from engine.store.trouble import StoreTrouble
from engine.store.verbs.ledger import line_hash

AT_ONCE = 500
"""Rows per statement."""
TOLD = frozenset(
    {
        "ref", "name", "placed_at", "currency", "total", "lines", "sku", "warehouse", "quantity", "kind", "key", "unit_price",
        "discount", "tax", "amount", "payments", "gateway", "subject", "at", "location", "item", "read", "agreed", "target",
        "on_hand", "terms", "dirty_seq", "open", "erp_on_hand", "erp_reserved", "erp_at", "ver", "base", "pos", "seen_low",
        "seen_at",
    }
)  # fmt: skip
"""Of what was sent, the fields that are no buyer's; a field that is not named here stays at home."""
AT_HOME = frozenset({"wording"})
"""Tables whose rows are what people typed of buyers; they stay at home."""
EDIT, REWORDED = "edit", "reworded"
"""What people typed of buyers stands in commands and lines of the ledger by these names."""
TAKEN_OUT = "‹taken out›"


@dataclass(frozen=True, slots=True)
class Copied:
    """What the copy holds."""

    rows: int
    lines: int
    """Of the ledger."""
    cleaned: int
    """Lines of the ledger in which something was taken out; the chain was linked anew where there are some."""


def copy_for_others(source: Connection, target: Path, clean: Callable[[str], str], clock: Clock) -> Copied:
    """Fill a new SQLite file with everything but what buyers said; `clean` takes out of a text what nobody may see.

    `source` is one snapshot of the store. StoreTrouble when the file exists or cannot be written.
    """
    if target.exists():
        raise StoreTrouble(f"{target} exists already.", "Name a new file.")
    store = Store.open(f"sqlite:///{target}", clock=clock)
    try:
        return store.write_sync(_filled, source, clean)
    finally:
        store.close()


def _filled(tx: Connection, source: Connection, clean: Callable[[str], str]) -> Copied:
    rows = 0
    for table in metadata.sorted_tables:
        if table.name in AT_HOME or table in (ledger, ledger_head):
            continue
        texts = [column.name for column in table.columns if isinstance(column.type, Text)]
        for chunk in _chunks(source, table):
            tx.execute(table.insert(), [_without_buyers(table, dict(row), texts, clean) for row in chunk])
            rows += len(chunk)
    lines, cleaned = _ledger(tx, source, clean)
    return Copied(rows + lines, lines, cleaned)


def _chunks(source: Connection, table: Table) -> Iterator[list[Mapping[Any, Any]]]:
    query = select(table).order_by(*table.primary_key.columns)
    for part in source.execution_options(yield_per=AT_ONCE).execute(query).mappings().partitions(AT_ONCE):
        yield list(part)


def _without_buyers(
    table: Table, row: dict[str, Any], texts: list[str], clean: Callable[[str], str]
) -> dict[str, Any]:
    if table.name == "inbox":
        row["body"] = b""
    if table.name == "command" and row["verb"] == EDIT:
        row["args"] = "{}"
    if table.name == "effect":
        sent = _read(row["body"])
        # what is sent of products is theirs alone, keyed by SKU
        row["body"] = orjson.dumps(sent if row["op"] == "write_variants" else _told(sent)).decode()
    return row | {name: clean(row[name]) for name in texts if row[name]}


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}


def _told(value: Any) -> Any:
    match value:
        case dict():
            return {key: _told(inner) for key, inner in value.items() if key in TOLD}
        case list():
            return [_told(inner) for inner in value]
        case _:
            return value


def _ledger(tx: Connection, source: Connection, clean: Callable[[str], str]) -> tuple[int, int]:
    """Copy the ledger; chains are linked anew from the first line in which something is taken out."""
    ends: dict[str, str] = {}
    count = cleaned = 0
    for chunk in _chunks(source, ledger):
        rows = []
        for row in map(dict, chunk):
            typed = row["action"] == REWORDED or row["detail"].startswith(f"{EDIT} ")
            detail = TAKEN_OUT if typed else clean(row["detail"])
            cleaned += detail != row["detail"]
            prev = ends.get(row["connection"], row["prev_hash"])
            if detail != row["detail"] or prev != row["prev_hash"]:
                at: datetime = row["at"]
                line = LedgerLine(row["actor"], row["action"], row["entity"], detail)
                row |= {
                    "detail": detail, "prev_hash": prev,
                    "hash": line_hash(prev, row["connection"], row["n"], at, line),
                }  # fmt: skip
            ends[row["connection"]] = row["hash"]
            rows.append(row)
        tx.execute(ledger.insert(), rows)
        count += len(rows)
    for head in source.execute(select(ledger_head)).mappings():
        tx.execute(ledger_head.insert(), dict(head) | {"hash": ends.get(head["connection"], head["hash"])})
    return count, cleaned
