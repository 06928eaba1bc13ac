"""Money that moves after a sale was booked: later payments, credit memos and refunds, each a record of its own."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import OrderId, Sku
from engine.model.sale import LineKind


class EntryKind(StrEnum):
    """What an entry does to a document's account."""

    PAYMENT = "payment"
    """Money taken from the buyer."""
    CREDIT = "credit_memo"
    """The buyer owes less: goods that had left came back, shipping or duties were given back, or goodwill."""
    REFUND = "refund"
    """Money paid back to the buyer."""


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What of a line or a charge is given back."""

    key: str
    """Shopify's id of the line or the shipping charge; empty for duties and for goodwill."""
    sku: Sku | None
    title: str
    quantity: int
    """Units given back; 1 for what is no goods."""
    amount: Decimal
    """After discounts, in the shop currency; with the tax where the document's prices include it."""
    tax: Decimal
    """As Shopify gave it back, whether it is inside `amount` or on top."""
    kind: LineKind = LineKind.GOODS
    """What the line stands for; goodwill counts as goods without a SKU."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record for a back office; the same key is never entered twice."""

    key: str
    """Its subject, with a number behind it for what was found to be more or less after one was entered."""
    subject: str
    """Shopify's id of the transaction, or of the refund for a credit memo."""
    kind: EntryKind
    order: OrderId
    name: str
    """The order as people call it."""
    amount: Decimal
    """In the shop currency. Negative only where it takes back part of an earlier entry or of an amendment."""
    currency: str
    presentment: Decimal
    """The same in the buyer's currency."""
    presentment_currency: str
    at: datetime
    transaction: str = ""
    """Shopify's kind of transaction: SALE, CAPTURE or REFUND; empty for a credit memo, as what follows."""
    gateway: str = ""
    account: str = ""
    """The back office's name for the gateway, where the configuration gives one."""
    subsidiary: str = ""
    """Which part of the company sold, where the configuration says so by market."""
    refund: str = ""
    """Shopify's id of the refund that it belongs to."""
    taxes_included: bool = False
    lines: tuple[CreditLine, ...] = ()
    """Of a credit memo; they add up to its amount."""
    note: str = ""
