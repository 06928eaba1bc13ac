"""What of the money of a sale stands in Tryton's books already, and whose it is."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from adapters.tryton.looks import Looks
from adapters.tryton.rpc import Domain, Row
from engine.model.entry import Entry, EntryKind
from engine.model.ids import OrderId


@dataclass(frozen=True, slots=True)
class Account:
    """The sale that money belongs to, in Tryton's own ids."""

    sale: int
    ref: OrderId
    worth: Decimal
    party: int
    address: int
    currency: int
    """Of the sale."""
    home: int
    """The company's currency, in which the books are kept."""

    def second(self, amount: Decimal) -> Row:
        """What a line of a move says beside the books' own currency."""
        if self.currency == self.home:
            return {}
        return {"second_currency": self.currency, "amount_second_currency": amount}


@dataclass(frozen=True, slots=True)
class Entered:
    """One record of Tryton for one entry."""

    id: int
    key: str
    posted: bool
    """A draft is free to be thrown away; what is posted stays."""
    amount: Decimal
    """In the currency of the sale."""


class Book(Protocol):
    """Records of one kind, each a draft first and then posted by its id."""

    model: str

    async def there(self, refs: Sequence[OrderId], kind: EntryKind) -> Mapping[OrderId, list[Entered]]:
        """Those of each order, cancelled ones left out."""
        ...

    async def values(self, looks: Looks, account: Account, entry: Entry) -> Row:
        """What a draft for an entry is made of; raises NotApplied where that is not possible."""
        ...


def amounts(entered: Iterable[Entered]) -> dict[str, Decimal]:
    """Posted ones, by key."""
    return {each.key: each.amount for each in entered if each.posted}


def number_of(ref: OrderId) -> str:
    """Shopify's number of an order, which no two shops share."""
    return ref.rpartition("/")[2]


def naming(field: str, refs: Sequence[OrderId]) -> Domain:
    """The domain of what says in this field that it belongs to one of these orders."""
    return ["OR", *([field, "like", f"Shopify {number_of(ref)}/%"] for ref in refs)]


def told(
    rows: Iterable[Row], field: str, text: re.Pattern[str], refs: Sequence[OrderId]
) -> Iterator[tuple[Row, OrderId, re.Match[str]]]:
    """Rows whose text is ours, with the order they belong to; its number is the first group."""
    orders = {number_of(ref): ref for ref in refs}
    for row in rows:
        said = text.match(row[field] or "")
        if said and said[1] in orders:
            yield row, orders[said[1]], said
