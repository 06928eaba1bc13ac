"""The sales document: what a back office is asked to hold for one Shopify order, and what it says it holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import DocumentId, OrderId, Sku, WarehouseId


class LineKind(StrEnum):
    """What a sales line stands for."""

    GOODS = "goods"
    SHIPPING = "shipping"
    DUTY = "duty"
    TIP = "tip"
    FEE = "fee"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class SalesLine:
    """One line; `quantity × unit_price − discount (+ tax when exclusive)` is its total."""

    key: str
    """Shopify's line id; unique inside the document."""
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


@dataclass(frozen=True, slots=True)
class Payment:
    """Money taken or promised, as given by the storefront."""

    key: str
    kind: str
    gateway: str
    amount: Decimal


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
class Document:
    """A sales document as the back office has it, read back."""

    id: DocumentId
    ref: OrderId
    status: DocumentStatus
    total: Decimal
    lines: tuple[DocumentLine, ...]
