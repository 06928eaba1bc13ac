"""Amounts of the made-up orders, in whole minor units of both currencies."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
IN_DOLLARS = {"USD": 1.0, "EUR": 0.92, "GBP": 0.79, "JPY": 151.3, "KWD": 0.307}

Pair = tuple[int, int]
"""Minor units of the shop's and of the buyer's currency; each side adds up by itself."""


def plus(*each: Pair) -> Pair:
    """Their sum."""
    return sum(one for one, _ in each), sum(other for _, other in each)


def minus(one: Pair, other: Pair) -> Pair:
    """Their difference."""
    return one[0] - other[0], one[1] - other[1]


def times(one: Pair, count: int) -> Pair:
    """So many of it."""
    return one[0] * count, one[1] * count


@dataclass(frozen=True)
class Purse:
    """Two currencies and a source of chance."""

    shop: str
    buyer: str
    chance: Random

    def amount(self, dollars_low: float, dollars_high: float) -> Pair:
        """A random amount, rounded on each side by itself."""
        dollars = self.chance.uniform(dollars_low, dollars_high)
        mine = max(1, round(dollars * IN_DOLLARS[self.shop] * 10 ** DIGITS[self.shop]))
        if self.shop == self.buyer:
            return mine, mine
        return mine, max(1, round(dollars * IN_DOLLARS[self.buyer] * 10 ** DIGITS[self.buyer]))

    def part(self, of: Pair, share: float) -> Pair:
        """A share of an amount, rounded down on each side."""
        return int(of[0] * share), int(of[1] * share)

    def home(self, minor: int) -> Decimal:
        """An amount in the shop's currency."""
        return Decimal(minor).scaleb(-DIGITS[self.shop])

    def bag(self, of: Pair) -> dict[str, Any]:
        """Shopify's MoneyBag."""
        return {
            "shopMoney": {"amount": str(self.home(of[0])), "currencyCode": self.shop},
            "presentmentMoney": {
                "amount": str(Decimal(of[1]).scaleb(-DIGITS[self.buyer])),
                "currencyCode": self.buyer,
            },
        }


def shared(amount: int, units: list[int]) -> list[int]:
    """Whole minor units by largest remainder, the first of equals first; written without looking at ours."""
    whole = sum(units)
    exact = [(amount * each / whole, at) for at, each in enumerate(units)]
    given = [amount * each // whole for each in units]
    owed = sorted(exact, key=lambda pair: (-(amount * units[pair[1]] % whole), pair[1]))
    for _, at in owed[: amount - sum(given)]:
        given[at] += 1
    return given
