"""An order as it stands: what was taken out before it left is neither owed nor charged any more.

Shopify keeps a line as it was sold and tells of units taken out by an edit, a refund or a partial cancellation in
refunds of their own. Of those, units that had left come back as returns and change nothing here; units that never
left are taken off their line, with the amount and the tax that Shopify states for them, and so are the duties and
the shipping that were given back with nothing else than such units.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.model.currencies import DIGITS
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.money import Money, MoneyBag, nothing, total
from engine.model.order import Allocation, Order, OrderLine, Refund, RefundLine, ShippingLine, TaxLine
from engine.orders.allocate import share_out
from engine.orders.places import places


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Units of one line that never left and are not wanted any more."""

    units: int
    amount: MoneyBag
    """After discounts; with the tax where prices include it."""
    tax: MoneyBag


def standing(order: Order, shipped: Mapping[Sku, int] | None = None) -> Order:
    """The order less what was taken out before it left; the order itself when that is nothing.

    Units that the back office has `shipped` all the same stay in, with their money. Raises Refused when the units
    taken out are worth more than Shopify charged for their line.
    """
    out = taken_out(order, shipped or {})
    if not out:
        return order
    lines = tuple(_less(order, line, out[line.id]) if line.id in out else line for line in order.lines)
    worth = nothing(order.currency, order.presentment_currency)
    for each in out.values():
        worth = worth + each.amount if order.taxes_included else worth + each.amount + each.tax
    shipping, duties = list(order.shipping), order.duties
    for refund in order.refunds:
        if not never_left(refund, order, out):
            continue
        for number, charge in enumerate(shipping):
            for line, amount, tax in refund.shipping:
                if line == charge.id:
                    shipping[number] = charge = _cheaper(order, charge, amount, tax)
                    worth = worth + amount if order.taxes_included else worth + amount + tax
        for given in refund.duties if duties is not None else ():
            duties, worth = duties and duties - given, worth + given
    return replace(
        order, lines=lines, shipping=tuple(shipping), duties=duties, total=order.total - worth
    )  # fmt: skip


def taken_out(order: Order, shipped: Mapping[Sku, int]) -> Mapping[str, TakenOut]:
    """By line, what was taken out before it left and has not been `shipped` all the same."""
    units = _units(order)
    wanted: dict[Sku, int] = {}
    for line in order.lines:
        if line.sku and line.requires_shipping:
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity - units.get(line.id, 0)
    over = {sku: gone - wanted[sku] for sku, gone in shipped.items() if gone > wanted.get(sku, gone)}
    for line in order.lines:
        if line.sku in over and line.requires_shipping and units.get(line.id):
            kept = min(units[line.id], over[line.sku])
            units[line.id] -= kept
            over[line.sku] -= kept
    return {
        line.id: TakenOut(units[line.id], *_worth(order, line, units[line.id]))
        for line in order.lines
        if units.get(line.id)
    }


def _units(order: Order) -> dict[str, int]:
    """Units that were taken out before they left: neither gone nor held for shipping.

    Of a line that no fulfilment order lists, as what does not ship may be, it is what a refund calls cancelled.
    """
    if all(line.quantity <= line.current_quantity for line in order.lines):
        return {}
    placed = {line: sum(at.values()) for line, at in places(order).items()}
    groups = [group.lines for group in order.fulfilment_orders] + [gone.lines for gone in order.fulfilments]
    listed = {line for lines in groups for line, _ in lines}
    found: dict[str, int] = {}
    for line in order.lines:
        removed = line.quantity - line.current_quantity
        if removed <= 0:
            continue
        if line.requires_shipping or line.id in listed:
            never = line.quantity - placed.get(line.id, 0)
        else:
            never = sum(given.quantity for given in _given(order, line) if given.restock == "CANCEL")
        if never > 0:
            found[line.id] = min(never, removed)
    return found


def _given(order: Order, line: OrderLine) -> Iterator[RefundLine]:
    """What refunds say of a line; what they call cancelled comes first, what had left not at all."""
    mine = [given for refund in order.refunds for given in refund.lines if given.line == line.id]
    yield from (given for given in mine if given.restock == "CANCEL")
    yield from (given for given in mine if given.restock not in ("CANCEL", "RETURN"))


def taken(order: Order, line: OrderLine, units: int) -> Iterator[tuple[RefundLine, int, MoneyBag, MoneyBag]]:
    """Which refund lines took so many units of a line out before they left: (refund line, units, amount, tax)."""
    for given in _given(order, line):
        if units and given.subtotal is not None and given.tax is not None:
            take = min(units, given.quantity)
            units -= take
            yield (
                given,
                take,
                share(given.subtotal, take, given.quantity),
                share(given.tax, take, given.quantity),
            )


