"""The canonical order: what Shopify says was sold, complete enough to be proven to the cent."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from engine.model.ids import LocationId, OrderId, Sku
from engine.model.money import MoneyBag


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax as charged; never recomputed."""

    title: str
    rate: Decimal | None
    amount: MoneyBag


@dataclass(frozen=True, slots=True)
class DiscountApplication:
    """A discount as the buyer met it: code, automatic, manual or script."""

    kind: str
    title: str
    target: str
    method: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """The share of a discount application that fell on one line."""

    application: int
    amount: MoneyBag


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line item; money is for the original quantity."""

    id: str
    sku: Sku | None
    title: str
    quantity: int
    current_quantity: int
    unit_price: MoneyBag
    """Before discounts."""
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    requires_shipping: bool = True
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """One shipping charge."""

    id: str
    title: str
    price: MoneyBag
    """Before discounts."""
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money, as the gateway reported it."""

    id: str
    kind: str
    """AUTHORIZATION, CAPTURE, SALE, REFUND, VOID or CHANGE."""
    status: str
    gateway: str
    amount: MoneyBag


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """A group of lines that Shopify wants shipped from one location."""

    id: str
    status: str
    """OPEN, IN_PROGRESS, SCHEDULED, ON_HOLD, INCOMPLETE, CANCELLED or CLOSED."""
    location: LocationId | None
    lines: tuple[tuple[str, int], ...]
    """(line item id, remaining quantity)."""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """Goods that left a location."""

    id: str
    status: str
    location: LocationId | None
    created_at: datetime
    lines: tuple[tuple[str, int], ...]
    """(line item id, quantity)."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units given back; restocked where `location` says, if at all."""

    line: str
    quantity: int
    restock: str
    """RETURN, CANCEL, NO_RESTOCK or LEGACY_RESTOCK."""
    location: LocationId | None


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund with its lines."""

    id: str
    created_at: datetime
    lines: tuple[RefundLine, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A Shopify order as read by id, normalised."""

    id: OrderId
    name: str
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    currency: str
    presentment_currency: str
    taxes_included: bool
    lines: tuple[OrderLine, ...]
    total: MoneyBag
    """What the buyer was charged when the order was placed (Shopify totalPriceSet)."""
    shipping: tuple[ShippingLine, ...] = ()
    discounts: tuple[DiscountApplication, ...] = ()
    duties: MoneyBag | None = None
    tips: MoneyBag | None = None
    fees: MoneyBag | None = None
    rounding: MoneyBag | None = None
    transactions: tuple[Transaction, ...] = ()
    fulfilment_orders: tuple[FulfilmentOrder, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    retail_location: LocationId | None = None
    customer: str = ""
    email: str = ""
    address: tuple[str, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = field(default=())
