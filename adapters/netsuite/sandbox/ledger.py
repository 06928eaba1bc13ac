"""NetSuite's transactions over the books: sales orders with their lines, fulfilments, returns, receipts, adjustments."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.sandbox.books import BookedOrder, Books, Movement

PENDING_BILLING = ("E", "F")
TYPES = {"ship": "ItemShip", "return": "ItemRcpt", "receipt": "ItemRcpt", "adjust": "InvAdjst"}


@dataclass(slots=True)
class Line:
    """One line of a transaction."""

    number: int
    item: str
    quantity: int
    rate: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    location: str | None = None
    closed: bool = False
    done: int = 0
    """Units shipped or received against it."""
    description: str = ""
    reference: str = ""
    """What ties tax details to it, where it was given one."""
    billed: int = 0

    @property
    def to_bill(self) -> int:
        """Units that may be billed: goods that left, and what never leaves."""
        if self.location is not None:
            return max(0, self.done - self.billed)
        return 0 if self.closed else self.quantity - self.billed


@dataclass(slots=True)
class TaxDetail:
    """One tax of an account with SuiteTax; the rate in percent."""

    reference: str
    type: str
    code: str
    basis: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(slots=True)
class Transaction:
    """One transaction; `previous` is the one it was made from."""

    id: int
    type: str
    status: str
    external_id: str | None
    created: float
    modified: float
    lines: list[Line] = field(default_factory=list)
    previous: int | None = None
    order: BookedOrder | None = None
    facts: dict[str, object] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    """Tracking numbers of a fulfilment."""
    taxes: list[TaxDetail] = field(default_factory=list)
    override: bool = False
    """Taxes are as they were entered, and not the engine's."""

    @property
    def worth(self) -> Decimal:
        """Its lines with the taxes on them."""
        return worth(self.lines, self.taxes)

    def line(self, number: int) -> Line | None:
        """A line by its number."""
        return next((line for line in self.lines if line.number == number), None)


def worth(lines: Sequence[Line], taxes: Sequence[TaxDetail]) -> Decimal:
    """Lines with the taxes on them."""
    return sum((line.amount for line in lines), Decimal(0)) + sum((tax.amount for tax in taxes), Decimal(0))


class Ledger:
    """Every transaction; movements of the books that no call made become transactions by themselves."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.transactions: dict[int, Transaction] = {}
        self.revision = 0
        self.touched: set[int] = set()
        """Transactions that were made, changed or taken out since somebody cleared it."""
        self._making: Transaction | None = None
        books.listeners.append(self._moved)

    def add(
        self, kind: str, status: str, external_id: str | None, previous: int | None = None
    ) -> Transaction:
        """A new transaction."""
        number = 1000 + len(self.transactions) + 1
        now = self.books.now()
        made = Transaction(number, kind, status, external_id, now, now, previous=previous)
        self.transactions[number] = made
        self.touch(made)
        return made

    def touch(self, one: Transaction) -> None:
        """It was changed."""
        one.modified = self.books.now()
        self.touched.add(one.id)
        self.revision += 1

    def by_external_id(self, kind: str, external_id: str) -> Transaction | None:
        """A transaction by its external id."""
        return next(
            (
                one
                for one in self.transactions.values()
                if one.type == kind and one.external_id == external_id
            ),
            None,
        )

    def of_order(self, order: BookedOrder) -> Transaction | None:
        """The sales order of a booked order."""
        return next(
            (one for one in self.transactions.values() if one.order is order and one.type == "SalesOrd"), None
        )

    def amount(self, one: Transaction) -> Decimal:
        """What a transaction of money says that it is of, positive."""
        return Decimal(str(one.facts["total"]))

    def open_of(self, one: Transaction) -> Decimal:
        """What of a deposit, a credit memo or an invoice is neither paid, paid back nor applied."""
        applied = (
            self.amount(each)
            for each in self.transactions.values()
            if each.type == "DepAppl" and each.previous == one.id
        )
        by_staff = Decimal(str(one.facts.get("applied", 0)))
        return self.amount(one) - by_staff - self.taken(one) - sum(applied, Decimal(0))

    def taken(self, one: Transaction) -> Decimal:
        """What others say that they take of it: refunds of what they pay back, payments of what they pay."""
        return sum(
            (_used_by(each).get(one.id, Decimal(0)) for each in self.transactions.values()), Decimal(0)
        )

    @contextmanager
    def making(self, one: Transaction) -> Iterator[None]:
        """Movements inside belong to this transaction."""
        self._making = one
        try:
            yield
        finally:
            self._making = None

    def status_of(self, one: Transaction) -> str:
        """A sales order's letter, from what its lines say."""
        if one.type != "SalesOrd" or one.order is None:
            return one.status
        goods = [line for line in one.lines if line.location is not None]
        if all(line.closed for line in one.lines) and one.lines:
            return "H"
        if any(not line.closed and line.done < line.quantity for line in goods):
            if not any(line.done for line in goods):
                return "B"
            return "E" if any(line.to_bill for line in goods) else "D"
        return "F" if any(line.to_bill for line in one.lines) else "G"

    def _moved(self, move: Movement) -> None:
        self.revision += 1
        order = self.books.orders.get(move.document or 0)
        sale = self.of_order(order) if order is not None else None
        if sale is not None:
            self.touch(sale)
        if move.kind == "cancel" and sale is not None:
            for line in sale.lines:
                line.closed = True
        if move.sku is None or self._making is not None or not move.on_hand_delta:
            return
        kind = TYPES.get(move.kind, "TrnfrOrd")
        made = self.add(kind, "C", None, sale.id if sale else None)
        made.lines.append(Line(1, move.sku, abs(move.on_hand_delta), location=move.warehouse))
        if move.kind == "ship" and sale is not None:
            self._against(sale, move.sku, move.warehouse, -move.on_hand_delta)

    def _against(self, sale: Transaction, sku: str, warehouse: str | None, units: int) -> None:
        for line in sale.lines:
            take = (
                min(units, line.quantity - line.done) if (line.item, line.location) == (sku, warehouse) else 0
            )
            line.done += take
            units -= take


def _used_by(one: Transaction) -> Mapping[int, Decimal]:
    """How much it takes of which other transactions."""
    used = one.facts.get("used", {})
    assert isinstance(used, dict)
    return used
