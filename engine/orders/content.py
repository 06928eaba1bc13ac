"""What an order contains of the fields that a back office may not be told: one sample each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime

from engine.model.buyer import Address, Company
from engine.model.order import Order, TaxLine

Found = Iterable[str]


def untold(order: Order, fields: Collection[str]) -> Mapping[str, str]:
    """Those of the fields that the order has, each with a sample; KeyError for a field without a reading."""
    found: dict[str, str] = {}
    for field in sorted(fields):
        sample = next((each for each in READINGS[field](order) if each), None)
        if sample is not None:
            found[field] = sample[:80]
    return found


def _billing(part: Callable[[Address], str]) -> Callable[[Order], Found]:
    """A part of the billing address where it differs from that of the shipping address."""

    def read(order: Order) -> Iterator[str]:
        bill, ship = order.buyer.billing, order.buyer.shipping
        if bill is not None and (ship is None or part(bill) != part(ship)):
            yield part(bill)

    return read


def _company(part: Callable[[Company], str]) -> Callable[[Order], Found]:
    return lambda order: () if order.buyer.company is None else (part(order.buyer.company),)


def _remitted(taxes: Iterable[TaxLine]) -> Iterator[str]:
    """Taxes that a marketplace remits."""
    return (f"{tax.title} {tax.amount.shop.amount}" for tax in taxes if tax.channel_liable)


def _street(at: int) -> Callable[[Address], str]:
    return lambda address: address.street[at] if len(address.street) > at else ""


def _day(at: datetime | None) -> str:
    return "" if at is None else at.date().isoformat()


READINGS: Mapping[str, Callable[[Order], Found]] = {
    "additionalFees.taxLines.channelLiable": lambda o: _remitted(t for f in o.fee_lines for t in f.taxes),
    "billingAddress.address1": _billing(_street(0)),
    "billingAddress.address2": _billing(_street(1)),
    "billingAddress.city": _billing(lambda address: address.city),
    "billingAddress.company": _billing(lambda address: address.company),
    "billingAddress.countryCodeV2": _billing(lambda address: address.country),
    "billingAddress.name": _billing(lambda address: address.name),
    "billingAddress.phone": _billing(lambda address: address.phone),
    "billingAddress.provinceCode": _billing(lambda address: address.province),
    "billingAddress.zip": _billing(lambda address: address.postcode),
    "discountApplications.code": lambda o: (d.title for d in o.discounts if d.kind == "code"),
    "discountApplications.title": lambda o: (d.title for d in o.discounts if d.kind != "code"),
    "lineItems.duties.taxLines.channelLiable": lambda o: _remitted(
        tax for line in o.lines for duty in line.duties for tax in duty.taxes
    ),
    "lineItems.lineItemGroup.title": lambda o: (line.bundle.title for line in o.lines if line.bundle),
    "lineItems.sellingPlan.name": lambda o: (line.selling_plan for line in o.lines),
    "lineItems.taxLines.channelLiable": lambda o: _remitted(t for line in o.lines for t in line.taxes),
    "paymentTerms.paymentSchedules.dueAt": lambda o: (
        (_day(x.due_at) for x in o.terms.instalments) if o.terms else ()
    ),
    "phone": lambda o: (o.buyer.phone,),
    "purchasingEntity.company.externalId": _company(lambda company: company.external_id),
    "purchasingEntity.location.externalId": _company(lambda company: company.location_external_id),
    "risk.recommendation": lambda o: (o.origin.risk,) if o.origin.risk in ("INVESTIGATE", "CANCEL") else (),
    "shippingLines.taxLines.channelLiable": lambda o: _remitted(t for c in o.shipping for t in c.taxes),
    "tags": lambda o: o.tags,
    "taxExempt": lambda o: ("true",) if o.buyer.tax_exempt else (),
}
"""How each is read; a field map may send nowhere only what can be read here."""
