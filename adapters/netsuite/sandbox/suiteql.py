"""SuiteQL over the books: the tables a connector needs, loaded into SQLite when they are asked for.

Refused as NetSuite refuses: anything but a SELECT, LIMIT and OFFSET, tables and columns nobody has.
"""

import re
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.netsuite.sandbox.ledger import Ledger
from adapters.netsuite.sandbox.money import ACCOUNTS

TABLES = {
    "item": (
        "id INTEGER, itemid TEXT, displayname TEXT, itemtype TEXT, isinactive TEXT, externalid TEXT, "
        "lastmodifieddate TEXT, upccode TEXT, averagecost TEXT, weight REAL, weightunit INTEGER"
    ),
    "pricing": "item INTEGER, pricelevel INTEGER, currency INTEGER, quantity INTEGER, unitprice TEXT",
    "location": "id INTEGER, name TEXT, fullname TEXT, isinactive TEXT",
    "currency": "id INTEGER, symbol TEXT, name TEXT, isbasecurrency TEXT",
    "customer": "id INTEGER, entityid TEXT, companyname TEXT, email TEXT, externalid TEXT",
    "aggregateitemlocation": (
        "item INTEGER, location INTEGER, quantityonhand REAL, quantityavailable REAL, quantitycommitted REAL, "
        "quantitybackordered REAL, quantityintransit REAL, quantityonorder REAL, lastquantityavailablechange TEXT"
    ),
    "transaction": (
        "id INTEGER, tranid TEXT, type TEXT, status TEXT, externalid TEXT, otherrefnum TEXT, trandate TEXT, "
        "lastmodifieddate TEXT, foreigntotal TEXT, entity INTEGER"
    ),
    "transactionline": (
        "transaction_ INTEGER, linesequencenumber INTEGER, item INTEGER, location INTEGER, quantity REAL, rate TEXT, "
        "quantityshiprecv REAL, mainline TEXT, taxline TEXT, isclosed TEXT"
    ),
    "trackingnumbermap": "transaction_ INTEGER, trackingnumber INTEGER",
    "trackingnumber": "id INTEGER, trackingnumber TEXT",
    "account": "id INTEGER, acctnumber TEXT, fullname TEXT, isinactive TEXT",
    "previoustransactionlinelink": "previousdoc INTEGER, nextdoc INTEGER",
}
SALES = ("SalesOrd", "CustInvc")
OWED = ("CustDep", "CustInvc")
FORBIDDEN = re.compile(r"\b(limit|offset|insert|update|delete|drop|attach|pragma)\b", re.IGNORECASE)
FETCH = re.compile(r"\bFETCH\s+FIRST\s+(\d+)\s+ROWS\s+ONLY\b", re.IGNORECASE)
LITERAL = re.compile(r"'(?:[^']|'')*'")


class Invalid(ValueError):
    """NetSuite cannot read the question."""


