"""The canonical order: what Shopify says was sold, complete enough to be proven to the cent."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from engine.model.buyer import Attribute, Buyer, Origin, PaymentTerms
from engine.model.ids import LocationId, OrderId, Sku
from engine.model.money import MoneyBag


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax as charged; never recomputed."""

    title: str
    rate: Decimal | None
    amount: MoneyBag
    channel_liable: bool = False
    """True when the marketplace remits it."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DiscountApplication:
    """A discount as the buyer met it: code, automatic, manual or script."""

    kind: str
    title: str
    target: str
    """Which lines it was for: ALL, ENTITLED or EXPLICIT."""
    method: str
    """ACROSS the lines, on EACH of them, or on ONE."""
    applies_to: str = "LINE_ITEM"
    """LINE_ITEM or SHIPPING_LINE."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The share of a discount application that fell on one line."""

    application: int
    amount: MoneyBag


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A duty on a line, or an additional fee of the order."""

    id: str
    title: str
    """Name of the fee, or the harmonised system code of the goods."""
    amount: MoneyBag
    taxes: tuple[TaxLine, ...] = ()
    country: str = ""
    """Country of origin the duty was computed for."""


@dataclass(frozen=True, slots=True)
class BundleParent:
    """What the buyer saw as one article, of which the line is a component."""

    id: str
    title: str
    quantity: int
    sku: str


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
    gross: MoneyBag | None = None
    """Shopify's own figure for quantity × unit price."""
    net: MoneyBag | None = None
    """Shopify's own figure after all discounts and before taxes, for the current quantity."""
    duties: tuple[Surcharge, ...] = ()
    variant_title: str = ""
    vendor: str = ""
    taxable: bool = True
    attributes: tuple[Attribute, ...] = ()
    selling_plan: str = ""
    bundle: BundleParent | None = None


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """One shipping charge."""

    id: str
    title: str
    price: MoneyBag
    """Before discounts."""
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    discounted: MoneyBag | None = None
    """Shopify's own figure after discounts."""
    code: str = ""
    source: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money, as the gateway reported it."""

    id: str
    kind: str
    """AUTHORIZATION, EMV_AUTHORIZATION, CAPTURE, SALE, REFUND, VOID, CHANGE or SUGGESTED_REFUND."""
    status: str
    """SUCCESS, PENDING, FAILURE, ERROR, AWAITING_RESPONSE or UNKNOWN."""
    gateway: str
    amount: MoneyBag
    """Without cash rounding."""
    parent: str | None = None
    rounding: MoneyBag | None = None
    """What cash was rounded by."""
    unsettled: MoneyBag | None = None
    """What of an authorisation is still to be captured."""
    manual: bool = False
    processed_at: datetime | None = None
    payment: str = ""
    """The payment provider's reference."""


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """A group of lines that Shopify wants shipped from one location."""

    id: str
    status: str
    """OPEN, IN_PROGRESS, SCHEDULED, ON_HOLD, INCOMPLETE, CANCELLED or CLOSED."""
    location: LocationId | None
    lines: tuple[tuple[str, int], ...]
    """(line item id, remaining quantity)."""
    method: str = ""
    """SHIPPING, PICK_UP, LOCAL, RETAIL, NONE."""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """Goods that left a location."""

    id: str
    status: str
    location: LocationId | None
    created_at: datetime
    lines: tuple[tuple[str, int], ...]
    """(line item id, quantity)."""
    tracking: tuple[tuple[str, str, str], ...] = ()
    """(company, number, address)."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units given back; restocked where `location` says, if at all."""

    line: str
    quantity: int
    restock: str
    """RETURN, CANCEL, NO_RESTOCK or LEGACY_RESTOCK."""
    location: LocationId | None
    subtotal: MoneyBag | None = None
    tax: MoneyBag | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund with its lines; its money is in the transactions it names."""

    id: str
    created_at: datetime
    lines: tuple[RefundLine, ...]
    shipping: tuple[tuple[str, MoneyBag, MoneyBag], ...] = ()
    """(shipping line id, amount, its tax)."""
    duties: tuple[MoneyBag, ...] = ()
    transactions: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """Sums that Shopify states about the order; ours must equal each that is given."""

    subtotal: MoneyBag | None = None
    """Lines after discounts, before returns."""
    tax: MoneyBag | None = None
    duties: MoneyBag | None = None
    """Duties as calculated at first, whether they are inside the prices or not."""
    current_total: MoneyBag | None = None
    """After edits and returns, as all that begin with current."""
    current_subtotal: MoneyBag | None = None
    current_tax: MoneyBag | None = None
    current_shipping: MoneyBag | None = None
    current_duties: MoneyBag | None = None
    current_fees: MoneyBag | None = None
    received: MoneyBag | None = None
    refunded: MoneyBag | None = None
    net_payment: MoneyBag | None = None
    outstanding: MoneyBag | None = None
    """Negative when the merchant owes."""
    discrepancy: MoneyBag | None = None
    """What refunds differ from what was suggested; positive in the merchant's favour."""
    refund_rounding: MoneyBag | None = None


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
    """What the buyer was charged, returns not counted: Shopify's totalPriceSet and the rounding of cash."""
    shipping: tuple[ShippingLine, ...] = ()
    discounts: tuple[DiscountApplication, ...] = ()
    duties: MoneyBag | None = None
    """None when there are none, and when they are inside the prices of the lines."""
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
    fee_lines: tuple[Surcharge, ...] = ()
    duties_included: bool = False
    stated: Stated = field(default_factory=Stated)
    buyer: Buyer = field(default_factory=Buyer)
    origin: Origin = field(default_factory=Origin)
    terms: PaymentTerms | None = None
    attributes: tuple[Attribute, ...] = ()
