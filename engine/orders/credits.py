"""What refunds give back of a document's worth: the content of credit memos, to the cent.

    total of the document − Σ credit memos = what the order is worth after edits and returns, with Shopify's discrepancy

Units that were taken out before they left are off the document already (`engine.orders.standing`) and are no part of
a credit memo; units that had left, shipping, duties and goodwill are. Goodwill is what a refund pays more or less than
it gives back, as Shopify's refund discrepancy states it for the whole order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.model.ids import Sku
from engine.model.money import MoneyBag, nothing, total
from engine.model.order import Order, OrderLine, Refund, RefundLine
from engine.model.sale import LineKind
from engine.orders.standing import TakenOut, never_left, share, standing, taken, taken_out

GOODWILL = "Refund adjustment"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of one line or charge is given back."""

    line: str
    sku: Sku | None
    title: str
    units: int
    amount: MoneyBag
    """After discounts; with the tax where prices include it."""
    tax: MoneyBag
    kind: LineKind = LineKind.GOODS


@dataclass(frozen=True, slots=True)
class Credit:
    """By how much one refund lessens what is owed for a document; all its parts together."""

    refund: Refund
    parts: tuple[GivenBack, ...]
    amount: MoneyBag


def credits_of(order: Order, shipped: Mapping[Sku, int]) -> tuple[Credit, ...]:
    """One per refund that lessens it, or takes part of an amendment's worth back; `shipped` by the back office."""
    out = taken_out(order, shipped)
    made = [Credit(refund, tuple(_parts(order, refund, out)), _nothing(order)) for refund in order.refunds]
    goodwill = _goodwill(order)
    found = []
    for each in made:
        more = goodwill.get(each.refund.id, _nothing(order))
        parts = each.parts if not _any(more) else (*each.parts, _part(GOODWILL, more, order))
        amount = total([_worth(order, part) for part in parts], _nothing(order))
        if _any(amount):
            found.append(Credit(each.refund, parts, amount))
    return tuple(found)


def left_to_owe(order: Order, shipped: Mapping[Sku, int]) -> tuple[Decimal, Decimal] | None:
    """(document's total less credit memos, what Shopify says it is worth), without cash rounding, in the shop currency.

    None when Shopify does not state it.
    """
    stated = order.stated
    if stated.current_total is None:
        return None
    worth = standing(order, shipped).total.shop.amount
    worth -= sum((each.amount.shop.amount for each in credits_of(order, shipped)), Decimal(0))
    if order.rounding is not None:
        worth -= order.rounding.shop.amount
    owed = stated.current_total.shop.amount
    return worth, owed if stated.discrepancy is None else owed + stated.discrepancy.shop.amount


def _parts(order: Order, refund: Refund, out: Mapping[str, TakenOut]) -> Iterator[GivenBack]:
    for given in refund.lines:
        line = next((line for line in order.lines if line.id == given.line), None)
        if line is None:
            continue
        units, amount, tax = given.quantity, *_given(order, line, given)
        for mine, off, its_amount, its_tax in taken(order, line, out[line.id].units if line.id in out else 0):
            if mine is given:
                units, amount, tax = units - off, amount - its_amount, tax - its_tax
        if units or _any(amount) or _any(tax):
            kind = LineKind.GIFT_CARD if line.is_gift_card else LineKind.GOODS
            yield GivenBack(line.id, line.sku, line.title, units, amount, tax, kind)
    if never_left(refund, order, out):
        return
    titles = {charge.id: charge.title for charge in order.shipping}
    for key, amount, tax in refund.shipping:
        yield GivenBack(key, None, titles.get(key) or "Shipping", 1, amount, tax, LineKind.SHIPPING)
    if order.duties is not None and refund.duties:
        yield _part("Duties", total(refund.duties, _nothing(order)), order, LineKind.DUTY)


def _given(order: Order, line: OrderLine, given: RefundLine) -> tuple[MoneyBag, MoneyBag]:
    """Amount and tax of a refund line: as stated, else its units' share of the line."""
    if given.subtotal is not None and given.tax is not None:
        return given.subtotal, given.tax
    start = _nothing(order)
    paid = line.unit_price.times(line.quantity) - total([each.amount for each in line.allocations], start)
    tax = total([each.amount for each in line.taxes], start)
    return share(paid, given.quantity, line.quantity), share(tax, given.quantity, line.quantity)


def _goodwill(order: Order) -> Mapping[str, MoneyBag]:
    """By refund, what it pays beyond what it gives back; all of them make up the discrepancy that Shopify states.

    A refund without a payment, as an edit leaves one, has none: what it gives back is owed to the buyer.
    """
    paid = {
        each.id: each.amount for each in order.transactions if each.kind == "REFUND" and _counts(each.status)
    }
    found: dict[str, MoneyBag] = {}
    for refund in order.refunds:
        if any(each in paid for each in refund.transactions):
            money = total([paid[each] for each in refund.transactions if each in paid], _nothing(order))
            found[refund.id] = money - total(
                [_worth(order, part) for part in _parts(order, refund, {})], _nothing(order)
            )
    if order.stated.discrepancy is None or not found:
        return found
    last = list(found)[-1]
    rest = _nothing(order) - order.stated.discrepancy - total(found.values(), _nothing(order))
    found[last] += rest
    return found


def _counts(status: str) -> bool:
    return status in ("SUCCESS", "PENDING")


def _worth(order: Order, part: GivenBack) -> MoneyBag:
    return part.amount if order.taxes_included else part.amount + part.tax


def _part(title: str, amount: MoneyBag, order: Order, kind: LineKind = LineKind.GOODS) -> GivenBack:
    return GivenBack("", None, title, 1, amount, _nothing(order), kind)


def _any(amount: MoneyBag) -> bool:
    return bool(amount.shop.amount or amount.presentment.amount)


def _nothing(order: Order) -> MoneyBag:
    return nothing(order.currency, order.presentment_currency)
