"""What of the money of a sale stands in Tryton's books already, and whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from adapters.tryton.rpc import Row
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

    async def there(self, ref: OrderId, kind: EntryKind) -> list[Entered]:
        """Those of an order, cancelled ones left out."""
        ...

    async def draft(self, account: Account, entry: Entry) -> int:
        """Make a draft for an entry and give its id."""
        ...


def amounts(entered: Iterable[Entered]) -> dict[str, Decimal]:
    """Posted ones, by key."""
    return {each.key: each.amount for each in entered if each.posted}


def number_of(ref: OrderId) -> str:
    """Shopify's number of an order, which no two shops share."""
    return ref.rpartition("/")[2]
