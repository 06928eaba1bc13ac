"""What a made-up order charges: lines with discounts and taxes, shipping, duties, fees, a tip."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.orders.made.money import Pair, Purse, minus, plus, times

NOTHING: Pair = (0, 0)
DISCOUNTS = (
    "none", "code across", "automatic each", "manual one", "script across", "buy x get y", "all of it",
    "code across and automatic each", "free shipping",
)  # fmt: skip
TAXES = ("exempt", "one", "several", "compound", "included", "several included")
TYPES = {
    "code": "DiscountCodeApplication",
    "automatic": "AutomaticDiscountApplication",
    "manual": "ManualDiscountApplication",
    "script": "ScriptDiscountApplication",
}


@dataclass
class Charge:
    """One line item or shipping line."""

    id: str
    title: str
    price: Pair
    units: int = 1
    sku: str | None = None
    kind: str = "goods"
    shares: list[tuple[int, Pair]] = field(default_factory=list)
    taxes: list[tuple[str, float, Pair]] = field(default_factory=list)
    duty: Pair | None = None
    duty_tax: Pair | None = None

    @property
    def discount(self) -> Pair:
        """All shares of discounts."""
        return plus(NOTHING, *(amount for _, amount in self.shares))

    @property
    def net(self) -> Pair:
        """After discounts."""
        return minus(times(self.price, self.units), self.discount)

    @property
    def tax(self) -> Pair:
        """All its taxes, those of its duty not counted."""
        return plus(NOTHING, *(amount for _, _, amount in self.taxes))


@dataclass
class Charged:
    """All that is charged."""

    lines: list[Charge]
    shipping: list[Charge]
    applications: list[dict[str, Any]]
    included: bool
    fee: Pair | None = None
    fee_tax: Pair | None = None
    tip: Pair | None = None
    duties_included: bool = False


class Maker:
    """Draws the charges of one order."""

    def __init__(self, purse: Purse, number: int) -> None:
        self.purse, self.chance = purse, purse.chance
        self._ids = count(number * 1000 + 1)

    def id(self, kind: str) -> str:
        """A fresh global id."""
        return f"gid://shopify/{kind}/{next(self._ids)}"

    def charged(self, discount: str, tax: str) -> Charged:
        """Lines and the rest, by the names of the cases."""
        lines = [self._line(at) for at in range(self.chance.randint(1, 5))]
        shipping = [
            Charge(self.id("ShippingLine"), f"Post {at}", self.purse.amount(2, 20))
            for at in range(self.chance.choice((0, 1, 1, 2)))
        ]
        made = Charged(lines, shipping, [], tax.endswith("included"))
        self._discount(made, discount)
        for charge in (*lines, *shipping):
            if charge.kind != "gift_card":
                charge.taxes = self._taxes(charge.net, tax)
        self._extras(made, taxed=tax != "exempt")
        return made

    def _line(self, at: int) -> Charge:
        kind = self.chance.choice(("goods", "goods", "goods", "digital", "gift_card"))
        sku = None if kind == "digital" and self.chance.random() < 0.5 else f"SKU-{at}"
        units = 1 if kind == "gift_card" else self.chance.randint(1, 6)
        return Charge(
            self.id("LineItem"), f"Article {at}", self.purse.amount(0.5, 300), units, sku, kind=kind
        )

    def _apply(self, made: Charged, kind: str, method: str, target: str, where: str = "LINE_ITEM") -> int:
        at = len(made.applications)
        named = {"code": f"CODE{at}"} if kind == "code" else {"title": f"{kind} {at}"}
        made.applications.append(
            {
                "__typename": TYPES[kind], "index": at, "targetType": where, "targetSelection": target,
                "allocationMethod": method, **named,
            }
        )  # fmt: skip
        return at

    def _discount(self, made: Charged, case: str) -> None:
        if "across" in case:
            kind = case.split()[0]
            at = self._apply(made, kind, "ACROSS", "ALL")
            for line in made.lines:
                line.shares.append((at, self.purse.part(line.net, self.chance.choice((0.1, 0.15, 0.333)))))
        if "each" in case:
            at = self._apply(made, "automatic", "EACH", "ENTITLED")
            for line in made.lines[::2]:
                line.shares.append((at, self.purse.part(line.net, 0.25)))
        if case == "manual one":
            at = self._apply(made, "manual", "ONE", "EXPLICIT")
            made.lines[0].shares.append((at, self.purse.part(made.lines[0].net, 0.4)))
        if case == "buy x get y":
            at = self._apply(made, "automatic", "EACH", "ENTITLED")
            made.lines[-1].shares.append((at, made.lines[-1].price))
        if case == "all of it":
            at = self._apply(made, "code", "ACROSS", "ALL")
            for line in made.lines:
                line.shares.append((at, line.net))
        if case == "free shipping" and made.shipping:
            at = self._apply(made, "code", "EACH", "ALL", "SHIPPING_LINE")
            for charge in made.shipping:
                charge.shares.append((at, charge.net))

    def _taxes(self, net: Pair, case: str) -> list[tuple[str, float, Pair]]:
        if case == "exempt" or net == NOTHING:
            return []
        first = ("State Tax", 0.07, self.purse.part(net, 0.07))
        match case:
            case "one" | "included":
                return [first]
            case "compound":
                return [first, ("PST", 0.0998, self.purse.part(plus(net, first[2]), 0.0998))]
        return [
            first,
            ("City Tax", 0.0125, self.purse.part(net, 0.0125)),
            ("GST", 0.05, self.purse.part(net, 0.05)),
        ]

    def _extras(self, made: Charged, *, taxed: bool) -> None:
        if self.chance.random() < 0.3:
            made.duties_included = self.chance.random() < 0.3
            for line in made.lines:
                line.duty = self.purse.amount(1, 9)
                line.duty_tax = self.purse.amount(0.1, 1) if taxed and not made.duties_included else None
        if self.chance.random() < 0.2:
            made.fee = self.purse.amount(1, 5)
            made.fee_tax = self.purse.amount(0.1, 1) if taxed else None
        if self.chance.random() < 0.2:
            made.tip = self.purse.amount(1, 30)
