"""Money: exact decimals with a currency, in two currencies at once where Shopify gives both."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from engine.model.currencies import DIGITS


def exponent(currency: str) -> int:
    """Number of decimals of a currency (ISO 4217); ValueError for a code that nobody knows."""
    digits = DIGITS.get(currency)
    if digits is None:
        raise ValueError(f"{currency!r} is no currency known here")
    return digits


def exact(amount: Decimal, currency: str) -> Decimal:
    """The amount with the decimals of its currency, and with more where it has more; never rounded.

    An unknown currency has two.
    """
    least, places = DIGITS.get(currency, 2), -int(amount.as_tuple().exponent)
    text = f"{amount:.{max(least, places)}f}"
    while places > least and text.endswith("0"):
        text, places = text[:-1], places - 1
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def times(self, quantity: int) -> "Money":
        """This amount for so many units."""
        return Money(self.amount * quantity, self.currency)

    def minor(self) -> int:
        """The amount in minor units; ValueError when it has a fraction of one."""
        scaled = self.amount.scaleb(exponent(self.currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.amount} {self.currency} is not a whole number of minor units")
        return int(scaled)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")


@dataclass(frozen=True, slots=True)
class MoneyBag:
    """One amount as the shop books it and as the buyer saw it (Shopify's MoneyBag)."""

    shop: Money
    presentment: Money

    def __add__(self, other: "MoneyBag") -> "MoneyBag":
        return MoneyBag(self.shop + other.shop, self.presentment + other.presentment)

    def __sub__(self, other: "MoneyBag") -> "MoneyBag":
        return MoneyBag(self.shop - other.shop, self.presentment - other.presentment)

    def times(self, quantity: int) -> "MoneyBag":
        """This amount for so many units, in both currencies."""
        return MoneyBag(self.shop.times(quantity), self.presentment.times(quantity))


def nothing(shop: str, presentment: str) -> MoneyBag:
    """Zero in both currencies."""
    return MoneyBag(Money(Decimal(0), shop), Money(Decimal(0), presentment))


def total(bags: Iterable[MoneyBag], start: MoneyBag) -> MoneyBag:
    """The sum of the bags, beginning with `start`."""
    for bag in bags:
        start = start + bag
    return start
