"""One made-up order: what was charged, what was paid, what came after, as Shopify says it and as it must be booked."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from tests.orders.made.charges import DISCOUNTS, NOTHING, TAXES, Charge, Charged, Maker
from tests.orders.made.money import Pair, Purse, minus, plus, shared, times
from tests.orders.made.payments import PAYMENTS, Paid, paid

CURRENCIES = (("USD", "USD"), ("USD", "EUR"), ("USD", "JPY"), ("JPY", "JPY"), ("KWD", "USD"), ("EUR", "KWD"))
LIVES = ("plain", "plain", "returned", "given back", "shipping given back", "edited", "cancelled")
HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"
CASES = tuple(product(DISCOUNTS, TAXES, CURRENCIES, range(2)))
AT = "2026-11-23T12:00:00Z"


@dataclass(frozen=True)
class Made:
    """A node and what must become of it."""

    name: str
    node: dict[str, Any]
    lines: list[tuple[Any, ...]]
    """(kind, sku, units, unit price, discount, tax, warehouse), sorted as text."""
    payments: list[tuple[str, str, Decimal]]
    total: Decimal


@dataclass
class _Refunded:
    """What one refund or edit took out."""

    units: dict[str, int]
    subtotal: dict[str, Pair]
    tax: dict[str, Pair]
    shipping: tuple[Charge, Pair, Pair] | None = None
    kind: str = "RETURN"


def made(number: int) -> Made:
    """The order of a case; the same number is the same order."""
    discount, tax, (shop, buyer), _ = CASES[number % len(CASES)]
    chance = Random(number)
    maker = Maker(Purse(shop, buyer, chance), number)
    charged = maker.charged(discount, tax)
    life = chance.choice(LIVES)
    back = _taken_out(charged, life, maker)
    spread = _places(charged, back, life, chance)
    return _Writer(maker, charged, life, back, spread, f"{discount}, {tax}, {shop} {buyer}, {life}").made(
        number
    )


def _taken_out(charged: Charged, life: str, maker: Maker) -> _Refunded | None:
    if life == "plain":
        return None
    kind = {"edited": "CANCEL", "cancelled": "CANCEL", "given back": "NO_RESTOCK"}.get(life, "RETURN")
    out = _Refunded({}, {}, {}, kind=kind)
    if life == "shipping given back":
        if charged.shipping:
            charge = charged.shipping[0]
            out.shipping = (charge, maker.purse.part(charge.net, 0.5), maker.purse.part(charge.tax, 0.5))
        return out
    chosen = charged.lines if life == "cancelled" else charged.lines[:1]
    for line in chosen:
        units = line.units if life == "cancelled" else maker.chance.randint(1, line.units)
        out.units[line.id] = units
        out.subtotal[line.id] = _of(line.net, units, line.units)
        out.tax[line.id] = _of(line.tax, units, line.units)
    return out


def _of(amount: Pair, units: int, whole: int) -> Pair:
    """So many units' part, rounded down on each side."""
    return amount[0] * units // whole, amount[1] * units // whole


Spread = dict[str, list[tuple[str, int]]]


def _places(charged: Charged, back: _Refunded | None, life: str, chance: Random) -> Spread:
    """Units per location of each line that ships; those taken out before they could leave have none."""
    found: Spread = {}
    for line in charged.lines:
        if line.kind != "goods":
            continue
        gone = back.units.get(line.id, 0) if back and back.kind == "CANCEL" else 0
        left = line.units - gone
        there = chance.randint(0, left) if chance.random() < 0.4 else 0
        found[line.id] = [(place, units) for place, units in ((HERE, left - there), (THERE, there)) if units]
    return found


