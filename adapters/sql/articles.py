"""Articles of a SQL back office: rows to products, in the form both sides are compared in."""

from collections.abc import Collection, Mapping

from adapters.sql import wire
from adapters.titles import title
from engine.model.failure import Misset
from engine.model.ids import Sku
from engine.model.product import OfficeProduct
from engine.products.fields import AT, SYNCED, field_of, parts, read

STATEMENTS = ("articles", "articles_named", "article_changes", "latest_article_change")
"""Of these a system that tells of its products has all."""
READABLE = tuple(name for name in SYNCED if name != "sku")


def told(fields: Collection[str], given: Collection[str], currencies: Mapping[str, str]) -> frozenset[str]:
    """Fields of products that are read here, the SKU among them. Raises Misset when they cannot be.

    `currencies`: of the prices of each market, by its name as it is part of a field's name.
    """
    markets = {name for name in fields if AT in name and field_of(name) is not None}
    if strange := sorted(set(fields) - set(READABLE) - markets):
        of_market = ", and price@MARKET and compare_at_price@MARKET, the market in small letters with hyphens for blanks"
        raise _misset(
            f"product_fields names {strange[0]!r}", f"Give some of: {', '.join(READABLE)}{of_market}."
        )
    if unsaid := sorted({market for name in markets if (market := parts(name)[1]) not in currencies}):
        raise _misset(
            f"product_fields names prices of {unsaid[0]}, and nobody says in which currency they are",
            f'Name it: market_currencies = {{ {unsaid[0]} = "EUR" }}.',
        )
    if fields and (missing := [name for name in STATEMENTS if name not in given]):
        raise _misset(
            f"product_fields needs the statement “{missing[0]}” too",
            "Add it to [connections.back_office.statements], or take product_fields out.",
        )
    return frozenset({*fields, "sku"}) if fields else frozenset()


def article(
    row: wire.Row, fields: Collection[str], statement: str, currencies: Mapping[str, str]
) -> OfficeProduct:
    """One article; Misset when a column that is to be read is not there."""
    sku = Sku(wire.word(row, "sku", statement))
    if absent := sorted(set(fields) - set(row.keys())):
        raise wire.wrong(statement, f"gives no column {absent[0]}, which product_fields names")
    values, invalid = read({name: row[name] for name in fields} | {"sku": sku})
    return OfficeProduct(
        sku, values, invalid, bool(row.get("discontinued")),
        title(row.get("title")), str(row.get("id") or ""), currencies,
        str(row.get("variant_of") or "").strip(), _options(row.get("options")),
    )  # fmt: skip


def _options(said: object) -> dict[str, str]:
    """`Size=L|Colour=Red`; what is written otherwise tells no option."""
    pairs = [pair.partition("=") for pair in title(said).split("|") if pair.strip()]
    found = {name.strip(): value.strip() for name, _, value in pairs}
    return found if all(name and value for name, value in found.items()) else {}


def _misset(cause: str, remedy: str) -> Misset:
    return Misset(cause, remedy, code="sql.product_fields")
