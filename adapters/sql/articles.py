"""Articles of a SQL back office: rows to products, in the form both sides are compared in."""

from collections.abc import Collection

from adapters.sql import wire
from adapters.titles import title
from engine.model.failure import Misset
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.products.fields import SYNCED, read

STATEMENTS = ("articles", "articles_named", "article_changes", "latest_article_change")
"""Of these a system that tells of its products has all."""
READABLE = tuple(name for name in SYNCED if name != "sku")


def told(fields: Collection[str], given: Collection[str]) -> frozenset[str]:
    """Fields of products that are read here, the SKU among them. Raises Misset when they cannot be."""
    if strange := sorted(set(fields) - set(READABLE)):
        raise _misset(f"product_fields names {strange[0]!r}", f"Give some of: {', '.join(READABLE)}.")
    if fields and (missing := [name for name in STATEMENTS if name not in given]):
        raise _misset(
            f"product_fields needs the statement “{missing[0]}” too",
            "Add it to [connections.back_office.statements], or take product_fields out.",
        )
    return frozenset({*fields, "sku"}) if fields else frozenset()


def article(row: wire.Row, fields: Collection[str], statement: str) -> OfficeProduct:
    """One article; Misset when a column that is to be read is not there."""
    sku = Sku(wire.word(row, "sku", statement))
    if absent := sorted(set(fields) - set(row.keys())):
        raise wire.wrong(statement, f"gives no column {absent[0]}, which product_fields names")
    values, invalid = read({name: row[name] for name in fields} | {"sku": sku})
    return OfficeProduct(
        sku, values, invalid, bool(row.get("discontinued")),
        title(row.get("title")), str(row.get("id") or ""),
    )  # fmt: skip


def _misset(cause: str, remedy: str) -> Misset:
    return Misset(cause, remedy, code="sql.product_fields")
