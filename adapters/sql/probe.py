"""Whether the database would carry out every statement, tried without changing anything.

What reads is asked with values that name nothing. What writes is explained: PostgreSQL, MariaDB and MySQL plan a
statement only for a user who may carry it out, and SQLite plans none whose names it does not find. What is no plain
SELECT, INSERT, UPDATE or DELETE, such as a call of a procedure, cannot be explained and is left alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, text

from adapters.sql import wire
from adapters.sql.statements import LISTS, SHAPES, Statements
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Misset
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, Payment, SalesDocument, SalesLine

NOBODY: Final = "trueup-nobody"
NO_DOCUMENT: Final = "0"
"""An id that a column of numbers takes, and one of texts."""
EXPLAINS: Final = frozenset({"sqlite", "postgresql", "mysql", "mariadb"})
PLAIN: Final = ("select", "insert", "update", "delete", "with", "replace")
Values = Mapping[str, Any]
Work = Callable[[Connection], None]
Read = Callable[[Work], Awaitable[None]]
Rows = Callable[[Connection, str, Values], object]


async def probe(statements: Statements, read: Read, rows: Rows) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`. `read` carries out work in a transaction that is not committed."""
    found = []
    for name, shape in SHAPES.items():
        if not statements.has(name):
            continue
        try:
            await read(_asked(name, rows) if shape.gives else partial(_explained, statements, name))
        except Misset as wrong:
            found.append(
                (
                    f"statement {name}",
                    f"The statement “{name}” ({shape.purpose}) would not be carried out: {wrong.cause}",
                    "Give the database user of TrueUp the right to it, or correct the statement under "
                    "[connections.back_office.statements].",
                )
            )
    return tuple(found)


def _asked(name: str, rows: Rows) -> Work:
    """Asks with values that name nothing."""
    known = {"after": "", "limit": 1, "cursor": 0, "document": NO_DOCUMENT, "documents": [NO_DOCUMENT]}
    values = {each: known.get(each, [NOBODY] if each in LISTS else NOBODY) for each in SHAPES[name].needs}

    def ask(tx: Connection) -> None:
        rows(tx, name, values)

    return ask


def _explained(statements: Statements, name: str, tx: Connection) -> None:
    clause = statements[name]
    if tx.dialect.name in EXPLAINS and clause.text.lstrip().lower().startswith(PLAIN):
        wanted = set(clause.compile().params)
        values = {key: value for key, value in _written(name).items() if key in wanted}
        tx.execute(text(f"EXPLAIN {clause.text}"), values).close()


def _written(name: str) -> Values:
    """Values as they would be written, of an order and entries that there are none of."""
    document = {"document": NO_DOCUMENT}
    match name:
        case "create_order":
            return wire.order_values(SALE)
        case "amend_order":
            return wire.order_values(SALE) | document
        case "create_line" | "amend_line":
            return wire.line_values(SALE, SALE.lines[0], 1, NO_DOCUMENT)
        case "create_payment":
            return wire.payment_values(SALE, NO_DOCUMENT)[0]
        case "create_credit_line":
            return wire.credit_lines(ENTRY, NO_DOCUMENT)[0]
        case "create_credit" | "create_refund":
            return wire.entry_values(ENTRY, NO_DOCUMENT)
        case _:
            place = {"sku": NOBODY, "warehouse": NOBODY, "origin": NOBODY, "units": 1, "total": 1}
            return document | place | {"key": NOBODY, "ref": NOBODY, "message": ""}


_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ORDER: Final = OrderId(NOBODY)
SALE: Final = SalesDocument(
    ref=_ORDER, name="", placed_at=_AT, currency="EUR", taxes_included=False,
    lines=(
        SalesLine(
            NOBODY, LineKind.GOODS, Sku(NOBODY), "", 1, Decimal(1), Decimal(0), Decimal(0), (), WarehouseId(NOBODY)
        ),
    ),
    total=Decimal(1), presentment_currency="EUR", presentment_total=Decimal(1),
    payments=(Payment(NOBODY, "SALE", "", Decimal(1)),), customer="", email="", address=(), note="",
)  # fmt: skip
ENTRY: Final = Entry(
    key=NOBODY, subject=NOBODY, kind=EntryKind.CREDIT, order=_ORDER, name="", amount=Decimal(1), currency="EUR",
    presentment=Decimal(1), presentment_currency="EUR", at=_AT,
    lines=(CreditLine(NOBODY, Sku(NOBODY), "", 1, Decimal(1), Decimal(0)),),
)  # fmt: skip
