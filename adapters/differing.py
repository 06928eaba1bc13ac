"""What an order that was entered differs in from what the shop charged."""

from decimal import Decimal

from engine.model.failure import Refused, Unmapped
from engine.model.sale import SalesDocument


def differing(
    sale: SalesDocument, total: Decimal, made: tuple[Decimal, str], who: str, *, currency: str, amount: str
) -> Refused | Unmapped:
    """The failure of an entry that came out as `made`, a total and its currency, and not as this total of the sale.

    `currency` and `amount`: what an operator does about the one and about the other.
    """
    if made[1] != sale.currency:
        return Unmapped(
            f"{who} entered order {sale.name} in {made[1]}, it was charged in {sale.currency}.",
            currency,
            code="currency_unmapped",
        )
    return Refused(
        f"{who} makes {made[0]} of order {sale.name}, the shop charged {total} {sale.currency}.",
        amount,
        code="total_differs",
    )