def _worth(order: Order, line: OrderLine, units: int) -> tuple[MoneyBag, MoneyBag]:
    """Amount and tax of units of a line: as refunds state them, else their share of the line."""
    amount = tax = nothing(order.currency, order.presentment_currency)
    left = units
    for _, take, its_amount, its_tax in taken(order, line, units):
        amount, tax, left = amount + its_amount, tax + its_tax, left - take
    if left:
        others = line.quantity - units + left
        paid = line.unit_price.times(line.quantity) - _sum(order, [each.amount for each in line.allocations])
        amount += share(paid - amount, left, others)
        tax += share(_sum(order, [each.amount for each in line.taxes]) - tax, left, others)
    return amount, tax


def _less(order: Order, line: OrderLine, out: TakenOut) -> OrderLine:
    """A line without these units: its discounts and taxes give up what the units had of them."""
    saved = line.unit_price.times(out.units) - out.amount
    discounts = _parts_less([each.amount for each in line.allocations], saved, order, line)
    taxes = _parts_less([each.amount for each in line.taxes], out.tax, order, line)
    left = line.quantity - out.units
    if not left and any(each.shop.amount or each.presentment.amount for each in (*discounts, *taxes)):
        raise _odd(order, line)
    return replace(
        line,
        quantity=left,
        allocations=tuple(
            Allocation(each.application, amount)
            for each, amount in zip(line.allocations, discounts, strict=True)
        ),
        taxes=_taxed(line.taxes, taxes),
        gross=None,
        net=None,
    )


def _cheaper(order: Order, charge: ShippingLine, amount: MoneyBag, tax: MoneyBag) -> ShippingLine:
    """A shipping charge of which so much was given back."""
    taxes = _parts_less([each.amount for each in charge.taxes], tax, order, charge)
    return replace(
        charge, price=charge.price - amount, taxes=_taxed(charge.taxes, taxes), discounted=None
    )  # fmt: skip


def _taxed(taxes: Sequence[TaxLine], amounts: Sequence[MoneyBag]) -> tuple[TaxLine, ...]:
    return tuple(replace(each, amount=amount) for each, amount in zip(taxes, amounts, strict=True))


def never_left(refund: Refund, order: Order, out: Mapping[str, TakenOut]) -> bool:
    """The refund is of units taken out before they left, and of nothing else."""
    for given in refund.lines:
        line = next((line for line in order.lines if line.id == given.line), None)
        removed = 0 if line is None else sum(each.quantity for each in _given(order, line))
        if given.restock == "RETURN" or given.line not in out or out[given.line].units < removed:
            return False
    return bool(refund.lines)


def _parts_less(
    parts: Sequence[MoneyBag], less: MoneyBag, order: Order, line: OrderLine | ShippingLine
) -> list[MoneyBag]:
    """Amounts that together become smaller by `less`, each by its share; the largest remainder takes the odd cent."""
    if not less.shop.amount and not less.presentment.amount:
        return list(parts)
    shop = _taken([part.shop for part in parts], less.shop)
    presentment = _taken([part.presentment for part in parts], less.presentment)
    if shop is None or presentment is None:
        raise _odd(order, line)
    return [MoneyBag(one, other) for one, other in zip(shop, presentment, strict=True)]


def _taken(parts: Sequence[Money], less: Money) -> list[Money] | None:
    """None when the parts do not hold that much."""
    step = _step(less.currency)
    weights = [max(0, int(part.amount / step)) for part in parts]
    if not less.amount:
        return list(parts)
    if not any(weights) or less.amount > sum((part.amount for part in parts), Decimal(0)):
        return None
    shares = share_out(less.amount, weights, step)
    return [Money(part.amount - share, part.currency) for part, share in zip(parts, shares, strict=True)]


def share(amount: MoneyBag, units: int, of: int) -> MoneyBag:
    """So many units' part of what all of them are worth."""
    if units == of:
        return amount

    def part(side: Money) -> Money:
        return Money(share_out(side.amount, [units, of - units], _step(side.currency))[0], side.currency)

    return MoneyBag(part(amount.shop), part(amount.presentment))


def _sum(order: Order, amounts: Sequence[MoneyBag]) -> MoneyBag:
    return total(amounts, nothing(order.currency, order.presentment_currency))


def _step(currency: str) -> Decimal:
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


def _odd(order: Order, line: OrderLine | ShippingLine) -> Refused:
    return Refused(
        f"Order {order.name} gives back another amount for what was taken out of “{line.title}” than was charged.",
        f"Look at it with trueup order proof {order.name}, correct the order in Shopify and retry.",
        code="order_does_not_add_up",
    )
