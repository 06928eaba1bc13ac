"""Money as the sandbox counts it: always both sides, each side rounded and split on its own, exact to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

PER_SHOP_UNIT = {
    "USD": Decimal("1"),
    "EUR": Decimal("0.9137"),
    "GBP": Decimal("0.7811"),
    "CAD": Decimal("1.3712"),
    "CHF": Decimal("0.8803"),
    "JPY": Decimal("149.37"),
}
"""How many units of a currency one US dollar buys here."""

WITHOUT_CENTS = frozenset({"JPY"})


def unit(currency: str) -> Decimal:
    """The smallest coin of a currency."""
    return Decimal(1) if currency in WITHOUT_CENTS else Decimal("0.01")


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole coins, halves up."""
    return amount.quantize(unit(currency), ROUND_HALF_UP)


def converted(amount: Decimal, source: str, target: str) -> Decimal:
    """The amount in another currency, in whole coins."""
    if source == target:
        return amount
    return rounded(amount / PER_SHOP_UNIT[source] * PER_SHOP_UNIT[target], target)


def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The total over the weights in whole coins; what rounding leaves goes to the largest remainders."""
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal(0) for _ in weights]
    coin = unit(currency)
    exact = [total * weight / whole for weight in weights]
    shares = [share.quantize(coin, ROUND_DOWN) for share in exact]
    left = int((total - sum(shares, Decimal(0))) / coin)
    order = sorted(range(len(weights)), key=lambda at: shares[at] - exact[at])
    for at in order[:left]:
        shares[at] += coin
    return shares


@dataclass(frozen=True, slots=True)
class Bag:
    """An amount in the shop's currency and in the buyer's."""

    shop: Decimal
    presentment: Decimal

    def __add__(self, other: "Bag") -> "Bag":
        return Bag(self.shop + other.shop, self.presentment + other.presentment)

    def __sub__(self, other: "Bag") -> "Bag":
        return Bag(self.shop - other.shop, self.presentment - other.presentment)

    def times(self, count: int) -> "Bag":
        """So many times the amount."""
        return Bag(self.shop * count, self.presentment * count)


NOTHING = Bag(Decimal("0.00"), Decimal("0.00"))


def total(bags: "Sequence[Bag]") -> Bag:
    """The sum, nothing for none."""
    found = NOTHING
    for bag in bags:
        found += bag
    return found


def written(amount: Decimal) -> str:
    """As GraphQL writes a Decimal: no padding, at least one decimal."""
    text = format(amount.normalize(), "f")
    return text if "." in text else text + ".0"
