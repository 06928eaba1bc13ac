"""What SuiteQL sees of the account, as tables in SQLite that follow the books: only what moved is written anew."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.netsuite.sandbox.ledger import Ledger, Transaction
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
        "quantitybackordered REAL, quantityintransit REAL, quantityonorder REAL, lastquantityavailablechange TEXT, "
        "PRIMARY KEY (item, location)"
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
OWNED = {
    "transaction": "id",
    "transactionline": "transaction_",
    "trackingnumbermap": "transaction_",
    "previoustransactionlinelink": "nextdoc",
}
"""Tables of transactions, and the column that says which one a row is of."""
INDEXES = (*OWNED.items(), ("transaction", "externalid"), ("previoustransactionlinelink", "previousdoc"))
SALES = ("SalesOrd", "CustInvc")
OWED = ("CustDep", "CustInvc")
PACKAGES = 1000
"""Tracking numbers that one transaction may have."""
Buyer = tuple[int, str, str, str | None]
"""Internal id, name, address of mail and external id of a customer."""


class Tables:
    """One database in memory, kept in step with the ledger."""

    def __init__(self, ledger: Ledger, items: dict[str, tuple[int, str]], currency: str) -> None:
        """`items` maps names to (internal id, type)."""
        self._ledger, self._items, self._currency = ledger, items, currency
        self._numbers = {name: number for name, (number, _) in items.items()}
        self._places = {code: at for at, code in enumerate(ledger.books.warehouses, 1)}
        self._seen = (-1, -1, -1)
        self._read = 0
        """Lines of the log that were read."""
        self._days: dict[tuple[str, str], str] = {}
        """Day on which a shelf moved last."""
        self._shelves: dict[tuple[str, str], tuple[object, ...]] = {}
        self.customers: Sequence[Buyer] = ()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.create_function("NVL", 2, lambda value, other: other if value is None else value)
        self._db.create_function("TO_CHAR", 2, _to_char)
        self._db.create_function("TO_DATE", 2, _to_date)
        for name, columns in TABLES.items():
            self._db.execute(f'CREATE TABLE "{name}" ({columns})')
        for name, column in INDEXES:
            self._db.execute(f'CREATE INDEX "{name}_{column}" ON "{name}" ({column})')
        self._put("account", [(int(number), number, name, "F") for number, name in ACCOUNTS.items()])
        self._put("currency", [(1, currency, currency, "T"), (2, "XTS", "XTS", "F")])

    def now(self) -> sqlite3.Connection:
        """The tables as the books are now."""
        books = self._ledger.books
        seen = self._ledger.revision, books.articles.revision, len(books.closed)
        if seen == self._seen:
            return self._db
        if seen[1] != self._seen[1]:
            self._anew("item", [self._item(name) for name in self._items])
            self._anew("pricing", [row for name in self._items for row in self._prices(name)])
        places = self._places.items()
        self._anew("location", [(n, code, code, "T" if code in books.closed else "F") for code, n in places])
        self._anew("customer", [(n, name, name, mail, key) for n, name, mail, key in self.customers])
        self._put("aggregateitemlocation", list(self._moved_shelves()))
        touched = sorted(self._ledger.touched)
        self._ledger.touched.clear()
        for table, column in OWNED.items():
            gone = [(number,) for number in touched]
            self._db.executemany(f'DELETE FROM "{table}" WHERE {column} = ?', gone)  # noqa: S608  tables of our own
        self._transactions([one for number in touched if (one := self._ledger.transactions.get(number))])
        self._seen = seen
        return self._db

    def _moved_shelves(self) -> Iterator[tuple[object, ...]]:
        books = self._ledger.books
        for move in books.log[self._read :]:
            if move.sku is not None and move.warehouse is not None:
                self._days[move.sku, move.warehouse] = stamp(move.at)[:10]
        self._read = len(books.log)
        for (sku, code), counts in books.shelves.items():
            committed = max(0, min(counts.on_hand, counts.reserved))
            row = (
                self._numbers[sku], self._places[code], counts.on_hand, counts.on_hand - committed, committed,
                counts.reserved - committed, 0, 0, self._days.get((sku, code), stamp(0)[:10]) + " 00:00:00",
            )  # fmt: skip
            if self._shelves.get((sku, code)) != row:
                self._shelves[sku, code] = row
                yield row

    def _transactions(self, touched: Sequence[Transaction]) -> None:
        heads, lines, links = list[Any](), list[Any](), list[Any]()
        maps, packages = list[Any](), list[Any]()
        for one in touched:
            heads.append(
                (one.id, f"T{one.id}", one.type, self._ledger.status_of(one), one.external_id,
                 one.facts.get("otherRefNum"), stamp(one.created)[:10], stamp(one.modified), str(_total(one)),
                 one.facts.get("entity", 1))
            )  # fmt: skip
            lines += self._lines(one)
            if one.previous is not None:
                links.append((one.previous, one.id))
            for at, number in enumerate(one.packages, one.id * PACKAGES):
                maps.append((one.id, at))
                packages.append((at, str(number)))
        self._put("transaction", heads)
        self._put("transactionline", lines)
        self._put("previoustransactionlinelink", links)
        self._put("trackingnumbermap", maps)
        self._db.executemany("DELETE FROM trackingnumber WHERE id = ?", [(at,) for at, _ in packages])
        self._put("trackingnumber", packages)

    def _lines(self, one: Transaction) -> Iterator[tuple[object, ...]]:
        yield one.id, 0, None, None, None, None, None, "T", "F", "F"
        sign = -1 if one.type in SALES else 1
        for line in one.lines:
            yield (
                one.id, line.number, self._numbers[line.item], self._places.get(line.location or ""),
                sign * line.quantity, str(line.rate), line.done, "F", "F", "T" if line.closed else "F",
            )  # fmt: skip
        last = max((line.number for line in one.lines), default=0)
        for at, tax in enumerate(one.taxes, last + 1):
            yield one.id, at, int(tax.code), None, None, str(tax.rate), None, "F", "T", "F"

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

    def _anew(self, table: str, rows: Sequence[Any]) -> None:
        self._db.execute(f'DELETE FROM "{table}"')  # noqa: S608  a table of our own
        self._put(table, rows)

    def _put(self, table: str, rows: Sequence[Any]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})', rows)  # noqa: S608  a table of our own


def stamp(at: float) -> str:
    """A time as kept; the sandbox's account lives in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _total(one: Transaction) -> Decimal:
    """What SuiteQL says that it is worth: what lessens a balance is negative."""
    if "total" not in one.facts:
        return one.worth
    entered = Decimal(str(one.facts["total"]))
    return entered if one.type in OWED else -entered


def _to_char(value: str | None, form: str) -> str | None:
    if form != "YYYY-MM-DD HH24:MI:SS":
        raise ValueError("unknown format")
    return value


def _to_date(value: str, form: str) -> str:
    return datetime.fromisoformat(str(_to_char(value, form))).isoformat(" ")