class _Writer:
    """Writes both sides of one order."""

    def __init__(
        self, maker: Maker, charged: Charged, life: str, back: _Refunded | None, spread: Spread, name: str
    ) -> None:
        self.maker, self.purse, self.charged = maker, maker.purse, charged
        self.life, self.back, self.spread, self.name = life, back, spread, name
        lines, ships = charged.lines, charged.shipping
        self.subtotal = plus(NOTHING, *(line.net for line in lines))
        self.shipping = plus(NOTHING, *(charge.net for charge in ships))
        self.duties = plus(NOTHING, *(line.duty for line in lines if line.duty))
        duty_tax = plus(NOTHING, *(line.duty_tax for line in lines if line.duty_tax))
        self.tax = plus(duty_tax, charged.fee_tax or NOTHING, *(c.tax for c in (*lines, *ships)))
        others = plus(charged.fee or NOTHING, charged.tip or NOTHING)
        self.others = others if charged.duties_included else plus(others, self.duties)
        self.total = plus(self.subtotal, self.shipping, self.others)
        if not charged.included:
            self.total = plus(self.total, self.tax)

    def made(self, number: int) -> Made:
        """The order of this number."""
        out_lines, out_shipping, out_tax = NOTHING, NOTHING, NOTHING
        if self.back:
            out_lines = plus(NOTHING, *self.back.subtotal.values())
            out_tax = plus(NOTHING, *self.back.tax.values())
            if self.back.shipping:
                out_shipping, out_tax = self.back.shipping[1], plus(out_tax, self.back.shipping[2])
        out = plus(out_lines, out_shipping, NOTHING if self.charged.included else out_tax)
        now = minus(self.total, out)
        settled = paid(
            self.maker, self.maker.chance.choice(PAYMENTS), self.total, out if self.back else NOTHING
        )
        bag = self.purse.bag
        duties = self.duties if any(line.duty for line in self.charged.lines) else None
        net = minus(settled.received, settled.refunded)
        node = {
            "id": f"gid://shopify/Order/{number + 1}", "name": f"#{1001 + number}", "createdAt": AT,
            "updatedAt": AT, "cancelledAt": AT if self.life == "cancelled" else None,
            "currencyCode": self.purse.shop, "presentmentCurrencyCode": self.purse.buyer,
            "taxesIncluded": self.charged.included, "dutiesIncluded": self.charged.duties_included,
            "subtotalPriceSet": bag(self.subtotal), "totalTaxSet": bag(self.tax), "totalPriceSet": bag(self.total),
            "originalTotalDutiesSet": duties and bag(duties),
            "originalTotalAdditionalFeesSet": self.charged.fee and bag(self.charged.fee),
            "totalTipReceivedSet": bag(self.charged.tip or NOTHING),
            "totalCashRoundingAdjustment": {"paymentSet": bag(settled.rounding), "refundSet": bag(NOTHING)},
            "currentSubtotalPriceSet": bag(minus(self.subtotal, out_lines)),
            "currentShippingPriceSet": bag(minus(self.shipping, out_shipping)),
            "currentTotalTaxSet": bag(minus(self.tax, out_tax)),
            "currentTotalDutiesSet": duties and bag(duties),
            "currentTotalAdditionalFeesSet": self.charged.fee and bag(self.charged.fee),
            "currentTotalPriceSet": bag(now), "totalReceivedSet": bag(settled.received),
            "totalRefundedSet": bag(settled.refunded), "netPaymentSet": bag(net),
            "totalOutstandingSet": bag(minus(now, net)), "refundDiscrepancySet": bag(NOTHING),
            "additionalFees": self._fees(), "lineItems": {"nodes": [self._line(x) for x in self.charged.lines]},
            "shippingLines": {"nodes": [self._ship(x) for x in self.charged.shipping]},
            "discountApplications": {"nodes": self.charged.applications},
            "transactions": settled.nodes, "fulfillmentOrders": {"nodes": self._to_ship()},
            "fulfillments": self._parcels(), "refunds": self._refunds(settled),
            "shippingAddress": {"formatted": ["B. Uyer", "1 Street"]}, "tags": ["made"],
        }  # fmt: skip
        never_left = out if self.back and self.back.kind == "CANCEL" else NOTHING
        total = plus(minus(self.total, never_left), settled.rounding)
        return Made(
            f"{number}: {self.name}, {settled.name}", node, sorted(self._expected(settled), key=str),
            settled.expected, self.purse.home(total[0]),
        )  # fmt: skip

    def _taxes(self, taxes: list[tuple[str, float, Pair]]) -> list[dict[str, Any]]:
        return [{"title": title, "rate": rate, "priceSet": self.purse.bag(tax)} for title, rate, tax in taxes]

    def _shares(self, charge: Charge) -> list[dict[str, Any]]:
        return [
            {"allocatedAmountSet": self.purse.bag(amount), "discountApplication": {"index": at}}
            for at, amount in charge.shares
        ]

    def _line(self, line: Charge) -> dict[str, Any]:
        gone = self.back.units.get(line.id, 0) if self.back else 0
        net, tax = line.net, line.tax
        if gone and self.back:
            net, tax = minus(net, self.back.subtotal[line.id]), minus(tax, self.back.tax[line.id])
        duties = []
        if line.duty:
            taxes = [("Duty Tax", 0.05, line.duty_tax)] if line.duty_tax else []
            duties = [
                {"id": f"{line.id}/duty", "harmonizedSystemCode": "6912.00", "countryCodeOfOrigin": "CN",
                 "price": self.purse.bag(line.duty), "taxLines": self._taxes(taxes)}
            ]  # fmt: skip
        return {
            "id": line.id, "sku": line.sku, "title": line.title, "quantity": line.units,
            "currentQuantity": line.units - gone, "requiresShipping": line.kind == "goods",
            "isGiftCard": line.kind == "gift_card", "originalUnitPriceSet": self.purse.bag(line.price),
            "originalTotalSet": self.purse.bag(times(line.price, line.units)),
            "priceAfterAllDiscountsBeforeTaxesSet": self.purse.bag(
                minus(net, tax) if self.charged.included else net
            ),
            "discountAllocations": self._shares(line), "taxLines": self._taxes(line.taxes), "duties": duties,
        }  # fmt: skip

    def _ship(self, charge: Charge) -> dict[str, Any]:
        return {
            "id": charge.id, "title": charge.title, "originalPriceSet": self.purse.bag(charge.price),
            "discountedPriceSet": self.purse.bag(charge.net), "discountAllocations": self._shares(charge),
            "taxLines": self._taxes(charge.taxes),
        }  # fmt: skip

    def _fees(self) -> list[dict[str, Any]]:
        if self.charged.fee is None:
            return []
        taxes = [("Fee Tax", 0.1, self.charged.fee_tax)] if self.charged.fee_tax else []
        return [
            {"id": "gid://shopify/AdditionalFee/1", "name": "Eco", "price": self.purse.bag(self.charged.fee),
             "taxLines": self._taxes(taxes)}
        ]  # fmt: skip

    def _left(self) -> bool:
        return self.life in ("returned", "given back")

    def _at(self, place: str) -> list[dict[str, Any]]:
        word = "quantity" if self._left() else "remainingQuantity"
        return [
            {word: units, "lineItem": {"id": line}}
            for line, parts in self.spread.items()
            for where, units in parts
            if where == place
        ]

    def _to_ship(self) -> list[dict[str, Any]]:
        if self._left():
            return []
        return [
            {"id": f"gid://shopify/FulfillmentOrder/{at}", "status": "OPEN", "lineItems": {"nodes": held},
             "assignedLocation": {"location": {"id": place}}}
            for at, place in enumerate((HERE, THERE)) if (held := self._at(place))
        ]  # fmt: skip

    def _parcels(self) -> list[dict[str, Any]]:
        if not self._left():
            return []
        return [
            {"id": f"gid://shopify/Fulfillment/{at}", "status": "SUCCESS", "createdAt": AT,
             "location": {"id": place}, "fulfillmentLineItems": {"nodes": gone}}
            for at, place in enumerate((HERE, THERE)) if (gone := self._at(place))
        ]  # fmt: skip

    def _refunds(self, settled: Paid) -> list[dict[str, Any]]:
        if self.back is None:
            return []
        back, bag = self.back, self.purse.bag
        lines = [
            {"quantity": units, "restockType": back.kind, "restocked": back.kind != "NO_RESTOCK",
             "subtotalSet": bag(back.subtotal[line]), "totalTaxSet": bag(back.tax[line]),
             "location": {"id": HERE}, "lineItem": {"id": line}}
            for line, units in back.units.items()
        ]  # fmt: skip
        ships = []
        if back.shipping:
            charge, amount, tax = back.shipping
            ships = [
                {
                    "subtotalAmountSet": bag(amount),
                    "taxAmountSet": bag(tax),
                    "shippingLine": {"id": charge.id},
                }
            ]
        given = [{"id": each["id"]} for each in settled.nodes if each["kind"] == "REFUND"]
        return [
            {"id": "gid://shopify/Refund/1", "createdAt": AT, "refundLineItems": {"nodes": lines},
             "refundShippingLines": {"nodes": ships}, "transactions": {"nodes": given}, "duties": []}
        ]  # fmt: skip

    def _expected(self, settled: Paid) -> list[tuple[Any, ...]]:
        home = self.purse.home
        found: list[tuple[Any, ...]] = []
        for line in self.charged.lines:
            out, discount, tax = 0, line.discount[0], [amount[0] for _, _, amount in line.taxes]
            if self.back and self.back.kind == "CANCEL" and line.id in self.back.units:
                out = self.back.units[line.id]
                discount -= line.price[0] * out - self.back.subtotal[line.id][0]
                less = shared(self.back.tax[line.id][0], tax) if any(tax) else [0] * len(tax)
                tax = [amount - each for amount, each in zip(tax, less, strict=True)]
            parts = self.spread.get(line.id, [("", line.units - out)])
            units = [count for _, count in parts]
            if not any(units):
                continue
            discounts, taxes = shared(discount, units), [shared(amount, units) for amount in tax]
            for at, (place, count) in enumerate(parts):
                warehouse = {HERE: "WH1", THERE: "WH2"}.get(place)
                kind = "gift_card" if line.kind == "gift_card" else "goods"
                mine = sum(each[at] for each in taxes)
                found.append(
                    (kind, line.sku, count, home(line.price[0]), home(discounts[at]), home(mine), warehouse)
                )
        for charge in self.charged.shipping:
            found.append(
                (
                    "shipping",
                    None,
                    1,
                    home(charge.price[0]),
                    home(charge.discount[0]),
                    home(charge.tax[0]),
                    None,
                )
            )
        duty_tax = sum(line.duty_tax[0] for line in self.charged.lines if line.duty_tax)
        duties = 0 if self.charged.duties_included else self.duties[0]
        extras = [
            ("duty", duties, duty_tax),
            ("tip", (self.charged.tip or NOTHING)[0], 0),
            ("fee", (self.charged.fee or NOTHING)[0], (self.charged.fee_tax or NOTHING)[0]),
            ("rounding", settled.rounding[0], 0),
        ]
        return found + [
            (kind, None, 1, home(amount), Decimal(0), home(tax), None)
            for kind, amount, tax in extras
            if amount
        ]