class SuiteQl:
    """Answers questions; the tables are filled anew when the books moved."""

    def __init__(self, ledger: Ledger, items: dict[str, tuple[int, str]], currency: str) -> None:
        """`items` maps names to (internal id, type)."""
        self._ledger = ledger
        self._items = items
        self._currency = currency
        self._seen = (-1, -1)
        self._db: Any = None
        self.customers: list[tuple[int, str, str, str | None]] = []

    def ask(self, question: str) -> list[dict[str, str]]:
        """All rows as NetSuite gives them: lower-case names, text values, NULL left out."""
        outside = LITERAL.sub("''", question)
        if not outside.lstrip().lower().startswith("select") or FORBIDDEN.search(outside) or ";" in outside:
            raise Invalid("Invalid or unsupported search")
        fetch = FETCH.search(outside)
        asked = FETCH.sub("", question)
        asked = re.sub(r"\bFROM\s+transaction\b", 'FROM "transaction"', asked, flags=re.IGNORECASE)
        asked = re.sub(r"\bJOIN\s+transaction\b", 'JOIN "transaction"', asked, flags=re.IGNORECASE)
        asked = re.sub(
            r"(?<![\w\"'])(\w+\.)?transaction\b(?![\"'])", lambda m: f"{m[1] or ''}transaction_", asked
        )
        try:
            cursor = self._loaded().execute(asked)
            rows = cursor.fetchmany(int(fetch[1])) if fetch else cursor.fetchall()
        except sqlite3.Error as odd:
            raise Invalid(f"Invalid or unsupported search: {odd}") from odd
        names = [column[0].rstrip("_").lower() for column in cursor.description]
        return [
            {name: _text(value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in rows
        ]

    def _loaded(self) -> Any:
        seen = self._ledger.revision, self._ledger.books.articles.revision
        if self._db is not None and self._seen == seen:
            return self._db
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.create_function("NVL", 2, lambda value, other: other if value is None else value)
        db.create_function("TO_CHAR", 2, _to_char)
        db.create_function("TO_DATE", 2, _to_date)
        for name, columns in TABLES.items():
            db.execute(f'CREATE TABLE "{name}" ({columns})')
        self._fill(db)
        self._db, self._seen = db, seen
        return db

    def _fill(self, db: sqlite3.Connection) -> None:
        books, ledger = self._ledger.books, self._ledger
        places = {code: at for at, code in enumerate(books.warehouses, 1)}
        numbers = {name: number for name, (number, _) in self._items.items()}
        _many(db, "item", [self._item(name) for name in self._items])
        _many(db, "pricing", [row for name in self._items for row in self._prices(name)])
        _many(db, "location", [(n, c, c, "T" if c in books.closed else "F") for c, n in places.items()])
        _many(db, "account", [(int(n), n, name, "F") for n, name in ACCOUNTS.items()])
        _many(db, "currency", [(1, self._currency, self._currency, "T"), (2, "XTS", "XTS", "F")])
        _many(
            db, "customer", [(n, name, name, email, external) for n, name, email, external in self.customers]
        )
        changed: dict[tuple[str, str], float] = {}
        for move in books.log:
            if move.sku is not None and move.warehouse is not None:
                changed[move.sku, move.warehouse] = move.at
        shelves = []
        for (sku, code), counts in books.shelves.items():
            committed = max(0, min(counts.on_hand, counts.reserved))
            shelves.append(
                (
                    numbers[sku], places[code], counts.on_hand, counts.on_hand - committed, committed,
                    counts.reserved - committed, 0, 0, stamp(changed.get((sku, code), 0))[:10] + " 00:00:00",
                )
            )  # fmt: skip
        _many(db, "aggregateitemlocation", shelves)
        heads: list[Any] = []
        lines: list[Any] = []
        links: list[Any] = []
        for one in ledger.transactions.values():
            total = one.worth
            if "total" in one.facts:
                entered = Decimal(str(one.facts["total"]))
                total = entered if one.type in OWED else -entered  # what lessens a balance is negative
            heads.append(
                (one.id, f"T{one.id}", one.type, ledger.status_of(one), one.external_id, one.facts.get("otherRefNum"),
                 stamp(one.created)[:10], stamp(one.modified), str(total), one.facts.get("entity", 1))
            )  # fmt: skip
            lines.append((one.id, 0, None, None, None, None, None, "T", "F", "F"))
            sign = -1 if one.type in SALES else 1
            for line in one.lines:
                lines.append(
                    (one.id, line.number, numbers[line.item], places.get(line.location or ""), sign * line.quantity,
                     str(line.rate), line.done, "F", "F", "T" if line.closed else "F")
                )  # fmt: skip
            last = max((line.number for line in one.lines), default=0)
            for at, tax in enumerate(one.taxes, last + 1):
                lines.append((one.id, at, int(tax.code), None, None, str(tax.rate), None, "F", "T", "F"))
            if one.previous is not None:
                links.append((one.previous, one.id))
        numbers_of = [(one.id, str(n)) for one in ledger.transactions.values() for n in one.packages]
        _many(db, "trackingnumbermap", [(owner, at) for at, (owner, _) in enumerate(numbers_of, 1)])
        _many(db, "trackingnumber", [(at, number) for at, (_, number) in enumerate(numbers_of, 1)])
        _many(db, "transaction", heads)
        _many(db, "transactionline", lines)
        _many(db, "previoustransactionlinelink", links)

    def _item(self, name: str) -> tuple[object, ...]:
        """Weights in kilograms, as its unit says."""
        number, kind = self._items[name]
        entered = self._ledger.books.articles.of(name)
        facts, weight = entered.facts, entered.facts.get("weight")
        return (
            number, name, facts.get("title") or name, kind, "T" if facts.get("discontinued") else "F", None,
            stamp(entered.changed()), facts.get("barcode"), facts.get("cost"),
            None if weight is None else float(weight) / 1000, None if weight is None else 3,
        )  # fmt: skip

    def _prices(self, name: str) -> list[tuple[object, ...]]:
        """The base price, one for ten units, another level's, and all of it in another currency."""
        number, price = self._items[name][0], self._ledger.books.articles.of(name).facts.get("price")
        if price is None:
            return []
        less, other = str(Decimal(str(price)) / 2), str(Decimal(str(price)) * 3)
        return [
            (number, 1, 1, 10, less), (number, 5, 1, 0, less), (number, 1, 1, 0, str(price)), (number, 1, 2, 0, other),
        ]  # fmt: skip


def stamp(at: float) -> str:
    """A time as kept; the sandbox's account lives in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _many(db: sqlite3.Connection, table: str, rows: list[Any]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608  one of our own tables


def _to_char(value: str | None, form: str) -> str | None:
    if form != "YYYY-MM-DD HH24:MI:SS":
        raise ValueError("unknown format")
    return value


def _to_date(value: str, form: str) -> str:
    return datetime.fromisoformat(str(_to_char(value, form))).isoformat(" ")


def _text(value: object) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
