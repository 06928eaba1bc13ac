"""Shopify's names for accounts, taxes, carriers and markets, in the words of the back office; none is guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.model.buyer import Buyer
from engine.model.failure import Unmapped
from engine.model.sale import LineKind, SalesDocument, SalesLine

NOWHERE = "none"
"""The market of an order without any address, as a till sells."""


class Kind(StrEnum):
    """What is named; the value is its table in the configuration of a connection."""

    PAYMENT = "payments"
    """Payment gateway → account."""
    TAX = "taxes"
    """Title of a tax → tax code."""
    CARRIER = "carriers"
    """Shipping method → carrier."""
    MARKET = "subsidiaries"
    """Country the goods go to → subsidiary that sells there."""


WORDS: Mapping[Kind, str] = {
    Kind.PAYMENT: "payment gateway",
    Kind.TAX: "tax title",
    Kind.CARRIER: "shipping method",
    Kind.MARKET: "country",
}

ValueMaps = Mapping[Kind, Mapping[str, str]]
"""A kind that is missing is told by Shopify's own names; a kind that is given must name every value."""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A value of an order that its table does not have."""

    kind: Kind
    name: str


class ValueUnmapped(Unmapped):
    """Values of an order have no name in the back office; a person adds them to their tables."""

    def __init__(self, order: str, lacking: tuple[Unnamed, ...]) -> None:
        self.lacking = lacking
        said = ", ".join(f"{WORDS[each.kind]} “{each.name}”" for each in lacking)
        tables = ", ".join(f"[connections.{kind}]" for kind in dict.fromkeys(each.kind for each in lacking))
        super().__init__(
            f"Order {order} has a value the back office has no name for: {said}.",
            f"Name it with e on screen 4 or trueup failed edit; or add it to {tables}, restart, and retry.",
            code="value_unmapped",
        )


def in_their_words(sale: SalesDocument, values: ValueMaps) -> SalesDocument:
    """The document with the back office's names; ValueUnmapped names every value that has none."""
    if not values:
        return sale
    lacking = unnamed(sale, values)
    if lacking:
        raise ValueUnmapped(sale.name, lacking)
    carriers, accounts = values.get(Kind.CARRIER, {}), values.get(Kind.PAYMENT, {})
    return replace(
        sale,
        lines=tuple(_carried(line, carriers) for line in sale.lines),
        payments=tuple(replace(paid, account=accounts.get(paid.gateway, "")) for paid in sale.payments),
        tax_codes={
            title: values[Kind.TAX][title]
            for kind, title in _used(sale)
            if kind is Kind.TAX and kind in values
        },
        subsidiary=subsidiary(sale.buyer, values),
    )


def unnamed(sale: SalesDocument, values: ValueMaps) -> tuple[Unnamed, ...]:
    """What of the sale its tables do not name, each once."""
    used = dict.fromkeys(Unnamed(kind, name) for kind, name in _used(sale))
    return tuple(each for each in used if each.kind in values and not values[each.kind].get(each.name))


def _used(sale: SalesDocument) -> Iterator[tuple[Kind, str]]:
    for paid in sale.payments:
        yield Kind.PAYMENT, paid.gateway
    for line in sale.lines:
        for title, amount in line.taxes:
            if amount:
                yield Kind.TAX, title
        if line.kind is LineKind.SHIPPING:
            yield Kind.CARRIER, line.title
    yield Kind.MARKET, _country(sale.buyer)


def subsidiary(buyer: Buyer, values: ValueMaps) -> str:
    """Which part of the company sells to a buyer; empty where that is not told by market."""
    return values.get(Kind.MARKET, {}).get(_country(buyer), "")


def _country(buyer: Buyer) -> str:
    """Where the goods go, or who pays when nothing is sent."""
    for address in (buyer.shipping, buyer.billing):
        if address is not None and address.country:
            return address.country
    return NOWHERE


def _carried(line: SalesLine, carriers: Mapping[str, str]) -> SalesLine:
    return replace(line, carrier=carriers.get(line.title, "")) if line.kind is LineKind.SHIPPING else line
