"""The sales document: what a back office is asked to hold for one Shopify order, and what it says it holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.buyer import Attribute, Buyer, Origin, PaymentTerms
from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId
from engine.model.order import BundleParent, DiscountApplication


class LineKind(StrEnum):
    """What a sales line stands for."""

    GOODS = "goods"
    GIFT_CARD = "gift_card"
    """A gift card sold: a liability until it is redeemed."""
    SHIPPING = "shipping"
    DUTY = "duty"
    TIP = "tip"
    FEE = "fee"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class SalesLine:
    """One line; `quantity × unit_price − discount (+ tax when exclusive)` is its total."""

    key: str
    """Shopify's line id, with a suffix where a line is in several parts; unique inside the document."""
    kind: LineKind
    sku: Sku | None
    title: str
    quantity: int
    unit_price: Decimal
    """In the shop currency; includes tax when the document says so."""
    discount: Decimal
    tax: Decimal
    """As charged by Shopify, for the whole line."""
    taxes: tuple[tuple[str, Decimal], ...]
    """(title, amount), adding up to `tax`."""
    warehouse: WarehouseId | None
    """Where the goods are to leave from; None for what does not ship."""
    channel_tax: Decimal = Decimal(0)
    """The part of `tax` that a marketplace remits itself."""
    attributes: tuple[Attribute, ...] = ()
    selling_plan: str = ""
    bundle: BundleParent | None = None
    carrier: str = ""
    """The back office's name for the shipping method, where the configuration gives one."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money taken or promised, as given by the storefront."""

    key: str
    kind: str
    gateway: str
    amount: Decimal
    """With the rounding of cash, so that payments make up the total."""
    presentment: Decimal | None = None
    manual: bool = False
    """Taken outside Shopify: bank transfer, cash on delivery and the like."""
    account: str = ""
    """The back office's name for the gateway, where the configuration gives one."""


@dataclass(frozen=True, slots=True)
class SalesDocument:
    """A Shopify order in the shape every back office can take; amounts in the shop currency."""

    ref: OrderId
    """External reference; a back office must never hold two documents with the same one."""
    name: str
    placed_at: datetime
    currency: str
    taxes_included: bool
    lines: tuple[SalesLine, ...]
    total: Decimal
    presentment_currency: str
    presentment_total: Decimal
    payments: tuple[Payment, ...]
    customer: str
    email: str
    address: tuple[str, ...]
    note: str
    buyer: Buyer = field(default_factory=Buyer)
    origin: Origin = field(default_factory=Origin)
    terms: PaymentTerms | None = None
    attributes: tuple[Attribute, ...] = ()
    tags: tuple[str, ...] = ()
    discounts: tuple[DiscountApplication, ...] = ()
    tax_codes: Mapping[str, str] = field(default_factory=dict)
    """The back office's code by title of the tax, where the configuration gives them."""
    subsidiary: str = ""
    """Which part of the company sells, where the configuration says so by market."""


class DocumentStatus(StrEnum):
    """Where a document stands in the back office."""

    OPEN = "open"
    """It reserves stock."""
    SHIPPED = "shipped"
    """All its goods have left."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """Goods of one document at one warehouse."""

    sku: Sku
    warehouse: WarehouseId
    quantity: int
    """Ordered units allotted to this warehouse."""
    shipped: int
    """Of those, units that have left."""
    shipped_at: datetime | None
    """When the last of them left."""
    returned: int = 0
    """Units booked back into stock at this warehouse."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier has under way for a document."""

    number: str
    """By which it is tracked."""
    carrier: str = ""
    """Its name in the back office."""
    url: str = ""
    """Where it is tracked, if the back office says so; Shopify knows the addresses of many carriers."""
    warehouse: WarehouseId | None = None
    """Where it left from; None where the back office does not say."""
    skus: frozenset[Sku] = frozenset()
    """What is in it; empty where the back office does not say."""


@dataclass(frozen=True, slots=True)
class Document:
    """A sales document as the back office has it, read back."""

    id: DocumentId
    ref: OrderId
    status: DocumentStatus
    total: Decimal
    lines: tuple[DocumentLine, ...]
    parcels: tuple[Parcel, ...] = ()
    """Of what has left, as far as they have numbers."""
    unbilled: bool = False
    """It has left and is not billed in full, and `BackOffice.bill` is to bill it."""


def shipped(document: Document | None) -> Mapping[Sku, int]:
    """Units of each SKU that have left; nothing without a document."""
    left: Counter[Sku] = Counter()
    for line in document.lines if document is not None else ():
        left[line.sku] += line.shipped
    return +left
